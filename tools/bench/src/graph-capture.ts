/**
 * Whether ONNX Runtime in a page can record a step of a decoder on a GPU and replay it, and what that would bring:
 *
 *     npm run -s graph-capture        # in Chromium on its software adapter; --gpu for a real one
 */
import { fileURLToPath } from 'node:url';
import { openPage, REAL_WEBGPU } from '@judge-decoding/browser';
import type { Calls } from './in-page/capture-page.ts';

for (const [graphCapture, total] of [
  [false, 'cpu'],
  [true, 'cpu'],
  [true, 'gpu'],
] as const) {
  // a page each: a recording that failed leaves its runtime as it is
  const page = await openPage<Calls>(fileURLToPath(new URL('./in-page/capture-page.ts', import.meta.url)), {
    ...(process.argv.includes('--gpu') ? { args: REAL_WEBGPU } : {}),
  });
  const { steps, refused } = await page.call('capture', graphCapture, total);
  await page.close();
  console.log(`graph capture ${graphCapture ? 'on' : 'off'}, the cache's length on the ${total}:`);
  for (const [logit, milliseconds] of steps)
    console.log(`  first logit ${logit.toFixed(4)}, ${milliseconds.toFixed(1)} ms`);
  if (refused !== undefined) console.log(`  ${refused}`);
}
