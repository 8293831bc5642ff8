import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  accessibilityFaults,
  collectFaults,
  describeInBrowser,
  faultsLightAndDark,
  openBrowser,
  PATIENCE,
} from '@judge-decoding/browser';
import type { RunningServer } from '@judge-decoding/static-server';
import { serve } from '@judge-decoding/static-server';
import { type DataSetRow, parseDataSet, rowLine } from '@judge-decoding/train/data-set';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { servePage } from '../src/server/page-server.ts';

const row = (id: string, wrong: string, more: Partial<DataSetRow> = {}): DataSetRow => ({
  version: 1,
  id,
  domain: 'words',
  question: `What is ${id}?`,
  correct: 'It is 17.',
  wrong,
  provenance: { wrong: 'a model' },
  ...more,
});
const ROWS: readonly DataSetRow[] = [
  // cut as a tokenizer would: "It| is| 1|6|." and so on
  row('a', 'It is 16. No, 17.', { cuts: { tokenizer: 't', starts: [0, 2, 5, 7, 8, 9, 12, 13, 16] } }),
  row('b', 'It is 17.', { annotations: [{ annotator: 'otto', decision: 'correct' }] }),
  { ...row('c', 'x'), wrong: undefined } as unknown as DataSetRow,
  row('d', 'It is 🙂 18.'),
  ...Array.from({ length: 12 }, (_, index) => row(`e${index}`, `It is ${index}.`)),
];

describeInBrowser('the annotator', () => {
  let folder: string;
  let page_: string;
  let file: string;
  let server: RunningServer;
  let alone: RunningServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let devtools: CDPSession;
  let faults: readonly string[];
  let known = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'judge-annotator-'));
    page_ = join(folder, 'page');
    const root = fileURLToPath(new URL('..', import.meta.url));
    await build({ root, logLevel: 'error', build: { outDir: page_, emptyOutDir: true } });
    // any static host: it has no data set, and every unknown address is its page
    alone = await serve({
      port: 0,
      mounts: [{ at: '/', folder: page_ }],
      answer: (_, response, { pathname }) => {
        if (!pathname.startsWith('/api/')) return false;
        response.writeHead(200, { 'Content-Type': 'text/html' }).end('<title>page</title>');
        return true;
      },
    });
    browser = await openBrowser();
    // one page for all: what it keeps is kept by address, and each test has a server of its own
    context = await browser.newContext();
    context.setDefaultTimeout(PATIENCE);
    await openPage();
  });
  afterAll(async () => {
    await browser?.close();
    await alone?.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    file = join(folder, 'set.jsonl');
    await writeFile(file, ROWS.map((each) => rowLine(JSON.parse(JSON.stringify(each)))).join(''));
    server = await servePage(page_, { file, annotator: 'mia', port: 0 });
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' });
    for (const { url } of [server, alone])
      await devtools.send('Storage.clearDataForOrigin', { origin: url, storageTypes: 'all' });
    known = faults.length;
  });
  afterEach(async () => {
    await page.goto('about:blank');
    await server.close();
    expect(faults.slice(known)).toEqual([]);
  });

  const openPage = async () => {
    page = await context.newPage();
    devtools = await context.newCDPSession(page);
    faults = collectFaults(page);
  };
  const saved = async (id: string) =>
    parseDataSet(await readFile(file, 'utf8'), file).find((each) => each.id === id)?.annotations;
  /** What the file holds once the page's save has arrived: the next question does not wait for it. */
  const settled = (id: string) => expect.poll(() => saved(id));
  const marked = () => expect.poll(() => page.locator('.t-rejected').count());
  const question = (id: string) => page.getByText(`What is ${id}?`, { exact: true }).first().waitFor();

  test('by keys alone: the first wrong token, its end, correct, skip, flag, undo; each saved at once', async () => {
    await page.goto(server.url);
    await question('a');
    for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('m');
    for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('e');
    await page.keyboard.press('d');
    await question('b');
    await settled('a').toMatchObject([
      { annotator: 'mia', decision: 'mistake', mistakes: [{ start: 5, end: 9, recovered: true }] },
    ]);
    await page.keyboard.press('c');
    await question('d');
    // an annotator's word stands beside another's
    await settled('b').toMatchObject([{ annotator: 'otto' }, { annotator: 'mia', decision: 'correct' }]);
    await page.keyboard.press('w');
    await page.keyboard.press('w');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await question('e0');
    await settled('d').toMatchObject([{ decision: 'mistake', mistakes: [{ start: 5, end: 8 }] }]);
    await page.keyboard.press('s');
    await question('e1');
    await page.keyboard.press('f');
    await question('e2');
    await settled('e1').toMatchObject([{ decision: 'flag' }]);
    await page.keyboard.press('u');
    await question('e1');
    await settled('e1').toBeUndefined();
  });

  test('by clicks, with a note; the last ten can be changed again', async () => {
    await page.goto(server.url);
    await question('a');
    await page.getByRole('option').nth(3).click();
    // an end by a button, and taken back by marking anew
    await page.getByRole('button', { name: 'Choose where the mistake ends' }).click();
    await page.getByRole('option').nth(5).click();
    await marked().toBe(3);
    await page.getByRole('option').nth(3).click();
    await marked().toBe(1);
    await page.getByLabel('Note (optional)').fill('off by one');
    await page.getByRole('button', { name: /^Goes wrong there/ }).click();
    await question('b');
    await settled('a').toMatchObject([
      { decision: 'mistake', note: 'off by one', mistakes: [{ start: 7, end: 8 }] },
    ]);
    await page.getByLabel('The last decisions').getByRole('button').first().click();
    await question('a');
    await expect.poll(() => page.getByLabel('Note (optional)').inputValue()).toBe('off by one');
    await marked().toBe(1);
    await page.getByRole('button', { name: /^Correct as it is/ }).click();
    await question('b');
    await settled('a').toMatchObject([{ decision: 'correct' }]);
    await page.getByText('1 of 15').waitFor();
  });

  test('agreement of several annotators, and where they differ', async () => {
    await page.goto(server.url);
    await question('a');
    await page.keyboard.press('s');
    await question('b');
    await page.getByRole('option').nth(2).click();
    await page.keyboard.press('d');
    await question('d');
    await page.getByRole('button', { name: 'Agreement' }).click();
    await page.getByRole('row', { name: /mia, otto 1 0 %/ }).waitFor();
    await page.getByRole('button', { name: 'What is b?' }).click();
    await question('b');
  });

  test('keys can be others', async () => {
    await page.goto(server.url);
    await question('a');
    await page.keyboard.press('?');
    await page.getByRole('button', { name: /^correct as it is: key c/ }).click();
    await page.keyboard.press('k');
    await page.getByRole('button', { name: /^correct as it is: key k/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.reload();
    await question('a');
    await page.keyboard.press('k');
    await question('b');
    await settled('a').toMatchObject([{ decision: 'correct' }]);
  });

  test('a file that cannot be saved is said, and nothing is lost', async () => {
    await page.goto(server.url);
    await question('a');
    await writeFile(file, rowLine(row('other', 'It is.')));
    await page.keyboard.press('c');
    expect(await page.getByRole('alert').textContent()).toMatch(/not saved.*no row a any more/);
    await question('a');
    // the answer of the server that refuses is on the console, which may be told later than the page
    await expect.poll(() => faults.length).toBeGreaterThan(0);
    expect(faults).toEqual([expect.stringContaining('500')]);
    known = faults.length;
  });

  test('alone on a static host: a file is picked, closing the tab loses nothing, and it is downloaded', async () => {
    await page.goto(alone.url);
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByLabel('You are').fill('ida');
    await page.getByLabel('You are').blur();
    await question('a');
    await page.getByRole('button', { name: /^Correct as it is/ }).click();
    await question('b');
    await page.close();
    expect(faults.slice(known)).toEqual([]);
    await openPage();
    known = 0;
    await page.goto(alone.url);
    // the same person goes on where they were
    await question('b');
    await expect.poll(() => page.getByLabel('You are').inputValue()).toBe('ida');
    await page.getByText('1 of 15').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    const rows = parseDataSet(await readFile(await download.path(), 'utf8'), 'set.jsonl');
    expect(rows.length).toBe(ROWS.length);
    expect(rows[0]!.annotations).toMatchObject([{ annotator: 'ida', decision: 'correct' }]);
  });

  test('what a head suggests is shown on request only, and the word says that it was seen', async () => {
    const cuts = { tokenizer: 't', starts: [0, 2, 5, 7, 8, 9, 12, 13, 16] };
    const scores = [0.9, 0.9, 0.8, 0.1, 0.3, 0.9, 0.9, 0.9, 0.9];
    const suggestion = { head: 'a-head', threshold: 0.5, scores };
    await writeFile(
      file,
      rowLine(row('a', 'It is 16. No, 17.', { cuts, suggestion })) + rowLine(row('b', 'It is 2.')),
    );
    await page.goto(server.url);
    await question('a');
    expect(await page.locator('.t-suspected').count()).toBe(0);
    await page.keyboard.press('h');
    await page.getByText('Underlined is what it would stop.').waitFor();
    expect(await page.locator('.t-suspected').allTextContents()).toEqual(['6', '.']);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: /^Hide what a head suggests/ }).click();
    expect(await page.locator('.t-suspected').count()).toBe(0);
    await page.getByRole('button', { name: /^Correct as it is/ }).click();
    await question('b');
    await settled('a').toMatchObject([{ decision: 'correct', suggested: true }]);
    await page.keyboard.press('h');
    await page.keyboard.press('c');
    await expect.poll(async () => (await saved('b'))?.[0]?.suggested, { timeout: 10_000 }).toBe(undefined);
    await settled('b').toMatchObject([{ decision: 'correct' }]);
  });

  test('two annotators at once keep both their words', async () => {
    const second = await servePage(page_, { file, annotator: 'otto', port: 0 });
    await page.goto(server.url);
    await question('a');
    const other = await context.newPage();
    await other.goto(second.url);
    await other.getByText('What is a?', { exact: true }).first().waitFor();
    await other.keyboard.press('s');
    await settled('a').toMatchObject([{ annotator: 'otto', decision: 'skip' }]);
    await page.keyboard.press('c');
    await settled('a').toMatchObject([{ annotator: 'otto' }, { annotator: 'mia', decision: 'correct' }]);
    await other.close();
    await second.close();
  });

  test('what is no data set is refused with a sentence', async () => {
    await page.goto(alone.url);
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'odd.jsonl', mimeType: 'text/plain', buffer: Buffer.from('{"version":7}\n') });
    expect(await page.getByRole('alert').textContent()).toMatch(/odd\.jsonl:1.*`version` is 7/);
  });

  test('no page of somebody else can write', async () => {
    const response = await fetch(`${server.url}api/word`, { method: 'POST', body: JSON.stringify(ROWS[0]) });
    expect(response.status).toBe(403);
  });

  test('axe finds nothing, light or dark, and nothing is too wide', async () => {
    const found: string[] = [];
    const look = async (within?: string) => found.push(...(await faultsLightAndDark(page, within)));
    await page.goto(alone.url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await look();
    await page.goto(server.url);
    await question('a');
    await page.getByRole('option').nth(2).click();
    for (const width of [1440, 1024, 390]) {
      await page.setViewportSize({ width, height: 800 });
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0);
    }
    await look();
    await page.keyboard.press('d');
    await question('b');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await look('dialog');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Agreement' }).click();
    await page.getByRole('button', { name: 'Agreement', pressed: true }).waitFor();
    await look();
    expect(found).toEqual([]);
  });
});
