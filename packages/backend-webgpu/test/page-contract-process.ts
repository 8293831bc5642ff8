import { join } from 'node:path';
import { REAL_WEBGPU } from '@judge-decoding/browser';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import type { BrowserDevice } from '../src/browser/index.ts';
import { goldenOf } from './golden.ts';
import { openPage } from './open-page.ts';

/**
 * The whole contract in a page on a real GPU, a line of JSON a clause, and the adapter on a line before them:
 * `page-contract-process.ts FOLDER webgpu|wasm fp32|int8|int4`.
 */
const [folder, device, dtype] = process.argv.slice(2) as [string, BrowserDevice, 'fp32' | 'int8' | 'int4'];
const location = join(folder, 'models', dtype);
await makeTinyCheckpoint(location, { hiddenSize: 64, attentionHeads: 4, keyValueHeads: 2, layers: 2 });
const { text, ...golden } = await goldenOf(location, join(folder, 'cache'), dtype);
const opened = await openPage([{ at: '/models/', folder: join(folder, 'models') }], { args: REAL_WEBGPU });
try {
  const { details } = await opened.call('favourites', device, `/models/${dtype}`, [1, 2, 3]);
  console.log(JSON.stringify(details));
  opened.page.on('console', (message) => console.log(message.text()));
  const results = await opened.call('runContract', {
    options: { device, dtype, prefillChunk: 32 },
    location: `/models/${dtype}`,
    malformed: [],
    exempt: {},
    golden: { ...golden, ...(dtype === 'fp32' ? { text } : {}) },
  });
  process.exitCode = results.some(({ outcome }) => outcome === 'broken') ? 1 : 0;
} finally {
  await opened.close();
}
