import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** Puts the list of the page's own files, and a name that changes with them, into its service worker. */
export function offlineFiles(): Plugin {
  let fixed: readonly string[] = [];
  return {
    name: 'offline-files',
    apply: 'build',
    configResolved: ({ publicDir }) => {
      fixed = readdirSync(publicDir);
    },
    generateBundle(_, bundle) {
      // WebAssembly is kept when it is used: nobody needs both runtimes
      const files = ['./', ...fixed, ...Object.keys(bundle).filter((name) => !/\.(wasm|map)$/.test(name))];
      const digest = createHash('sha256');
      for (const one of Object.values(bundle)) digest.update(one.type === 'chunk' ? one.code : one.source);
      const source = readFileSync(
        fileURLToPath(new URL('../offline/service-worker.js', import.meta.url)),
        'utf8',
      );
      const filled = source
        .replace('/* FILES */', JSON.stringify(files).slice(1, -1))
        .replace('VERSION', digest.digest('hex').slice(0, 16));
      if (/FILES \*\/|VERSION/.test(filled))
        this.error('The service worker has no place for its files, or for its version.');
      this.emitFile({ type: 'asset', fileName: 'service-worker.js', source: filled });
    },
  };
}
