import { faultsLightAndDark } from '@judge-decoding/browser';
import { describe, expect, test } from 'vitest';
import type { OnPage } from '../describe-page.ts';

export const viewTests = (on: OnPage) =>
  describe('every view', () => {
    const { button, open, answer, textOf, help, closeHelp } = on;

    test('without a network, after the first visit', async () => {
      await open();
      await on.page.evaluate(() => navigator.serviceWorker.ready);
      await answer();
      await on.context.setOffline(true);
      await on.page.reload();
      await answer();
      expect(await textOf('Tokens of the answer')).toContain('13 pens');
    });

    test('axe finds nothing in any view, light or dark', async () => {
      const found: string[] = [];
      const look = async (within?: string) => found.push(...(await faultsLightAndDark(on.page, within)));
      await open();
      await look();
      await answer();
      await on.page.locator('.round .t-rejected').last().hover();
      await button('Compare rules on round 1').click();
      await on.page.getByRole('row', { name: /^strict / }).waitFor();
      await look();
      await on.page.keyboard.press('?');
      await help().waitFor();
      await look('dialog');
      await closeHelp();
      await button('Step through').click();
      await on.page.getByLabel('Another threshold').getByRole('slider').focus();
      await on.page.keyboard.press('Home');
      await look();
      await on.page.getByRole('link', { name: 'Race', exact: true }).click();
      await button('Race').click();
      await on.page.getByRole('heading', { name: 'Acceptance by position' }).waitFor();
      await look();
      expect(found).toEqual([]);
    });

    test('nothing is wider than its window', async () => {
      await open();
      await answer();
      await button('Compare rules on round 1').click();
      await on.page.getByRole('row', { name: /^strict / }).waitFor();
      // a trace in the step viewer, too
      await button('Step through').click();
      await on.page.getByText('Round 1 of').waitFor();
      for (const view of ['Play', 'Race', 'Step viewer']) {
        await on.page.getByRole('link', { name: view, exact: true }).click();
        await on.page.locator(`nav [aria-current=page]:text-is("${view}")`).waitFor();
        for (const width of [1440, 1024, 390, 320]) {
          await on.page.setViewportSize({ width, height: 800 });
          const [inner, wide] = await on.page.evaluate(() => [
            innerWidth,
            document.documentElement.scrollWidth,
          ]);
          expect([view, inner, Math.max(wide!, width)]).toEqual([view, width, width]);
        }
      }
    });
  });
