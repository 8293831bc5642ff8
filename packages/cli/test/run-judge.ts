import { Readable } from 'node:stream';
import { main } from '../src/index.ts';
import type { Terminal } from '../src/terminal.ts';
import type { World } from '../src/world.ts';

export interface JudgeRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** How often the process would have ended at once. */
  readonly left: number;
}

export interface RunOptions {
  /** What is piped in; without it stdin is a terminal nobody types on. */
  readonly input?: string | NodeJS.ReadableStream;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether stdout and stderr are terminals. */
  readonly isTerminal?: boolean;
  /** How wide it is. */
  readonly columns?: number;
  /** Ctrl-C after so many writes to stdout. */
  readonly interruptAfter?: number;
  /** Called with the first write to stdout. */
  readonly onFirstWrite?: () => void;
  /** Handed the means to press Ctrl-C at any moment. */
  readonly onStart?: (pressCtrlC: () => void) => void;
  readonly backends?: World['backends'];
  /** What further processes run. */
  readonly script?: string;
}

/** One command line in this process, with a terminal that remembers. */
export async function runJudge(argv: readonly string[], options: RunOptions = {}): Promise<JudgeRun> {
  const {
    input,
    env = {},
    isTerminal = false,
    columns = 80,
    interruptAfter = Number.POSITIVE_INFINITY,
    backends,
    onStart,
    onFirstWrite,
    script,
  } = options;
  let out = '';
  let err = '';
  let writes = 0;
  let left = 0;
  let interrupt = () => undefined as undefined;
  const terminal: Terminal = {
    out: {
      isTerminal,
      columns,
      write(text) {
        out += text;
        if (++writes === interruptAfter) interrupt();
        if (writes === 1) onFirstWrite?.();
      },
    },
    err: {
      isTerminal,
      columns,
      write(text) {
        err += text;
      },
    },
    input: {
      isTerminal: input === undefined,
      stream: typeof input === 'object' ? input : Readable.from(input === undefined ? [] : [input]),
    },
    env,
    onInterrupt(handler) {
      interrupt = () => {
        handler();
        return undefined;
      };
      return () => undefined;
    },
    leave() {
      left++;
    },
    now: () => performance.now(),
  };
  onStart?.(() => interrupt());
  const code = await main(argv, {
    terminal,
    ...(backends ? { backends } : {}),
    ...(script === undefined ? {} : { script }),
  });
  return { code, out, err, left };
}
