import { describeInBrowser } from '@judge-decoding/browser';
import type { RunningServer } from '@judge-decoding/static-server';
import { afterAll, beforeAll } from 'vitest';
import { builtPage } from './built-page.ts';
import { gpuTests } from './models/gpu.ts';
import { ownModelTests } from './models/own-model.ts';
import { pocketTests } from './models/pocket-pair.ts';

/** Models themselves, in the page as it is published: built once for all. */
describeInBrowser('models in the page', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await builtPage('served');
  });
  afterAll(() => server?.close());

  const url = () => server.url;
  gpuTests(url);
  pocketTests(url);
  ownModelTests(url);
});
