import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { modelManifest } from '@judge-decoding/backend-webgpu/node';
import { type RunningServer, serve } from '@judge-decoding/static-server';

/** The pocket pair, from wherever it is. */
export interface PairFolders {
  readonly target: string;
  readonly draft: string;
  readonly heads: string;
}

export interface PlaygroundOptions {
  /** The first port to try; see `@judge-decoding/static-server`. */
  readonly port?: number;
  readonly onlyPort?: boolean;
  readonly host?: string;
  /** Sends COOP and COEP: WebAssembly then has as many threads as the machine has cores. */
  readonly isolated?: boolean;
  /** Another pocket pair than the published one. */
  readonly pair?: PairFolders;
  /** A trace for the step viewer. */
  readonly traceFile?: string;
  /** Told when something takes a while. */
  readonly onWork?: (what: string) => void;
}

export interface Playground extends RunningServer {
  /** What to open in a browser: the page, at the trace where there is one. */
  readonly address: string;
}

const TRACE = 'opened/trace.json';

/** Serves a built page, and models beside it. */
export async function servePage(page: string, options: PlaygroundOptions): Promise<Playground> {
  const { pair = publishedPair(), traceFile, port, onlyPort, host, isolated } = options;
  // with a list of its files and their digests, pages keep a model and check it
  const lists: { target?: string; draft?: string } = {};
  const server = await serve({
    mounts: [
      { at: '/', folder: page },
      { at: '/models/pocket/target/', folder: pair.target },
      { at: '/models/pocket/draft/', folder: pair.draft },
      { at: '/models/pocket/heads/', folder: pair.heads },
    ],
    answer: async (_, response, { pathname }) => {
      const listed = /^\/models\/pocket\/(target|draft)\/judge-files\.json$/.exec(pathname)?.[1] as
        | 'target'
        | 'draft'
        | undefined;
      if (listed !== undefined) {
        lists[listed] ??= await modelManifest(pair[listed]);
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(lists[listed]);
        return true;
      }
      if (traceFile === undefined || pathname !== `/${TRACE}`) return false;
      const json = await readFile(traceFile);
      response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end(json);
      return true;
    },
    ...(port === undefined ? {} : { port }),
    ...(onlyPort === undefined ? {} : { onlyPort }),
    ...(host === undefined ? {} : { host }),
    ...(isolated === undefined ? {} : { isolated }),
  });
  return { ...server, address: `${server.url}${traceFile === undefined ? '' : `#/steps?trace=${TRACE}`}` };
}

function publishedPair(): PairFolders {
  const root = dirname(createRequire(import.meta.url).resolve('@judge-decoding/pocket-pair/package.json'));
  return { target: join(root, 'target'), draft: join(root, 'draft'), heads: join(root, 'heads') };
}
