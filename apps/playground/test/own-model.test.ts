import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectFaults, describeInBrowser, openBrowser } from '@judge-decoding/browser';
import { makeTinyCheckpoint, makeTinyGguf } from '@judge-decoding/checkpoint/testing';
import type { RunningServer } from '@judge-decoding/static-server';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { builtPage } from './built-page.ts';

/** One model of one's own, without a draft and without a head. */
describeInBrowser('the page with one model from a file', () => {
  let folder: string;
  let server: RunningServer;
  let browser: Browser;
  let page: Page;
  let faults: readonly string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'judge-own-model-'));
    await makeTinyCheckpoint(join(folder, 'tiny'), { vocabSize: 512 });
    await makeTinyGguf(join(folder, 'tiny'), join(folder, 'tiny.gguf'), { type: 'Q8_0' });
    [server, browser] = await Promise.all([builtPage('served'), openBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    page = await browser.newPage({ reducedMotion: 'reduce' });
    page.setDefaultTimeout(200_000);
    faults = collectFaults(page);
  });

  test.each([
    ['a folder', 'folder', 'tiny', 'fp32'],
    // in floats, too: in WebAssembly they are what is fast
    ['a GGUF file', 'file', 'tiny.gguf', 'fp32'],
  ])(
    '%s is read here, and decodes with drafts that are looked up in the text',
    async (_, kind, name, dtype) => {
      await page.goto(
        `${server.url}#/play?problem=${encodeURIComponent('one two three one two three one two')}`,
      );
      await page.getByLabel('Models').selectOption('choose');
      await page.getByLabel('Target: what it is').selectOption(kind);
      await page.getByLabel('Target', { exact: true }).setInputFiles(join(folder, name));
      await page.getByRole('button', { name: 'Use them' }).click();
      // a judge needs a head
      expect(await page.getByLabel('Rule').inputValue()).toBe('strict');
      await page.getByRole('button', { name: 'Answer', exact: true }).click();
      await page.getByRole('button', { name: 'Step through' }).waitFor();
      expect(await page.locator('.round').count()).toBeGreaterThan(0);
      expect(await page.locator('.problem .status').textContent()).toContain(`(${dtype}) on the processor`);
      await page.getByRole('button', { name: 'Step through' }).click();
      await page.getByText('ngram').waitFor();
      expect(faults).toEqual([]);
      await page.close();
    },
    600_000,
  );
});
