import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPage, describeInBrowser } from '@judge-decoding/browser';
import { targetFolder } from '@judge-decoding/pocket-pair';
import { afterAll, beforeAll } from 'vitest';
import { contractTests } from './in-page/contract.ts';
import { familyTests } from './in-page/families.ts';
import { modelTests } from './in-page/models.ts';
import { type OpenedPage, openPage, PAGE } from './open-page.ts';

const root = await mkdtemp(join(tmpdir(), 'judge-page-models-'));
const site = join(root, 'site');
let opened: OpenedPage;

/**
 * All in one page, and on one device of the software adapter: what models run there is translated once, which takes longer than all
 * that they then compute. A worker and a device for each model, as people have them, are in the playground’s tests.
 */
describeInBrowser('in a page', () => {
  beforeAll(async () => {
    await cp(join(targetFolder, '..'), join(root, 'pocket'), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
    await buildPage(PAGE, site);
    opened = await openPage(
      [
        { at: '/pocket/', folder: join(root, 'pocket') },
        { at: '/models/', folder: root },
      ],
      { script: site },
    );
    await opened.call('shareGpu');
  });
  afterAll(async () => {
    await opened?.close();
    await rm(root, { recursive: true, force: true });
  });

  const on = {
    root,
    site,
    get opened() {
      return opened;
    },
  };
  contractTests(on);
  familyTests(on);
  modelTests(on);
});
