import { defineConfig } from 'tsup';

/**
 * The program, with everything in it but ONNX Runtime, and the threads of the CPU
 * backend; `portable.mjs` puts ONNX Runtime beside them.
 */
export default defineConfig({
  entry: {
    'pocket-eval': 'src/main.ts',
    worker: '../../packages/backend-cpu/src/worker.ts',
    'prepare-worker': '../../packages/backend-cpu/src/prepare-worker.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  clean: true,
  noExternal: [/^(?!onnxruntime-|node:)/],
  external: ['onnxruntime-node', 'onnxruntime-web'],
  esbuildOptions(options) {
    options.conditions = ['@judge-decoding/source'];
    // packages that were written for require() need it
    options.banner = {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    };
  },
});
