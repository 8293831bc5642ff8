import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** Puts the list of the page's own files, and a name that changes with them, into its service worker. */
export function offlineFiles(): Plugin {
  return {
    name: 'offline-files',
    apply: 'build',
    generateBundle(_, bundle) {
      // WebAssembly is kept when it is used: nobody needs both runtimes
      const files = ['./', ...Object.keys(bundle).filter((name) => !/\.(wasm|map)$/.test(name))];
      const digest = createHash('sha256');
      for (const one of Object.values(bundle)) digest.update(one.type === 'chunk' ? one.code : one.source);
      const source = readFileSync(fileURLToPath(new URL('../offline/service-worker.js', import.meta.url)), 'utf8')
        .replace('"FILES"', JSON.stringify(files))
        .replace('VERSION', digest.digest('hex').slice(0, 16));
      this.emitFile({ type: 'asset', fileName: 'service-worker.js', source });
    },
  };
}
