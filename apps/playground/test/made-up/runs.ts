import { describe, expect, test } from 'vitest';
import type { OnPage } from '../describe-page.ts';

export const runTests = (on: OnPage) =>
  describe('runs, races and settings', () => {
    const { button, open, answer, textOf, seen, soon, soonCount, copied } = on;

    test('the race runs plain, strict and judge, and shows them on one clock', async () => {
      await open('#/race');
      await button('Race').click();
      await on.page.getByRole('heading', { name: 'Acceptance by position' }).waitFor();
      expect(await on.page.locator('.lane h3').allInnerTexts()).toEqual(['plain', 'strict', 'judge']);
      // strict writes what plain writes
      const texts = [await textOf('Tokens of plain'), await textOf('Tokens of strict')];
      expect(texts[0]!.replaceAll('↵', '')).toBe(texts[1]!.replaceAll('↵', ''));
      const clock = on.page.getByRole('slider', { name: 'Clock' });
      await clock.focus();
      await on.page.keyboard.press('Home');
      await soonCount('.lane .t').toBe(0);
      await on.page.keyboard.press('End');
      await soonCount('.lane .t').toBeGreaterThan(100);
      await on.page.getByText('The numbers').click();
      expect(await seen(on.page.getByRole('row', { name: /^strict/ }))).toMatch(/%/);
    });

    test('the race is played again, and its clock stays where it is put', async () => {
      await on.page.emulateMedia({ reducedMotion: 'no-preference' });
      await open('?fault=slow:5#/race');
      await button('Race').click();
      // it plays by itself; then so slowly that it is stopped on its way
      await button('Again').waitFor();
      await on.page.getByLabel('Speed of the clock').selectOption('0.2');
      await button('Again').click();
      const clock = on.page.getByRole('slider', { name: 'Clock' });
      await clock.press('Home');
      await button('Go on').waitFor();
      expect(await clock.inputValue()).toBe('0');
      await soonCount('.lane .t').toBe(0);
      // taken hold of before the slider has moved, where Home is no change of its value
      await clock.evaluate((slider) => {
        slider.closest('.clock')!.querySelector('button')!.click();
        slider.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home', bubbles: true }));
      });
      await button('Go on').waitFor();
      await button('Go on').click();
      await soonCount('.lane .t').toBeGreaterThan(0);
    });

    test('a run can be stopped, and the next one begins', async () => {
      // a later round waits for us
      await open('?fault=held:5');
      await button('Answer').click();
      await on.page.locator('.round').nth(1).waitFor();
      await button('Stop').click();
      await on.page.evaluate(() => new BroadcastChannel('held').postMessage('go on'));
      await button('Answer').waitFor();
      const stopped = await on.page.locator('.round').count();
      await answer();
      expect(await on.page.locator('.round').count()).toBeGreaterThan(stopped);
    });

    test('a device that is lost in the middle is said, what was written stays, and a new run works', async () => {
      await open('?fault=lost:5');
      await button('Answer').click();
      await on.page.getByText('The GPU was lost').waitFor();
      expect(await on.page.locator('.round').count()).toBeGreaterThan(0);
      await answer();
      await expect.poll(() => on.page.getByText('The GPU was lost').count()).toBe(0);
    });

    test('a pair that cannot be opened is said', async () => {
      await open('?fault=missing');
      await button('Answer').click();
      await on.page.getByText('Expected a model at models/none, got 404').waitFor();
      await expect.poll(() => button('Answer').isEnabled()).toBe(true);
    });

    test('a megabyte of pasted text is cut, and the page stays quick', async () => {
      await open();
      const box = on.page.getByLabel('Problem', { exact: true });
      await box.fill('pens '.repeat(210_000));
      await expect.poll(async () => (await box.inputValue()).length).toBe(20_000);
      await on.page.getByText('cut to its first 20,000 characters').waitFor();
    });

    test('the settings and the problem travel in a link, and what a link should not hold is left out', async () => {
      await on.context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await open('#/play?problem=Mia%20has%2012%20pens.&rule=topk&draft=7&device=nonsense&threshold=9');
      expect(await on.page.getByLabel('Problem', { exact: true }).inputValue()).toBe('Mia has 12 pens.');
      expect(await on.page.getByLabel('Rule').inputValue()).toBe('topk');
      expect(await on.page.getByLabel(/^Draft length/).inputValue()).toBe('7');
      expect(await on.page.getByLabel('Runs on').inputValue()).toBe('wasm');
      const link = await copied('Copy link');
      expect(link).toContain('rule=topk');
      expect(link).toContain('draft=7');
    });

    test('a rule that is none is said where it is typed', async () => {
      await open();
      await on.page.getByLabel('Rule').selectOption('custom');
      await on.page.getByLabel('Rule as --verify takes it').fill('jugde:0.3');
      await soon(on.page.getByRole('alert')).toMatch(/jugde is none of them.*judge/);
      await expect.poll(() => button('Answer').isDisabled()).toBe(true);
    });

    test('on a GPU it is said which one, and where the draft was put', async () => {
      const page = await on.context.newPage();
      await page.addInitScript(() => {
        if (!('gpu' in navigator)) Object.defineProperty(navigator, 'gpu', { value: {} });
      });
      await page.goto(on.address);
      await page.getByLabel('Runs on').selectOption('webgpu');
      await page.getByRole('button', { name: 'Answer', exact: true }).click();
      await page.getByRole('button', { name: 'Step through' }).waitFor();
      const status = await seen(page.locator('.problem .status'));
      expect(status).toContain('on made-up adapter, a processor that plays the GPU: slow');
      expect(status).toContain('the draft on the processor (1.4 ms a token, on the GPU 283 ms)');
      await page.close();
    });

    test('a browser without WebGPU offers the processor, and says so', async () => {
      // a page of its own: what is put into it at its start stays there
      const page = await on.context.newPage();
      await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'gpu'));
      await page.goto(on.address);
      const option = page.getByLabel('Runs on').locator('option[value="webgpu"]');
      expect(await option.isDisabled()).toBe(true);
      expect(await seen(option)).toContain('not in this browser');
      await page.close();
    });
  });
