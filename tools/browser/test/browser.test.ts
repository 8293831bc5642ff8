import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  accessibilityFaults,
  collectFaults,
  describeInBrowser,
  faultsLightAndDark,
  findChromium,
  openBrowser,
} from '../src/index.ts';

describe.runIf(process.platform === 'linux')('a browser is found', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'judge-browser-'));
    await writeFile(join(folder, 'chromium'), '#!/bin/sh\n');
    await writeFile(join(folder, 'chromium-browser'), '#!/bin/sh\nexec /snap/bin/chromium\n');
    for (const name of ['chromium', 'chromium-browser']) await chmod(join(folder, name), 0o755);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('where CHROME_PATH says, and nowhere else', () => {
    expect(findChromium({ CHROME_PATH: join(folder, 'chromium'), PATH: '' })).toBe(join(folder, 'chromium'));
    expect(() => findChromium({ CHROME_PATH: join(folder, 'none'), PATH: folder })).toThrow(/nothing there/);
  });

  test('else on the PATH, but no stub that asks for a snap', async () => {
    expect(findChromium({ PATH: folder })).toBe(join(folder, 'chromium'));
    await rm(join(folder, 'chromium'));
    expect(findChromium({ PATH: folder })).toBeUndefined();
    expect(findChromium({ PATH: '' })).toBeUndefined();
  });
});

describeInBrowser('what a page does wrong is seen', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test('on its console, thrown, and by axe', async () => {
    const page = await browser.newPage();
    const faults = collectFaults(page);
    await page.setContent(
      '<html lang="en"><title>t</title><main><h1>h</h1><img src="data:,"></main><script>console.error("bad"); setTimeout(() => { throw new Error("worse") })</script>',
    );
    await expect.poll(() => faults.some((fault) => fault.includes('worse'))).toBe(true);
    expect(faults).toContain('error: bad');
    expect((await accessibilityFaults(page)).map((fault) => fault.split(':')[0])).toEqual(['image-alt']);
  });

  test('by axe again in the dark, in all of the page or in what came over it', async () => {
    const page = await browser.newPage();
    await page.setContent(
      `<html lang="en"><title>t</title>
      <style>body { background: #fff } @media (prefers-color-scheme: dark) { body { background: #000 } }</style>
      <main><h1 style="color: #333">heading</h1><dialog open aria-label="d"><p>p</p></dialog></main>`,
    );
    const rules = async (within?: string) =>
      (await faultsLightAndDark(page, within)).map((fault) => fault.split(':')[0]);
    // too dark on black, and right on white
    expect(await rules()).toEqual(['color-contrast']);
    expect(await rules('dialog')).toEqual([]);
    await page.evaluate(() => document.querySelector('p')!.append(new Image()));
    expect(await rules('dialog')).toEqual(['image-alt']);
  });
});
