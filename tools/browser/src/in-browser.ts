import { describe, test } from 'vitest';
import { findChromium } from './find-chromium.ts';
import { NOT_FOUND } from './open-browser.ts';

/** Tests that need a browser. Where there is none, one test says so in a line. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (findChromium() !== undefined) describe(name, tests);
  else test(name, () => console.log(`${name}: not run, ${NOT_FOUND}`));
}
