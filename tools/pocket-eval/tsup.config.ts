import { defineConfig } from 'tsup';

/** One program with everything in it but ONNX Runtime; `portable.mjs` puts that beside it. */
export default defineConfig({
  entry: { 'pocket-eval': 'src/main.ts', worker: '../../packages/backend-cpu/src/worker.ts' },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  clean: true,
  noExternal: [/^(?!onnxruntime-node|node:)/],
  external: ['onnxruntime-node'],
  esbuildOptions(options) {
    options.conditions = ['@judge-decoding/source'];
    // packages that were written for require() need it
    options.banner = {
      js: "import { createRequire as __require } from 'node:module'; const require = __require(import.meta.url);",
    };
  },
});
