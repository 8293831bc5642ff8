// Puts ONNX Runtime's files for this platform beside the built program, so that `dist` runs wherever
// there is Node, also where nothing is installed: npm run portable
import { cp, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
// pnpm keeps a package's dependencies beside it
const common = join(await realpath(runtime), '..', 'onnxruntime-common');
const target = fileURLToPath(new URL('dist/node_modules', import.meta.url));

await rm(target, { recursive: true, force: true });
const platform = join('bin', 'napi-v6', process.platform, process.arch);
for (const part of ['package.json', 'dist', platform]) {
  await cp(join(runtime, part), join(target, 'onnxruntime-node', part), {
    recursive: true,
    dereference: true,
  });
}
await cp(common, join(target, 'onnxruntime-common'), {
  recursive: true,
  dereference: true,
  filter: (path) => !/\.(map|ts)$/.test(path),
});
