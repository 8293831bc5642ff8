import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import sirv from 'sirv';
import type { Plugin } from 'vite';

/** Where the page looks for the pocket pair, beside itself. */
export const POCKET_PATH = 'models/pocket/';

/** The pocket pair beside the page: served from its package while developing, copied into a build. */
export function pocketFiles(): Plugin {
  // Vite reads its configuration before anything is built: data is found by the manifest beside it
  const pair = dirname(createRequire(import.meta.url).resolve('@judge-decoding/pocket-pair/package.json'));
  const folders = ['target', 'draft', 'heads'].map((name) => [name, join(pair, name)] as const);
  let out = '';
  return {
    name: 'pocket-files',
    configResolved: ({ build, root }) => {
      out = resolve(root, build.outDir);
    },
    configureServer({ middlewares }) {
      for (const [name, folder] of folders)
        middlewares.use(`/${POCKET_PATH}${name}`, sirv(folder, { dev: true, etag: true }));
    },
    async closeBundle() {
      if (out === '') return;
      // found when it is run, not when this configuration is bundled
      const backend = '@judge-decoding/backend-webgpu/node';
      const { packModel } = await import(backend);
      for (const name of ['target', 'draft']) await packModel(join(pair, name), join(out, POCKET_PATH, name));
      await cp(join(pair, 'heads'), join(out, POCKET_PATH, 'heads'), { recursive: true });
    },
  };
}
