import { dirname } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import { embeddedPair, isThere } from '../pocket/embedded-pair.ts';
import { paintFor } from '../render/paint.ts';
import { progressLine } from '../render/progress.ts';
import { readTrace } from '../trace/trace-file.ts';
import type { World } from '../world.ts';

export interface PlaygroundFlags {
  readonly port?: number;
  readonly isolated?: boolean;
  readonly color: boolean;
}

/** Serves the playground until Ctrl-C. */
export async function playgroundCommand(
  trace: string | undefined,
  { port, isolated, color }: PlaygroundFlags,
  { terminal }: World,
): Promise<number> {
  const paint = paintFor(terminal.err, terminal.env, { color });
  // refused here, and not in a browser that somebody had to open first
  if (trace !== undefined) await readTrace(trace);
  const { openPlayground } = await playgroundPackage();
  const pair = await embeddedPair(terminal.env);
  const progress = progressLine(terminal, paint);
  return interruptible(terminal, async (signal) => {
    const playground = await openPlayground({
      ...(port === undefined ? {} : { port, onlyPort: true }),
      ...(isolated === undefined ? {} : { isolated }),
      ...(trace === undefined ? {} : { traceFile: trace }),
      ...(isThere(pair)
        ? { pair: { target: pair.target, draft: pair.draft, heads: dirname(pair.head) } }
        : {}),
      onWork: (what) => progress.say(what),
    }).finally(() => progress.clear());
    try {
      terminal.out.write(`${playground.address}\n`);
      terminal.err.write(`${paint.dim('Open it in a browser; Ctrl-C ends it.')}\n`);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    } finally {
      await playground.close();
    }
    return EXIT.interrupted;
  });
}

/** A page and a runtime of 41 MB that most who install `judge` do not need: a package of its own. */
async function playgroundPackage(): Promise<typeof import('@judge-decoding/playground')> {
  try {
    return await import('@judge-decoding/playground');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new JudgeDecodingError(
      'not-found',
      'Expected the package @judge-decoding/playground, it is not installed. Install it where judge is: `npm install --global @judge-decoding/playground` (or without --global), then try again.',
      { cause },
    );
  }
}
