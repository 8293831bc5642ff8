import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectFaults, openBrowser } from '@judge-decoding/browser';
import { makeTinyCheckpoint, makeTinyGguf } from '@judge-decoding/checkpoint/testing';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** One model of one’s own, without a draft and without a head. */
export const ownModelTests = (url: () => string) =>
  describe('one model from a file', () => {
    let folder: string;
    let browser: Browser;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'judge-own-model-'));
      // an answer ends where the context does
      await makeTinyCheckpoint(join(folder, 'tiny'), { vocabSize: 512, contextLength: 128 });
      await makeTinyGguf(join(folder, 'tiny'), join(folder, 'tiny.gguf'), { type: 'Q8_0' });
      browser = await openBrowser();
    });
    afterAll(async () => {
      await browser?.close();
      await rm(folder, { recursive: true, force: true });
    });

    test.each([
      ['a folder', 'folder', 'tiny'],
      // in floats, too: in WebAssembly they are what is fast
      ['a GGUF file', 'file', 'tiny.gguf'],
    ])('%s is read here, and decodes with drafts that are looked up in the text', async (_, kind, name) => {
      const page = await browser.newPage({ reducedMotion: 'reduce' });
      page.setDefaultTimeout(200_000);
      const faults = collectFaults(page);
      await page.goto(`${url()}#/play?problem=${encodeURIComponent('one two three one two three one two')}`);
      await page.getByLabel('Models').selectOption('choose');
      await page.getByLabel('Target: what it is').selectOption(kind);
      await page.getByLabel('Target', { exact: true }).setInputFiles(join(folder, name));
      await page.getByRole('button', { name: 'Use them' }).click();
      // a judge needs a head
      expect(await page.getByLabel('Rule').inputValue()).toBe('strict');
      await page.getByRole('button', { name: 'Answer', exact: true }).click();
      await page.getByRole('button', { name: 'Step through' }).waitFor();
      expect(await page.locator('.round').count()).toBeGreaterThan(0);
      expect(await page.locator('.problem .status').textContent()).toContain('(fp32) on the processor');
      await page.getByRole('button', { name: 'Step through' }).click();
      await page.getByText('ngram').waitFor();
      expect(faults).toEqual([]);
      await page.close();
    });
  });
