import { defineConfig } from 'tsup';

/** What a machine with a GPU runs, with everything in it but ONNX Runtime and transformers.js. */
export default defineConfig({
  entry: {
    'row-curve': '../src/row-curve.ts',
    'in-node': '../src/in-node.ts',
    contract: '../../../packages/backend-webgpu/test/node/contract-process.ts',
    'made-models': 'made-models.ts',
    worker: 'worker.ts',
    'prepare-worker': '../../../packages/backend-cpu/src/prepare-worker.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  clean: true,
  // threads are started by this name
  outExtension: () => ({ js: '.js' }),
  // a browser and what builds pages for it stay at home
  external: ['onnxruntime-node', '@judge-decoding/browser'],
  noExternal: [/^(?!onnxruntime-node|@judge-decoding\/browser|node:)/],
  esbuildOptions(options) {
    options.conditions = ['@judge-decoding/source'];
    // packages that were written for require() need it
    options.banner = {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    };
  },
});
