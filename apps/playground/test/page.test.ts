import { readFile } from 'node:fs/promises';
import {
  accessibilityFaults,
  collectFaults,
  describeInBrowser,
  openBrowser,
  PATIENCE,
} from '@judge-decoding/browser';
import type { RunningServer } from '@judge-decoding/static-server';
import { parseTrace } from '@judge-decoding/trace';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { builtPage } from './built-page.ts';

/** With made-up models, whose answers are known: what the page does with them is what is tested. */
describeInBrowser('the page', () => {
  let server: RunningServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let faults: readonly string[];
  beforeAll(async () => {
    [server, browser] = await Promise.all([builtPage('fake'), openBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  beforeEach(async () => {
    context = await browser.newContext({ reducedMotion: 'reduce' });
    context.setDefaultTimeout(PATIENCE);
    page = await context.newPage();
    faults = collectFaults(page);
  });
  afterEach(async () => {
    await context.close();
    // no test leaves an error on the console
    expect(faults).toEqual([]);
  });

  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' });
  const open = (link = '') => page.goto(`${server.url}${link}`);
  const answer = async () => {
    await button('Answer').click();
    await button('Step through').waitFor();
  };
  /** The text of a list of tokens, as it is seen. */
  const textOf = (label: string) => seen(page.getByRole('listbox', { name: label, exact: true }));
  const seen = async (place: Locator) => (await place.textContent()) ?? '';
  /** The same of what changes a moment after a key, a click or a hover. */
  const soon = (place: Locator) => expect.poll(() => seen(place));
  const soonCount = (selector: string) => expect.poll(() => page.locator(selector).count());
  const help = () => page.getByRole('dialog', { name: 'Keys' });
  const closeHelp = async () => {
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  };
  /** Copies by a button, which says so for two seconds: watched from inside the page, that is not missed. */
  const copied = async (name: string) => {
    const said = page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          new MutationObserver((_, observer) => {
            if (!document.body.textContent?.includes('Link copied')) return;
            observer.disconnect();
            resolve();
          }).observe(document.body, { subtree: true, childList: true, characterData: true });
        }),
    );
    await button(name).click();
    await said;
    return page.evaluate(() => navigator.clipboard.readText());
  };

  test('answers token by token, each marked by who let it in, in colour and without', async () => {
    await open();
    await answer();
    const text = await textOf('Tokens of the answer');
    expect(text).toContain('17 - 4 = 13 pens');
    for (const [mark, line] of [
      ['judge', 'underline'],
      ['rejected', 'line-through'],
    ]) {
      const decoration = await page
        .locator(`.t-${mark}`)
        .first()
        .evaluate((element) => getComputedStyle(element).textDecorationLine);
      expect(decoration).toBe(line);
    }
    const shadow = await page
      .locator('.t-recovered')
      .first()
      .evaluate((element) => getComputedStyle(element).boxShadow);
    expect(shadow).toContain('inset');
  });

  test('a character of several tokens is never shown in halves', async () => {
    await open();
    // while it is written, too
    await page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(globalThis, { seen });
      new MutationObserver(() => {
        seen.push(document.querySelector('.answer')?.textContent ?? '');
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await answer();
    const shown = await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
    expect(shown.length).toBeGreaterThan(1);
    expect(shown.filter((text) => text.includes('\uFFFD'))).toEqual([]);
    expect(await textOf('Tokens of the answer')).toContain('3 €, so');
    const euro = page.locator('.answer [role=option]', { hasText: /^ ?€$/ }).first();
    expect(await euro.getAttribute('aria-label')).toMatch(/3 tokens/);
  });

  test('special tokens are seen on request', async () => {
    await open();
    await answer();
    expect(await textOf('Tokens of the answer')).not.toContain('<|end|>');
    await page.getByLabel('Special tokens').check();
    await expect.poll(() => textOf('Tokens of the answer')).toContain('<|end|>');
  });

  test('a token shows its score, the target’s own choice, probabilities and alternatives', async () => {
    await open();
    await answer();
    await page.locator('.round .t-rejected').last().hover();
    await soon(page.getByLabel('About one token')).toMatch(/rejected; the target wrote\s*3/);
    const details = await seen(page.getByLabel('About one token'));
    expect(details).toMatch(/0\.0\d+ not above 0\.9/);
    expect(details).toMatch(/Its own choice\s*3/);
    expect(details).toMatch(/4\.\d %/);
  });

  test('all of it by keyboard alone', async () => {
    await open();
    await page.locator('body').press('d');
    await page.locator('body').press('a');
    await button('Step through').waitFor();
    await page.getByRole('listbox', { name: 'Tokens of the answer' }).locator('[tabindex="0"]').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('n');
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
    await expect.poll(focused).toMatch(/let in by the judge|written by the target/);
    await soon(page.getByLabel('About one token')).toContain('Its own choice');
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page.keyboard.press('?');
    await help().waitFor();
    await closeHelp();
    await page.keyboard.press('3');
    await button('Open a trace…').waitFor();
  });

  test('what if: a rejected token is forced, the target goes on from there, and one can go back', async () => {
    await open();
    await answer();
    const before = await textOf('Tokens of the answer');
    await page.locator('.round .t-rejected').last().click();
    const branch = page.getByRole('tab', { name: /What if “2” for “3”/ });
    await branch.waitFor();
    await button('Step through').waitFor();
    const after = await textOf('Tokens of the answer');
    expect(after).toContain('17 - 4 = 12 pens');
    const same = before.indexOf('13 pens');
    expect(after.slice(0, same)).toBe(before.slice(0, same));
    expect(await seen(page.locator('.prose .t-forced'))).toBe('2');
    await page.getByRole('tab', { name: 'The answer' }).click();
    await expect.poll(() => textOf('Tokens of the answer')).toBe(before);
    // an alternative, and a rewind
    await page.locator('.prose .t-recovered').first().click();
    await button(/What if .* stood here/)
      .nth(1)
      .click();
    await page.getByRole('tab').nth(2).waitFor();
    await page.getByRole('tab', { name: 'The answer' }).click();
    await page.locator('.prose .t-recovered').first().click();
    await button('Rewind to here').click();
    await page.getByRole('tab', { name: /From token/ }).waitFor();
    await button('Step through').waitFor();
    expect(await textOf('Tokens of the answer')).toBe(before);
  });

  test('rules stand side by side on one draft', async () => {
    await open();
    await answer();
    await button('Compare rules on round 4').click();
    const row = (name: string) => page.getByRole('row', { name: new RegExp(`^${name} `) });
    await row('strict').waitFor();
    const kept = async (name: string) => Number(await seen(row(name).locator('.kept')));
    expect(await kept('judge')).toBe(15);
    expect(await kept('topk:2')).toBeGreaterThan(await kept('strict'));
    expect(await page.locator('.refused').count()).toBe(0);
  });

  test('the race runs plain, strict and judge, and shows them on one clock', async () => {
    await open('#/race');
    await button('Race').click();
    await page.getByRole('heading', { name: 'Acceptance by position' }).waitFor();
    expect(await page.locator('.lane h3').allInnerTexts()).toEqual(['plain', 'strict', 'judge']);
    // strict writes what plain writes
    const texts = [await textOf('Tokens of plain'), await textOf('Tokens of strict')];
    expect(texts[0]!.replaceAll('↵', '')).toBe(texts[1]!.replaceAll('↵', ''));
    const clock = page.getByRole('slider', { name: 'Clock' });
    await clock.focus();
    await page.keyboard.press('Home');
    await soonCount('.lane .t').toBe(0);
    await page.keyboard.press('End');
    await soonCount('.lane .t').toBeGreaterThan(100);
    await page.getByText('The numbers').click();
    expect(await seen(page.getByRole('row', { name: /^strict/ }))).toMatch(/%/);
  });

  test('a run can be stopped, and the next one begins', async () => {
    // slow enough that the button is met before the end, however busy the machine is
    await open('?fault=slow:1500');
    await button('Answer').click();
    await page.locator('.round').nth(1).waitFor();
    await button('Stop').click();
    await button('Answer').waitFor();
    const stopped = await page.locator('.round').count();
    await answer();
    expect(await page.locator('.round').count()).toBeGreaterThan(stopped);
  });

  test('a device that is lost in the middle is said, what was written stays, and a new run works', async () => {
    await open('?fault=lost:5');
    await button('Answer').click();
    await page.getByText('The GPU was lost').waitFor();
    expect(await page.locator('.round').count()).toBeGreaterThan(0);
    await answer();
    await expect.poll(() => page.getByText('The GPU was lost').count()).toBe(0);
  });

  test('a pair that cannot be opened is said', async () => {
    await open('?fault=missing');
    await button('Answer').click();
    await page.getByText('Expected a model at models/none, got 404').waitFor();
    await expect.poll(() => button('Answer').isEnabled()).toBe(true);
  });

  test('a megabyte of pasted text is cut, and the page stays quick', async () => {
    await open();
    const box = page.getByLabel('Problem', { exact: true });
    await box.fill('pens '.repeat(210_000));
    await expect.poll(async () => (await box.inputValue()).length).toBe(20_000);
    await page.getByText('cut to its first 20,000 characters').waitFor();
  });

  test('the settings and the problem travel in a link, and what a link should not hold is left out', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await open('#/play?problem=Mia%20has%2012%20pens.&rule=topk&draft=7&device=nonsense&threshold=9');
    expect(await page.getByLabel('Problem', { exact: true }).inputValue()).toBe('Mia has 12 pens.');
    expect(await page.getByLabel('Rule').inputValue()).toBe('topk');
    expect(await page.getByLabel(/^Draft length/).inputValue()).toBe('7');
    expect(await page.getByLabel('Runs on').inputValue()).toBe('wasm');
    const link = await copied('Copy link');
    expect(link).toContain('rule=topk');
    expect(link).toContain('draft=7');
  });

  test('a rule that is none is said where it is typed', async () => {
    await open();
    await page.getByLabel('Rule').selectOption('custom');
    await page.getByLabel('Rule as --verify takes it').fill('jugde:0.3');
    await soon(page.getByRole('alert')).toMatch(/jugde is none of them.*judge/);
    await expect.poll(() => button('Answer').isDisabled()).toBe(true);
  });

  test('a browser without WebGPU offers the processor, and says so', async () => {
    await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'gpu'));
    await open();
    const option = page.getByLabel('Runs on').locator('option[value="webgpu"]');
    expect(await option.isDisabled()).toBe(true);
    expect(await seen(option)).toContain('not in this browser');
  });

  test('a trace that was saved is stepped through, with another threshold, and as a link', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await open();
    await answer();
    const [download] = await Promise.all([page.waitForEvent('download'), button('Save trace').click()]);
    const json = await readFile(await download.path(), 'utf8');
    const trace = parseTrace(json, 'trace.json');

    await open('#/steps');
    await page.reload();
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'trace.json', mimeType: 'application/json', buffer: Buffer.from(json) });
    await page.getByText(`Round 1 of ${trace.rounds.length}`).waitFor();
    await button('Next round').click();
    await page.getByText(`Round 2 of ${trace.rounds.length}`).waitFor();
    const another = page.getByLabel('Another threshold');
    await soon(another).toContain('counterfactual');
    const slider = another.getByRole('slider');
    await slider.focus();
    await page.keyboard.press('End');
    const mean = (counts: readonly number[]) =>
      (counts.reduce((a, b) => a + b, 0) / counts.length).toFixed(2);
    const then = mean(
      trace.rounds.map(
        ({ tokens }) => tokens.filter(({ source }) => !['recovered', 'bonus'].includes(source)).length,
      ),
    );
    await soon(another).toContain(`accepted a round instead of ${then}`);
    // threshold 1 is strict: no admission is left
    await soonCount('.instead .admitted').toBe(0);
    await button(/^back to/).click();
    await soon(another).toContain('as it was decided');

    const link = await copied('Copy as link');
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByText(`Round 1 of ${trace.rounds.length}`).waitFor();
  });

  const refusals: readonly (readonly [string, string, RegExp])[] = [
    [
      'an older version',
      '{"format":"judge-decoding.trace","version":1}',
      /of version 1, this reader knows version 2/,
    ],
    ['a later version', '{"format":"judge-decoding.trace","version":9}', /of version 9/],
    ['no JSON', 'GGUF\u0000', /is no trace of judge decoding: it is not JSON/],
    ['something else', '{"messages":[]}', /its format is missing/],
  ];
  for (const [what, text, message] of refusals) {
    test(`a trace of ${what} is refused with a sentence`, async () => {
      await open('#/steps');
      await page
        .locator('input[type=file]')
        .setInputFiles({ name: 'odd.json', mimeType: 'application/json', buffer: Buffer.from(text) });
      await soon(page.getByRole('alert')).toMatch(message);
    });
  }

  test('links with damaged traces are refused with a sentence', async () => {
    for (const link of [
      '#/steps?packed=AAAA',
      '#/steps?packed=%25%25',
      '#/steps?trace=javascript:alert(1)',
    ]) {
      await page.goto('about:blank');
      await open(link);
      await soon(page.getByRole('alert')).toMatch(/Expected an address|holds no trace/);
    }
  });

  test('without a network, after the first visit', async () => {
    await open();
    await page.evaluate(() => navigator.serviceWorker.ready);
    await answer();
    await context.setOffline(true);
    await page.reload();
    await answer();
    expect(await textOf('Tokens of the answer')).toContain('13 pens');
    await context.setOffline(false);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe finds nothing in any view, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await open();
      const found: string[] = [...(await accessibilityFaults(page))];
      await answer();
      await page.locator('.round .t-rejected').last().hover();
      await button('Compare rules on round 1').click();
      await page.getByRole('row', { name: /^strict / }).waitFor();
      found.push(...(await accessibilityFaults(page)));
      await page.keyboard.press('?');
      await help().waitFor();
      found.push(...(await accessibilityFaults(page)));
      await closeHelp();
      await button('Step through').click();
      await page.getByLabel('Another threshold').getByRole('slider').focus();
      await page.keyboard.press('Home');
      found.push(...(await accessibilityFaults(page)));
      await page.getByRole('link', { name: 'Race', exact: true }).click();
      await button('Race').click();
      await page.getByRole('heading', { name: 'Acceptance by position' }).waitFor();
      found.push(...(await accessibilityFaults(page)));
      expect(found).toEqual([]);
    });
  }

  for (const width of [1440, 1024, 390, 320]) {
    test(`nothing is wider than a window of ${width}`, async () => {
      await page.setViewportSize({ width, height: 800 });
      await open();
      await answer();
      await button('Compare rules on round 1').click();
      await page.getByRole('row', { name: /^strict / }).waitFor();
      // a trace in the step viewer, too
      await button('Step through').click();
      await page.getByText('Round 1 of').waitFor();
      for (const view of ['Play', 'Race', 'Step viewer']) {
        await page.getByRole('link', { name: view, exact: true }).click();
        await page.locator(`nav [aria-current=page]:text-is("${view}")`).waitFor();
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect([view, Math.max(0, wide)]).toEqual([view, 0]);
      }
    });
  }
});
