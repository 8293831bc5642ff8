import { describe, expect, test } from 'vitest';
import type { OnPage } from '../describe-page.ts';

export const answerTests = (on: OnPage) =>
  describe('an answer', () => {
    const { button, open, answer, textOf, seen, soon, help, closeHelp } = on;

    test('answers token by token, each marked by who let it in, in colour and without', async () => {
      await open();
      await answer();
      const text = await textOf('Tokens of the answer');
      expect(text).toContain('17 - 4 = 13 pens');
      for (const [mark, line] of [
        ['judge', 'underline'],
        ['rejected', 'line-through'],
      ]) {
        const decoration = await on.page
          .locator(`.t-${mark}`)
          .first()
          .evaluate((element) => getComputedStyle(element).textDecorationLine);
        expect(decoration).toBe(line);
      }
      const shadow = await on.page
        .locator('.t-recovered')
        .first()
        .evaluate((element) => getComputedStyle(element).boxShadow);
      expect(shadow).toContain('inset');
    });

    test('a character of several tokens is never shown in halves', async () => {
      await open();
      // while it is written, too
      await on.page.evaluate(() => {
        const seen: string[] = [];
        Object.assign(globalThis, { seen });
        new MutationObserver(() => {
          seen.push(document.querySelector('.answer')?.textContent ?? '');
        }).observe(document.body, { subtree: true, childList: true, characterData: true });
      });
      await answer();
      const shown = await on.page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
      expect(shown.length).toBeGreaterThan(1);
      expect(shown.filter((text) => text.includes('\uFFFD'))).toEqual([]);
      expect(await textOf('Tokens of the answer')).toContain('3 €, so');
      const euro = on.page.locator('.answer [role=option]', { hasText: /^ ?€$/ }).first();
      expect(await euro.getAttribute('aria-label')).toMatch(/3 tokens/);
    });

    test('special tokens are seen on request', async () => {
      await open();
      await answer();
      expect(await textOf('Tokens of the answer')).not.toContain('<|end|>');
      await on.page.getByLabel('Special tokens').check();
      await expect.poll(() => textOf('Tokens of the answer')).toContain('<|end|>');
    });

    test('a token shows its score, the target’s own choice, probabilities and alternatives', async () => {
      await open();
      await answer();
      await on.page.locator('.round .t-rejected').last().hover();
      await soon(on.page.getByLabel('About one token')).toMatch(/rejected; the target wrote\s*3/);
      const details = await seen(on.page.getByLabel('About one token'));
      expect(details).toMatch(/0\.0\d+ not above 0\.9/);
      expect(details).toMatch(/Its own choice\s*3/);
      expect(details).toMatch(/4\.\d %/);
    });

    test('all of it by keyboard alone', async () => {
      await open();
      await on.page.locator('body').press('d');
      await on.page.locator('body').press('a');
      await button('Step through').waitFor();
      await on.page.getByRole('listbox', { name: 'Tokens of the answer' }).locator('[tabindex="0"]').focus();
      await on.page.keyboard.press('ArrowRight');
      await on.page.keyboard.press('n');
      const focused = () => on.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
      await expect.poll(focused).toMatch(/let in by the judge|written by the target/);
      await soon(on.page.getByLabel('About one token')).toContain('Its own choice');
      await on.page.keyboard.press('End');
      await on.page.keyboard.press('Home');
      await on.page.keyboard.press('Enter');
      await on.page.keyboard.press('?');
      await help().waitFor();
      await closeHelp();
      await on.page.keyboard.press('3');
      await button('Open a trace…').waitFor();
    });

    test('what if: a rejected token is forced, the target goes on from there, and one can go back', async () => {
      await open();
      await answer();
      const before = await textOf('Tokens of the answer');
      await on.page.locator('.round .t-rejected').last().click();
      const branch = on.page.getByRole('tab', { name: /What if “2” for “3”/ });
      await branch.waitFor();
      await button('Step through').waitFor();
      const after = await textOf('Tokens of the answer');
      expect(after).toContain('17 - 4 = 12 pens');
      const same = before.indexOf('13 pens');
      expect(after.slice(0, same)).toBe(before.slice(0, same));
      expect(await seen(on.page.locator('.prose .t-forced'))).toBe('2');
      await on.page.getByRole('tab', { name: 'The answer' }).click();
      await expect.poll(() => textOf('Tokens of the answer')).toBe(before);
      // an alternative, and a rewind
      await on.page.locator('.prose .t-recovered').first().click();
      await button(/What if .* stood here/)
        .nth(1)
        .click();
      await on.page.getByRole('tab').nth(2).waitFor();
      await on.page.getByRole('tab', { name: 'The answer' }).click();
      await on.page.locator('.prose .t-recovered').first().click();
      await on.page.setViewportSize({ width: 390, height: 844 });
      await button('Rewind to here').click();
      const rewound = on.page.getByRole('tab', { name: /From token/ });
      await rewound.waitFor();
      await button('Step through').waitFor();
      expect(await textOf('Tokens of the answer')).toBe(before);
      // on a phone the tabs are wider than it, and the one that is chosen is seen
      const { x, width } = (await rewound.boundingBox())!;
      expect([x >= 0, x + width <= 390]).toEqual([true, true]);
    });

    test('rules stand side by side on one draft', async () => {
      await open();
      await answer();
      await button('Compare rules on round 4').click();
      const row = (name: string) => on.page.getByRole('row', { name: new RegExp(`^${name} `) });
      await row('strict').waitFor();
      const kept = async (name: string) => Number(await seen(row(name).locator('.kept')));
      expect(await kept('judge')).toBe(15);
      expect(await kept('topk:2')).toBeGreaterThan(await kept('strict'));
      expect(await on.page.locator('.refused').count()).toBe(0);
    });
  });
