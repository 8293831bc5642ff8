import { collectFaults, openBrowser, SOFTWARE_WEBGPU } from '@judge-decoding/browser';
import { draftFolder } from '@judge-decoding/pocket-pair';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureAsInNode, savedTrace } from './against-node.ts';

const PROBLEM = 'Mia has 12 pens. Mia gets 5 pens from Leo. How many pens does Mia have now?';
const ROUNDS = 9;

/**
 * A model that has learnt something, on the software adapter of the browser. The smaller one of the pocket pair, alone: for each
 * model’s device that adapter translates for half a minute, and where a draft is put is tested without it (placed.test.ts).
 */
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

    test('answers there as Node does, row by row, and says what came back from the GPU', async () => {
      await page.goto(`${url()}#/play?problem=${encodeURIComponent(PROBLEM)}&device=webgpu`);
      await page.getByLabel('Models').selectOption('choose');
      await page.getByLabel('Target', { exact: true }).setInputFiles(draftFolder);
      await page.getByRole('button', { name: 'Use them' }).click();
      await page.getByRole('button', { name: 'Answer', exact: true }).click();
      // with drafts, which this text has from its seventh round on; all of it would take twice as long
      await page
        .locator('.round')
        .nth(ROUNDS - 1)
        .waitFor();
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await page.getByRole('button', { name: 'Step through' }).waitFor();
      const answer = page.getByRole('listbox', { name: 'Tokens of the answer', exact: true });
      expect(await answer.textContent()).toMatch(/^Initially, this person keeps 12/);
      const status = await page.locator('.problem .status').textContent();
      expect(status).toMatch(/a processor that plays the GPU: slow/);
      const bytes = page.locator('.figures div', { hasText: 'read back a round' }).locator('dd');
      // with the likeliest tokens of each row, which the page shows: logits
      expect(await bytes.textContent()).toMatch(/^\d+ kB (at once|in [\d.]+ parts)$/);
      const trace = await savedTrace(page);
      expect(trace.rounds.filter(({ draft }) => draft.length > 0).length).toBeGreaterThan(1);
      await ensureAsInNode(trace, draftFolder);
      expect(faults).toEqual([]);
    });
  });
