import { defineConfig } from 'vite';

export default defineConfig({
  // any folder of any host
  base: './',
  resolve: { conditions: ['@judge-decoding/source', 'module', 'browser', 'development|production'] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { outDir: 'dist/page', emptyOutDir: true, target: 'es2022' },
});
