import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { pocketFiles } from './src/server/pocket-files.ts';
import { offlineFiles } from './src/server/offline-files.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** `--mode fake` puts made-up models in the place of real ones: tests of the page need no download. */
export default defineConfig(({ mode }) => ({
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
  plugins: [...(mode === 'fake' ? [] : [pocketFiles()]), offlineFiles()],
}));
