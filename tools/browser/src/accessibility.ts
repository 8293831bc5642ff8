import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Axe's rules about colours, by their tag: what a page that is light or dark by turns can break in the second. */
export const COLOURS = 'cat.color';

/**
 * What axe finds on the page as it is now, a line each: the rule, and the elements it is broken by. `tag` names the rules
 * that are tried; those that axe tries by itself when absent.
 */
export async function accessibilityFaults(page: Page, tag?: string): Promise<readonly string[]> {
  // evaluated, not added as a script: a page's own policy may forbid inline ones
  await page.evaluate(await readFile(AXE, 'utf8'));
  const { violations } = await page.evaluate(async (runOnly) => {
    const { axe } = globalThis as unknown as { axe: { run: (options: object) => Promise<AxeResults> } };
    return axe.run({ resultTypes: ['violations'], ...(runOnly === undefined ? {} : { runOnly }) });
  }, tag);
  return violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help} (${nodes
        .slice(0, 5)
        .map(({ html, any }) => `${html.slice(0, 160)} ${any.map(({ message }) => message).join('; ')}`)
        .join(' | ')})`,
  );
}
