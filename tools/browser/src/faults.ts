import type { Page } from 'playwright-core';

/** Collects what a page complains of from now on: errors and warnings on its console, and what it throws. */
export function collectFaults(page: Page): readonly string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`thrown: ${error.stack ?? error.message}`));
  page.on('crash', () => faults.push('the page crashed'));
  return faults;
}
