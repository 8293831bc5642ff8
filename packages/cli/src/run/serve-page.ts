import { JudgeDecodingError } from '@judge-decoding/core';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import { paintFor } from '../render/paint.ts';
import { progressLine } from '../render/progress.ts';
import type { Terminal } from '../terminal.ts';

/** A page that is served until it is closed. */
export interface OpenedPage {
  /** What to open in a browser. */
  readonly address: string;
  close(): Promise<void>;
}

/** Serves a page to this machine until Ctrl-C. */
export async function servePage(
  terminal: Terminal,
  color: boolean,
  open: (onWork: (what: string) => void) => Promise<OpenedPage>,
): Promise<number> {
  const paint = paintFor(terminal.err, terminal.env, { color });
  const progress = progressLine(terminal, paint);
  return interruptible(terminal, async (signal) => {
    const page = await open((what) => progress.say(what)).finally(() => progress.clear());
    try {
      terminal.out.write(`${page.address}\n`);
      terminal.err.write(`${paint.dim('Open it in a browser; Ctrl-C ends it.')}\n`);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    } finally {
      await page.close();
    }
    return EXIT.interrupted;
  });
}

/** Pages, and what they need, are in packages of their own: most who install `judge` open none. */
export async function pagePackage<Package>(name: string, load: () => Promise<Package>): Promise<Package> {
  try {
    return await load();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new JudgeDecodingError(
      'not-found',
      `Expected the package ${name}, it is not installed. Install it where judge is: \`npm install --global ${name}\` (or without --global), then try again.`,
      { cause },
    );
  }
}
