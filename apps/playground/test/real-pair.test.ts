import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { collectFaults, describeInBrowser, openBrowser, PATIENCE } from '@judge-decoding/browser';
import { targetFolder, USUAL_HEAD } from '@judge-decoding/pocket-pair';
import type { RunningServer } from '@judge-decoding/static-server';
import { parseTrace, type Trace } from '@judge-decoding/trace';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { builtPage } from './built-page.ts';

const PROBLEM = 'Mia has 12 pens. Mia gets 5 pens from Leo. How many pens does Mia have now?';

/** The pocket pair itself, in WebAssembly. */
describeInBrowser('the page with the pocket pair', () => {
  let server: RunningServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let faults: readonly string[];
  beforeAll(async () => {
    [server, browser] = await Promise.all([builtPage('served'), openBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  beforeEach(async () => {
    context = await browser.newContext({ reducedMotion: 'reduce' });
    page = await context.newPage();
    // models take their time
    page.setDefaultTimeout(3 * PATIENCE);
    faults = collectFaults(page);
  });
  afterEach(() => context.close());

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const open = () => page.goto(`${server.url}#/play?problem=${encodeURIComponent(PROBLEM)}`);
  const answer = async () => {
    await button('Answer').click();
    await button('Step through').waitFor();
  };
  const saved = async (): Promise<Trace> => {
    const [download] = await Promise.all([page.waitForEvent('download'), button('Save trace').click()]);
    return parseTrace(await readFile(await download.path(), 'utf8'), 'trace.json');
  };

  test('answers as Node does, row by row, and without a network the next time', async () => {
    await open();
    await answer();
    const trace = await saved();
    expect(trace.rounds.length).toBeGreaterThan(1);
    expect(trace.head?.file).toContain(`/${USUAL_HEAD}.safetensors`);
    // the type that judged answers are fastest in here, and that the head was measured in
    expect(trace.target.dtype).toBe('int8');
    const { rows, alike } = await againstNode(trace);
    // forced decoding: both read the same text, so one difference does not bring about the next
    expect(rows).toBeGreaterThan(20);
    expect(alike / rows).toBeGreaterThanOrEqual(0.99);

    await context.setOffline(true);
    await page.reload();
    await answer();
    expect((await saved()).text).toBe(trace.text);
    await context.setOffline(false);
    expect(faults).toEqual([]);
  });

  test('a download that breaks off is said, and the next try begins anew', async () => {
    await open();
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    let broken = 0;
    await context.route('**/models/pocket/target/model-*.safetensors', (route) => {
      broken += 1;
      return broken > 1 ? route.continue() : route.abort('connectionreset');
    });
    await button('Answer').click();
    expect(await page.getByRole('alert').textContent()).toMatch(/model-0000\d-of-\d+\.safetensors/);
    expect(broken).toBeGreaterThan(0);
    await answer();
  });

  test('a disk that is full is said before anything is fetched', async () => {
    const devtools = await context.newCDPSession(page);
    const { origin } = new URL(server.url);
    await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 3_000_000 });
    let fetched = 0;
    // the draft is small enough to fit
    page.on('request', (request) => {
      if (/target\/.*\.safetensors$/.test(request.url())) fetched += 1;
    });
    await open();
    await button('Answer').click();
    expect(await page.getByRole('alert').textContent()).toMatch(
      /Expected room for .* MB .* in the browser’s storage/,
    );
    expect(fetched).toBe(0);
    await devtools.send('Storage.overrideQuotaForOrigin', { origin });
    await answer();
    expect(fetched).toBeGreaterThan(0);
  });

  test('a file with another digest than the host lists is refused, and not kept', async () => {
    let lies = true;
    await context.route('**/models/pocket/target/judge-files.json', async (route) => {
      const response = await route.fetch();
      const text = await response.text();
      // the first of 64 hexadecimal digits
      await route.fulfill({ response, body: lies ? text.replace(/[0-9a-f]{64}/, '0'.repeat(64)) : text });
    });
    await open();
    await button('Answer').click();
    expect(await page.getByRole('alert').textContent()).toMatch(
      /has the digest .*, the host’s list says 000000000000/,
    );
    lies = false;
    await answer();
  });

  test('a folder that is no model is refused with a sentence', async () => {
    await open();
    await page.getByLabel('Models').selectOption('choose');
    const file = (name: string, text: string) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(text),
    });
    for (const which of ['Target', 'Draft']) {
      await page.getByLabel(`${which}: what it is`).selectOption('file');
      await page
        .getByLabel(which, { exact: true })
        .setInputFiles([file('notes.gguf', 'these are notes, no model')]);
    }
    await button('Use them').click();
    await button('Answer').click();
    expect(await page.getByRole('alert').textContent()).toMatch(/notes\.gguf/);
    await page.getByLabel('Models').selectOption('pocket');
    await answer();
  });

  test('a GPU that is not there is an error with a sentence, and nothing falls back by itself', async () => {
    await page.addInitScript(() => {
      // an adapter is what a browser without a GPU lacks
      if (!('gpu' in navigator)) Object.defineProperty(navigator, 'gpu', { value: {} });
    });
    await open();
    await page.getByLabel('Runs on').selectOption('webgpu');
    await button('Answer').click();
    expect(await page.getByRole('alert').textContent()).toMatch(/GPU|WebGPU/);
    expect(await page.locator('.round').count()).toBe(0);
    await page.getByLabel('Runs on').selectOption('wasm');
    await answer();
  });
});

/** How many rows of the page’s target there are, and in how many the CPU backend has the same favourite. */
async function againstNode(trace: Trace): Promise<{ rows: number; alike: number }> {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'judge-page-node-'));
  const model = await cpuBackend({ cacheFolder }).open(targetFolder);
  try {
    const session = await model.openSession();
    const text = [...trace.prompt];
    let rows = 0;
    let alike = 0;
    for (const round of trace.rounds) {
      session.truncate(0);
      await session.forward(text.slice(0, -1), {});
      const { argmax } = await session.forward([...text.slice(-1), ...round.draft], { argmax: true });
      for (const [row, { choice }] of round.rows.entries()) {
        rows += 1;
        if (argmax[row] === choice) alike += 1;
      }
      text.push(...round.tokens.map(({ id }) => id));
    }
    return { rows, alike };
  } finally {
    await model.dispose();
    await rm(cacheFolder, { recursive: true });
  }
}
