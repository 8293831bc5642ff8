/**
 * Which GPU the pages of this machine's Chromium get: a line of JSON; 1 where there is none, 3 where a processor plays
 * it. `JUDGE_CHROME_ARGS` are words for the browser's command line.
 *
 *     npm run -s browser-gpu
 */
import { openBrowser, REAL_WEBGPU } from '@judge-decoding/browser';
import { serve } from '@judge-decoding/static-server';
import { inFolder } from './workspace.ts';

await inFolder(async (folder) => {
  // pages have WebGPU where they come from this machine or over https
  const server = await serve({ mounts: [{ at: '/', folder }], port: 0, isolated: false });
  const browser = await openBrowser({ args: REAL_WEBGPU });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    const adapter = await page.evaluate(async () => {
      const found = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
      if (found === undefined || found === null) return null;
      const { vendor, architecture, device, description, isFallbackAdapter } = found.info;
      return {
        ...{ vendor, architecture, device, description, isFallbackAdapter },
        features: [...found.features],
        maxBufferSize: found.limits.maxBufferSize,
      };
    });
    console.log(JSON.stringify({ browser: browser.version(), adapter }));
    if (adapter === null || /swiftshader|llvmpipe/i.test(JSON.stringify(adapter))) {
      process.exitCode = adapter === null ? 1 : 3;
      // what Chromium itself says of the GPU
      await page.goto('chrome://gpu', { waitUntil: 'load' }).catch(() => undefined);
      const said = await page.evaluate(() => document.body?.textContent ?? '').catch(String);
      console.error(said.slice(0, 6000));
    }
  } finally {
    await browser.close();
    await server.close();
  }
});
