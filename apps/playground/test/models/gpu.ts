import { collectFaults, openBrowser, SOFTWARE_WEBGPU } from '@judge-decoding/browser';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureAsInNode, savedTrace } from './against-node.ts';

const PROBLEM = 'Mia has 12 pens. Mia gets 5 pens from Leo. How many pens does Mia have now?';

/** The pocket pair itself, on the software adapter of the browser: correct and slow. Each model has a worker and a device. */
export const gpuTests = (url: () => string) =>
  describe('a GPU', () => {
    let browser: Browser;
    let page: Page;
    let faults: readonly string[];
    beforeAll(async () => {
      browser = await openBrowser({ args: SOFTWARE_WEBGPU });
      page = await browser.newPage({ reducedMotion: 'reduce' });
      page.setDefaultTimeout(540_000);
      faults = collectFaults(page);
    });
    afterAll(() => browser?.close());

    test('answers there, with the draft where it is faster, and says what came back from the GPU', async () => {
      await page.goto(`${url()}#/play?problem=${encodeURIComponent(PROBLEM)}`);
      await page.getByLabel('Runs on').selectOption('webgpu');
      await page.getByRole('button', { name: 'Answer', exact: true }).click();
      await page.getByRole('button', { name: 'Step through' }).waitFor();
      const answer = page.getByRole('listbox', { name: 'Tokens of the answer', exact: true });
      expect(await answer.textContent()).toContain('12 + 5 = 17');
      // both times were measured; which is the smaller one is this machine's own affair
      const status = await page.locator('.problem .status').textContent();
      expect(status).toMatch(/a processor that plays the GPU: slow/);
      expect(status).toMatch(
        /the draft (on the processor|there too) \([\d.e+]+ ms a token, on the \w+ [\d.e+]+ ms\)/,
      );
      const bytes = page.locator('.figures div', { hasText: 'read back a round' }).locator('dd');
      // with the likeliest tokens of each row, which the page shows: logits
      expect(await bytes.textContent()).toMatch(/^\d+ kB (at once|in [\d.]+ parts)$/);
      await ensureAsInNode(await savedTrace(page));
      expect(faults).toEqual([]);
    });
  });
