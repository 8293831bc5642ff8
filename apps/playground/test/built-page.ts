import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunningServer, serve } from '@judge-decoding/static-server';
import { build } from 'vite';

/** The page as it is published, with real models or made-up ones, on a server of its own. */
export async function builtPage(mode: 'fake' | 'served'): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'judge-page-'));
  const root = fileURLToPath(new URL('..', import.meta.url));
  await build({ root, mode, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
  const pair = dirname(createRequire(import.meta.url).resolve('@judge-decoding/pocket-pair/package.json'));
  const server = await serve({
    port: 0,
    mounts: [
      { at: '/', folder },
      ...['target', 'draft', 'heads'].map((name) => ({
        at: `/models/pocket/${name}/`,
        folder: join(pair, name),
      })),
    ],
  });
  return {
    ...server,
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}
