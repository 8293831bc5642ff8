import { collectFaults, openBrowser, PATIENCE } from '@judge-decoding/browser';
import { USUAL_HEAD } from '@judge-decoding/pocket-pair';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureAsInNode, savedTrace } from './against-node.ts';

const PROBLEM = 'Mia has 12 pens. Mia gets 5 pens from Leo. How many pens does Mia have now?';

/**
 * The pocket pair itself, in WebAssembly: one visit of one person, whose tries fail in one way after another until one does not.
 * Each of them begins where the last one was refused, so each shows that the page got over that.
 */
export const pocketTests = (url: () => string) =>
  describe('the pocket pair', () => {
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    beforeAll(async () => {
      browser = await openBrowser();
      context = await browser.newContext({ reducedMotion: 'reduce' });
      page = await context.newPage();
      // models take their time
      page.setDefaultTimeout(3 * PATIENCE);
      await page.addInitScript(() => {
        // an adapter is what a browser without a GPU lacks
        if (!('gpu' in navigator)) Object.defineProperty(navigator, 'gpu', { value: {} });
      });
      await page.goto(`${url()}#/play?problem=${encodeURIComponent(PROBLEM)}`);
      await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    });
    afterAll(() => browser?.close());

    const button = (name: string) => page.getByRole('button', { name, exact: true });
    /** Tries to have an answer, which is refused. */
    const refused = async (): Promise<string> => {
      await button('Answer').click();
      const said = (await page.getByRole('alert').textContent()) ?? '';
      expect(await page.locator('.round').count()).toBe(0);
      return said;
    };
    const answer = async () => {
      await button('Answer').click();
      await button('Step through').waitFor();
    };

    test('a disk that is full is said before anything is fetched', async () => {
      const devtools = await context.newCDPSession(page);
      const { origin } = new URL(url());
      await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 3_000_000 });
      let fetched = 0;
      // the draft is small enough to fit
      page.on('request', (request) => {
        if (/target\/.*\.safetensors$/.test(request.url())) fetched += 1;
      });
      expect(await refused()).toMatch(/Expected room for .* MB .* in the browser’s storage/);
      expect(fetched).toBe(0);
      await devtools.send('Storage.overrideQuotaForOrigin', { origin });
    });

    test('a download that breaks off is said', async () => {
      let broken = 0;
      const files = '**/models/pocket/target/model-*.safetensors';
      await context.route(files, (route) => {
        broken += 1;
        return broken > 1 ? route.continue() : route.abort('connectionreset');
      });
      expect(await refused()).toMatch(/model-0000\d-of-\d+\.safetensors/);
      expect(broken).toBeGreaterThan(0);
      await context.unroute(files);
    });

    test('a file with another digest than the host lists is refused, and not kept', async () => {
      const list = '**/models/pocket/target/judge-files.json';
      await context.route(list, async (route) => {
        const response = await route.fetch();
        // the first of 64 hexadecimal digits
        const body = (await response.text()).replace(/[0-9a-f]{64}/, '0'.repeat(64));
        await route.fulfill({ response, body });
      });
      expect(await refused()).toMatch(/has the digest .*, the host’s list says 000000000000/);
      await context.unroute(list);
    });

    test('a folder that is no model is refused with a sentence', async () => {
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
      expect(await refused()).toMatch(/notes\.gguf/);
      await page.getByLabel('Models').selectOption('pocket');
    });

    test('a GPU that is not there is an error with a sentence, and nothing falls back by itself', async () => {
      await page.getByLabel('Runs on').selectOption('webgpu');
      expect(await refused()).toMatch(/GPU|WebGPU/);
      await page.getByLabel('Runs on').selectOption('wasm');
    });

    test('answers as Node does, row by row, and without a network the next time', async () => {
      const faults = collectFaults(page);
      await answer();
      const trace = await savedTrace(page);
      expect(trace.rounds.length).toBeGreaterThan(1);
      expect(trace.head?.file).toContain(`/${USUAL_HEAD}.safetensors`);
      // the type that judged answers are fastest in here, and that the head was measured in
      expect(trace.target.dtype).toBe('int8');
      await ensureAsInNode(trace);

      await context.setOffline(true);
      await page.reload();
      await answer();
      expect((await savedTrace(page)).text).toBe(trace.text);
      expect(faults).toEqual([]);
    });
  });
