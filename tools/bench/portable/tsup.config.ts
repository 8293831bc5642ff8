import { defineConfig } from 'tsup';

const EXTERNAL = ['onnxruntime-node', 'playwright-core', 'vite'];

/** What a machine with a GPU runs, with everything in it but ONNX Runtime, transformers.js and playwright. */
export default defineConfig({
  entry: {
    'row-curve': '../src/row-curve.ts',
    'gpu-kernels': '../src/gpu-kernels.ts',
    'in-node': '../src/in-node.ts',
    'in-page': '../src/in-page.ts',
    'first-visit': '../src/first-visit.ts',
    'browser-gpu': '../src/browser-gpu.ts',
    'graph-capture': '../src/graph-capture.ts',
    contract: '../../../packages/backend-webgpu/test/node/contract-process.ts',
    'page-contract': '../../../packages/backend-webgpu/test/page-contract-process.ts',
    'made-models': 'made-models.ts',
    'make-files': 'make-files.ts',
    'wasm-races': 'wasm-races.ts',
    worker: 'worker.ts',
    'prepare-worker': '../../../packages/backend-cpu/src/prepare-worker.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  clean: true,
  // threads are started by this name
  outExtension: () => ({ js: '.js' }),
  // what builds pages stays at home: they are built
  external: EXTERNAL,
  noExternal: [new RegExp(`^(?!${EXTERNAL.join('|')}|node:)`)],
  esbuildOptions(options) {
    options.conditions = ['@judge-decoding/source'];
    // packages that were written for require() need it
    options.banner = {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    };
  },
});
