import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openBrowser, PATIENCE } from '@judge-decoding/browser';
import type { Page } from 'playwright-core';
import { builtPage } from './built-page.ts';

/**
 * Takes pictures of the page with the pocket pair: `pictures.ts FOLDER` every view at each width, light and dark, to look at;
 * `pictures.ts --readme FILE` the one that the README shows.
 */
const [first = '', second] = process.argv.slice(2);
const WINDOWS = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
];

const server = await builtPage('served');
const browser = await openBrowser();
try {
  const context = await browser.newContext({
    reducedMotion: 'reduce',
    viewport: { width: 1280, height: 820 },
  });
  context.setDefaultTimeout(3 * PATIENCE);
  const page = await context.newPage();
  await page.goto(server.url);
  if (first === '--readme') await readmePicture(page, second!);
  else await allPictures(page, first);
} finally {
  await browser.close();
  await server.close();
}

async function readmePicture(page: Page, file: string): Promise<void> {
  await answered(page);
  await page.locator('.answer').evaluate((answer) => {
    const card = answer.closest('.card') ?? answer;
    scrollTo(0, card.getBoundingClientRect().top + scrollY - 72);
  });
  // one that is seen, as a hover scrolls to what is not
  await page.locator('.round .t-rejected').nth(1).hover();
  await page.getByLabel('About one token').getByText('Its own choice').waitFor();
  await page.screenshot({ path: file });
}

async function allPictures(page: Page, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await shown(page, folder, 'first');
  await answered(page);
  await shown(page, folder, 'answer');
  await page.getByRole('button', { name: 'Compare rules on round 1', exact: true }).click();
  await page.getByRole('row', { name: /^strict / }).waitFor();
  await shown(page, folder, 'rules');
  await page.getByRole('button', { name: 'Step through' }).click();
  await page.getByText('Round 1 of').waitFor();
  await shown(page, folder, 'steps');
  await page.getByRole('link', { name: 'Race', exact: true }).click();
  await page.getByRole('button', { name: 'Race', exact: true }).click();
  await page.getByRole('heading', { name: 'Acceptance by position' }).waitFor();
  await shown(page, folder, 'race');
}

/** The answer to the first problem, with the first rejected token looked at. */
async function answered(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Answer', exact: true }).click();
  await page.getByRole('button', { name: 'Step through' }).waitFor();
  await page.locator('.round .t-rejected').first().hover();
  await page.getByLabel('About one token').getByText('Its own choice').waitFor();
}

async function shown(page: Page, folder: string, view: string): Promise<void> {
  for (const viewport of WINDOWS) {
    await page.setViewportSize(viewport);
    // its head stays where the window is
    await page.evaluate(() => scrollTo(0, 0));
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      // styles follow in a frame of their own
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
      await page.screenshot({
        path: join(folder, `${view}-${viewport.width}-${colorScheme}.png`),
        fullPage: true,
      });
    }
  }
  // what follows is done in a window that shows all at once
  await page.setViewportSize(WINDOWS[0]!);
}
