import { collectFaults, describeInBrowser, openBrowser, PATIENCE } from '@judge-decoding/browser';
import type { RunningServer } from '@judge-decoding/static-server';
import type { Browser, BrowserContext, CDPSession, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { builtPage } from './built-page.ts';

/**
 * What a test does in the page and sees of it. The page is one for all tests, opened anew by each; what it keeps, and how the window
 * and its wishes are, is as at first in each.
 */
export interface OnPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Where the page is. */
  readonly address: string;
  button(name: string | RegExp): Locator;
  open(link?: string): Promise<unknown>;
  /** Asks for an answer, and waits for its end. */
  answer(): Promise<void>;
  /** The text of a list of tokens, as it is seen. */
  textOf(label: string): Promise<string>;
  seen(place: Locator): Promise<string>;
  /** The same of what changes a moment after a key, a click or a hover. */
  soon(place: Locator): ReturnType<typeof expect.poll>;
  soonCount(selector: string): ReturnType<typeof expect.poll>;
  help(): Locator;
  closeHelp(): Promise<void>;
  /** Copies by a button; what is in the clipboard then. */
  copied(name: string): Promise<string>;
}

const WINDOW = { width: 1280, height: 720 };

/** Tests of the built page with made-up models, whose answers are known: what the page does with them is what is tested. */
export const describePage = (name: string, tests: (on: OnPage) => void): void =>
  describeInBrowser(name, () => {
    let server: RunningServer;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    let devtools: CDPSession;
    let faults: readonly string[];
    let known = 0;
    beforeAll(async () => {
      [server, browser] = await Promise.all([builtPage('fake'), openBrowser()]);
      context = await browser.newContext();
      context.setDefaultTimeout(PATIENCE);
      page = await context.newPage();
      devtools = await context.newCDPSession(page);
      faults = collectFaults(page);
    });
    afterAll(async () => {
      await browser?.close();
      await server?.close();
    });
    beforeEach(async () => {
      await page.setViewportSize(WINDOW);
      await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' });
      await devtools.send('Storage.clearDataForOrigin', {
        origin: server.url,
        storageTypes: 'local_storage',
      });
      known = faults.length;
    });
    afterEach(async () => {
      await context.setOffline(false);
      await page.goto('about:blank');
      // no test leaves an error on the console
      expect(faults.slice(known)).toEqual([]);
    });

    const button = (name: string | RegExp) =>
      page.getByRole('button', { name, exact: typeof name === 'string' });
    const open = (link = '') => page.goto(`${server.url}${link}`);
    const answer = async () => {
      await button('Answer').click();
      await button('Step through').waitFor();
    };
    const textOf = (label: string) => seen(page.getByRole('listbox', { name: label, exact: true }));
    const seen = async (place: Locator) => (await place.textContent()) ?? '';
    const soon = (place: Locator) => expect.poll(() => seen(place));
    const soonCount = (selector: string) => expect.poll(() => page.locator(selector).count());
    const help = () => page.getByRole('dialog', { name: 'Keys' });
    const closeHelp = async () => {
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    };
    /** The button says so for two seconds: watched from inside the page, that is not missed. */
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

    tests({
      get page() {
        return page;
      },
      get address() {
        return server.url;
      },
      get context() {
        return context;
      },
      ...{ button, open, answer, textOf, seen, soon, soonCount, help, closeHelp, copied },
    });
  });
