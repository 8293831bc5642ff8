import { expect, test } from 'vitest';
import { type Load, onnxRuntime, type Platform } from '../src/onnx-runtime.ts';

const LINUX: Platform = { platform: 'linux', arch: 'x64' };
const runtime = { InferenceSession: {}, Tensor: {} };
const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
/** Packages by name: what they export, or why they cannot be loaded. */
const installed =
  (packages: Readonly<Record<string, unknown>>): Load =>
  async (name) => {
    const found = packages[name] ?? missing;
    if (found instanceof Error) throw found;
    return found;
  };

const OURS = '@judge-decoding/onnxruntime-linux-x64';

test.each([
  ['ours', { [OURS]: runtime, 'onnxruntime-node': {} }],
  ['a CommonJS package', { [OURS]: { default: runtime } }],
  ['onnxruntime-node', { 'onnxruntime-node': runtime }],
])('is found in %s', async (_, packages) => {
  expect(await onnxRuntime(LINUX, installed(packages))).toBe(runtime);
});

test.each([
  [
    'not installed',
    LINUX,
    {},
    'not-found',
    /Expected the package @judge-decoding\/onnxruntime-linux-x64.*--omit/,
  ],
  [
    'not published',
    { platform: 'freebsd', arch: 'x64' },
    {},
    'unsupported',
    /linux x64.*this is freebsd x64\.$/,
  ],
  [
    'broken',
    LINUX,
    { [OURS]: new Error('libc.so.6: version GLIBC_2.34 not found\nsecond line') },
    'device',
    /\(@judge-decoding\/onnxruntime-linux-x64\) .* GLIBC_2\.34 not found\.$/,
  ],
])('says so where it is %s', async (_, platform, packages, code, message) => {
  const refused = onnxRuntime(platform, installed(packages));
  await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});
