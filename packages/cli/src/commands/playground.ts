import { dirname } from 'node:path';
import { embeddedPair, isThere } from '../pocket/embedded-pair.ts';
import { pagePackage, servePage } from '../run/serve-page.ts';
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
  // refused here, and not in a browser that somebody had to open first
  if (trace !== undefined) await readTrace(trace);
  const { openPlayground } = await pagePackage(
    '@judge-decoding/playground',
    () => import('@judge-decoding/playground'),
  );
  const pair = await embeddedPair(terminal.env);
  return servePage(terminal, color, (onWork) =>
    openPlayground({
      ...(port === undefined ? {} : { port, onlyPort: true }),
      ...(isolated === undefined ? {} : { isolated }),
      ...(trace === undefined ? {} : { traceFile: trace }),
      ...(isThere(pair)
        ? { pair: { target: pair.target, draft: pair.draft, heads: dirname(pair.head) } }
        : {}),
      onWork,
    }),
  );
}
