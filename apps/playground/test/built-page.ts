import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunningServer } from '@judge-decoding/static-server';
import { build } from 'vite';
import { servePage } from '../src/server/page-server.ts';

/** The page as it is published, with real models or made-up ones, on a server of its own. */
export async function builtPage(mode: 'fake' | 'served'): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'judge-page-'));
  const root = fileURLToPath(new URL('..', import.meta.url));
  await build({ root, mode, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
  const server = await servePage(folder, { port: 0 });
  return {
    ...server,
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}
