import { accessibilityFaults } from '@judge-decoding/browser';
import { expect, test } from 'vitest';
import { describePage } from './describe-page.ts';

describePage('every view', (on) => {
  const { button, open, answer, textOf, help, closeHelp } = on;

  test('without a network, after the first visit', async () => {
    await open();
    await on.page.evaluate(() => navigator.serviceWorker.ready);
    await answer();
    await on.context.setOffline(true);
    await on.page.reload();
    await answer();
    expect(await textOf('Tokens of the answer')).toContain('13 pens');
    await on.context.setOffline(false);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe finds nothing in any view, ${colorScheme}`, async () => {
      await on.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await open();
      const found: string[] = [...(await accessibilityFaults(on.page))];
      await answer();
      await on.page.locator('.round .t-rejected').last().hover();
      await button('Compare rules on round 1').click();
      await on.page.getByRole('row', { name: /^strict / }).waitFor();
      found.push(...(await accessibilityFaults(on.page)));
      await on.page.keyboard.press('?');
      await help().waitFor();
      found.push(...(await accessibilityFaults(on.page)));
      await closeHelp();
      await button('Step through').click();
      await on.page.getByLabel('Another threshold').getByRole('slider').focus();
      await on.page.keyboard.press('Home');
      found.push(...(await accessibilityFaults(on.page)));
      await on.page.getByRole('link', { name: 'Race', exact: true }).click();
      await button('Race').click();
      await on.page.getByRole('heading', { name: 'Acceptance by position' }).waitFor();
      found.push(...(await accessibilityFaults(on.page)));
      expect(found).toEqual([]);
    });
  }

  for (const width of [1440, 1024, 390, 320]) {
    test(`nothing is wider than a window of ${width}`, async () => {
      await on.page.setViewportSize({ width, height: 800 });
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
        const wide = await on.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect([view, Math.max(0, wide)]).toEqual([view, 0]);
      }
    });
  }
});
