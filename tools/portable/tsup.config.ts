import { execFileSync } from 'node:child_process';
import { defineConfig } from 'tsup';

/** `judge` with everything in it but native parts, and the threads of the CPU backend beside it. */
export default defineConfig({
  entry: {
    judge: 'src/main.ts',
    worker: '../../packages/backend-cpu/src/worker.ts',
    'prepare-worker': '../../packages/backend-cpu/src/prepare-worker.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  clean: true,
  splitting: false,
  // commander's errors are known by the name of their class
  keepNames: true,
  noExternal: [/^(?!onnxruntime-node$|koffi$|vite$|node:)/],
  // vite serves the pages of a checkout, and there is none
  external: ['onnxruntime-node', 'koffi', 'vite'],
  // there is no repository where it runs
  env: {
    JUDGE_COMMIT: execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'], {
      encoding: 'utf8',
    }).trim(),
  },
  esbuildOptions(options) {
    options.conditions = ['@judge-decoding/source'];
    // packages that were written for require() need it
    options.banner = {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    };
  },
});
