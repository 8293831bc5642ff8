import { cp, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { defineConfig } from 'tsup';

const require = createRequire(import.meta.url);

/**
 * One program with everything in it but ONNX Runtime, whose files for this platform are put beside it:
 * `dist` runs wherever there is Node, also where nothing is installed.
 */
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
  async onSuccess() {
    const runtime = dirname(require.resolve('onnxruntime-node/package.json'));
    // pnpm keeps a package's dependencies beside it
    const common = join(await realpath(runtime), '..', 'onnxruntime-common');
    const target = 'dist/node_modules';
    await rm(target, { recursive: true, force: true });
    const platform = join('bin', 'napi-v6', process.platform, process.arch);
    for (const part of ['package.json', 'dist', platform])
      await cp(join(runtime, part), join(target, 'onnxruntime-node', part), {
        recursive: true,
        dereference: true,
      });
    await cp(common, join(target, 'onnxruntime-common'), {
      recursive: true,
      dereference: true,
      filter: (path) => !/\.(map|ts)$/.test(path),
    });
  },
});
