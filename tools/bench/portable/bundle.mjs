/**
 * Makes one archive for a machine with a GPU and Node 20, without network or installation: WebGPU through Vulkan in Node,
 * contract, row curve, and speeds beside transformers.js.
 *
 *     npm run -s bundle-webgpu -- --out webgpu.tar.xz [--vulkan libvulkan1.deb] [--libraries FOLDER] [--node FILE] [--without-pair]
 *     tar xf webgpu.tar.xz && cd webgpu && bash contract.sh SECONDS && PREPARE=1 bash quiet.sh SECONDS && bash quiet.sh SECONDS
 *     CORES=8-23 OUT=results SMOLLM2=model.gguf JUDGE_CACHE=cache node program/wasm-races.js SECONDS   # WebAssembly, no GPU
 *
 * Needs transformers.js in tools/bench/anchors (README). `--vulkan` carries Debian's Vulkan loader, `--libraries` a folder
 * of packages that a driver needs (libX11, libXext and theirs), `--node` a Node 20. There CHROME_PATH names a Chromium, or one
 * lies beside (portable/pack-browser.sh carries one), and SMOLLM2 a GGUF file or folder, instead of made-up weights of its shape. `--without-pair`: PAIR names the folder of
 * the pocket pair there. PRESET=2 packs in a fifth of the time, a fifth larger.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = fileURLToPath(new URL('.', import.meta.url));
const anchors = join(here, '../anchors');
const name = { type: 'string' };
const { values } = parseArgs({
  options: { out: name, vulkan: name, libraries: name, node: name, 'without-pair': { type: 'boolean' } },
});
const out = resolve(values.out ?? join(here, 'webgpu.tar.xz'));
const root = mkdtempSync(join(tmpdir(), 'judge-webgpu-'));
const folder = join(root, 'webgpu');
const program = join(folder, 'program');
const modules = join(program, 'node_modules');
const quiet = { stdio: ['ignore', 'ignore', 'inherit'], cwd: here };
const copy = (from, to, filter = () => true) =>
  cpSync(from, to, { recursive: true, dereference: true, filter });
try {
  execFileSync('npx', ['tsup', '--silent', '--out-dir', program], quiet);
  writeFileSync(join(program, 'package.json'), '{ "type": "module" }\n');
  // the pair is found one folder above the program
  for (const part of values['without-pair'] ? [] : ['target', 'draft', 'heads'])
    copy(join(here, '../../../packages/pocket-pair', part), join(folder, part));
  for (const name of ['transformers-js-child.mjs', 'transformers-js.mjs', 'answer-parent.mjs'])
    copy(join(anchors, name), join(program, name));
  const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const platform = join('bin', 'napi-v6', 'linux', 'x64');
  for (const part of ['package.json', 'dist', platform])
    copy(join(runtime, part), join(modules, 'onnxruntime-node', part));
  // pnpm keeps a package's dependencies beside it
  const common = join(realpathSync(runtime), '..', 'onnxruntime-common');
  copy(common, join(modules, 'onnxruntime-common'), (path) => !/\.(map|ts)$/.test(path));
  const transformers = join(anchors, 'node_modules/@huggingface/transformers');
  for (const part of ['package.json', 'dist/transformers.node.mjs'])
    copy(join(transformers, part), join(modules, '@huggingface/transformers', part));
  // it wants a library for pictures, which no text needs
  mkdirSync(join(modules, 'sharp'));
  writeFileSync(
    join(modules, 'sharp/package.json'),
    '{ "name": "sharp", "type": "module", "exports": "./none.js" }',
  );
  writeFileSync(join(modules, 'sharp/none.js'), 'export default {};\n');
  // pages, where their scripts would be, and what drives a browser
  execFileSync('npx', ['tsx', '--conditions=@judge-decoding/source', 'build-pages.ts', program], quiet);
  const browser = createRequire(join(here, '../../browser/package.json'));
  copy(
    dirname(browser.resolve('playwright-core/package.json')),
    join(modules, 'playwright-core'),
    (path) => !/\.(d\.ts|map)$|\/lib\/vite|\/types\//.test(path),
  );
  const theirs = 'node_modules/onnxruntime-web/dist';
  for (const file of ['ort-wasm-simd-threaded.asyncify.wasm', 'ort-wasm-simd-threaded.asyncify.mjs'])
    copy(join(anchors, theirs, file), join(folder, 'anchors', theirs, file));
  if (values.vulkan !== undefined) copy(resolve(values.vulkan), join(folder, 'libvulkan1.deb'));
  if (values.libraries !== undefined) copy(resolve(values.libraries), join(folder, 'libraries'));
  if (values.node !== undefined) copy(resolve(values.node), join(folder, 'node'));
  for (const script of ['common.sh', 'contract.sh', 'quiet.sh'])
    copy(join(here, script), join(folder, script));
  const commit = execFileSync('git', ['describe', '--always', '--dirty', '--exclude=*'], {
    encoding: 'utf8',
    cwd: here,
  });
  writeFileSync(join(folder, 'commit.txt'), commit);
  execFileSync('tar', ['-caf', out, '-C', root, 'webgpu'], {
    ...quiet,
    env: { ...process.env, XZ_OPT: `--x86 --lzma2=preset=${process.env.PRESET ?? 6}` },
  });
  console.log(`${out}: ${(statSync(out).size / 1e6).toFixed(1)} MB, ${commit.trim()}`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
