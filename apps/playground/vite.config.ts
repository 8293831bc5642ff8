import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { offlineFiles } from './src/server/offline-files.ts';
import { pocketFiles } from './src/server/pocket-files.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** `--mode fake` puts made-up models in the place of real ones: most tests of the page need no others. */
export default defineConfig(({ command, mode }) => ({
  // any folder of any host
  base: './',
  resolve: {
    conditions: ['@judge-decoding/source', 'module', 'browser', 'development|production'],
    alias: [
      {
        find: /^engine-worker(?=\?worker$)/,
        replacement: at(mode === 'fake' ? 'fake/worker.ts' : 'src/engine/worker.ts'),
      },
    ],
  },
  // while developing nothing may stand between the page and its sources
  define: {
    KEEPS_OFFLINE: command === 'build',
    // what a person downloads: a build has the weights packed, a server beside the package as they are
    POCKET_MEGABYTES: command === 'build' && mode !== 'served' ? 18 : 23,
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    target: 'es2022',
    // the runtime's WebAssembly is what is large, and it is loaded when it is needed
    chunkSizeWarningLimit: 1500,
  },
  // where a server has the pocket pair beside the page it is not copied
  plugins: [...(mode === 'fake' || mode === 'served' ? [] : [pocketFiles()]), offlineFiles()],
}));
