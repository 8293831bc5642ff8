/// <reference lib="dom" />
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Axe's rules about colours: what a page that is light or dark by turns can break in the second. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/** What axe finds on the page as it is now, a line each: the rule, and the elements it is broken by. */
export const accessibilityFaults = (page: Page): Promise<readonly string[]> => found(page);

/**
 * The same in light and, of colours, in the dark: nothing else is another there. Leaves the page light. `within` is a selector, for what
 * came over a page that was looked at before.
 */
export async function faultsLightAndDark(page: Page, within?: string): Promise<readonly string[]> {
  const faults = [...(await found(page, { within }))];
  await becomes(page, 'dark');
  faults.push(...(await found(page, { within, rules: COLOURS })));
  await becomes(page, 'light');
  return faults;
}

async function becomes(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const before = await paper();
  await page.emulateMedia({ colorScheme });
  // styles follow in a frame of their own
  await page.waitForFunction((other) => getComputedStyle(document.body).backgroundColor !== other, before);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

interface Looked {
  readonly within?: string | undefined;
  readonly rules?: readonly string[];
}

async function found(page: Page, { within, rules }: Looked = {}): Promise<readonly string[]> {
  // evaluated, not added as a script: a page's own policy may forbid inline ones; once a page, as it takes half a second
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(await readFile(AXE, 'utf8'));
  const violations = await page.evaluate(
    async ([place, only]) => {
      type Run = (place: object, options: object) => Promise<AxeResults>;
      const { axe } = globalThis as unknown as { axe: { run: Run } };
      const results = await axe.run(place === undefined ? document : { include: [place] }, {
        resultTypes: ['violations'],
        ...(only === undefined ? {} : { runOnly: { type: 'rule', values: only } }),
      });
      // what passed is told too, and is long
      return results.violations;
    },
    [within, rules] as const,
  );
  return violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help} (${nodes
        .slice(0, 5)
        .map(({ html, any }) => `${html.slice(0, 160)} ${any.map(({ message }) => message).join('; ')}`)
        .join(' | ')})`,
  );
}
