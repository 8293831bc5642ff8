import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CODE } from '../src/native/abi.ts';
import { driverHere } from '../src/native/driver.ts';
import { findLibrary, openLibrary, type Surroundings } from '../src/native/library.ts';
import { libraryError } from '../src/native/library-error.ts';
import { buildStandIn, compiler, NO_COMPILER } from './stand-in.ts';

const folder = mkdtempSync(join(tmpdir(), 'judge-cuda-library-'));
const linux: Surroundings = {
  platform: 'linux',
  arch: 'x64',
  env: {},
  packageFolder: () => undefined,
  hasDriver: () => true,
};

test('the library is the one that is named, else the platform package’s', () => {
  const path = join(folder, 'libjudge_cuda.so');
  writeFileSync(path, '');
  expect(findLibrary({ ...linux, packageFolder: () => folder })).toBe(path);
  expect(findLibrary({ ...linux, env: { JUDGE_CUDA_LIBRARY: path } })).toBe(path);
});

test.each<[string, Partial<Surroundings>, string, string]>([
  ['another platform', { platform: 'darwin', arch: 'arm64' }, 'unsupported', 'darwin-arm64'],
  ['no package', {}, 'not-found', '@judge-decoding/backend-cuda-linux-x64'],
  ['an empty package', { packageFolder: () => join(folder, 'empty') }, 'not-found', 'build:native'],
  ['a name that leads nowhere', { env: { JUDGE_CUDA_LIBRARY: '/nowhere.so' } }, 'not-found', '/nowhere.so'],
])('%s: says what to do', (_, surroundings, code, named) => {
  expect(() => findLibrary({ ...linux, ...surroundings })).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(named) }),
  );
});

test('where no driver is, nobody is sent to build or install a library without hearing of it', () => {
  const here = { ...linux, hasDriver: () => false };
  for (const packageFolder of [() => undefined, () => join(folder, 'empty')]) {
    expect(() => findLibrary({ ...here, packageFolder })).toThrow(/no NVIDIA driver.*--backend cpu/);
    expect(() => findLibrary({ ...linux, packageFolder })).toThrow(/JUDGE_CUDA_LIBRARY\.$/);
  }
});

test('what the system says of the driver is read, and said where the library sees no GPU', () => {
  const said = 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023\n';
  expect(driverHere(() => said)).toBe('535.129.03');
  expect(driverHere(() => 'NVRM version: another wording')).toBe('unknown');
  expect(
    driverHere(
      () => undefined,
      () => true,
    ),
  ).toBe('unknown');
  expect(
    driverHere(
      () => undefined,
      () => false,
    ),
  ).toBeUndefined();
  const messageOf = (driver: string | undefined) =>
    libraryError(CODE.JC_NO_DEVICE, 'No GPU can be used.', () => driver).message;
  expect(messageOf(undefined)).toMatch(
    /^No GPU can be used\. This machine has no NVIDIA driver: .*--backend cpu\.$/,
  );
  expect(messageOf('535.129.03')).toMatch(/driver, here 535\.129\.03, is as new as/);
  expect(messageOf('unknown')).toMatch(/driver is as new as/);
});

test('a file that is no library is refused by name', async () => {
  const path = join(folder, 'text.so');
  writeFileSync(path, 'this is no library');
  await expect(openLibrary(path)).rejects.toMatchObject({
    code: 'invalid-file',
    message: expect.stringContaining(path),
  });
});

test('where koffi was in use with a small stack, that is said instead of ending the process', () => {
  const script = [
    "import koffi from 'koffi';",
    "koffi.load(process.platform === 'linux' ? 'libc.so.6' : null);",
    "const { openLibrary } = await import('./src/native/library.ts');",
    "await openLibrary('/nowhere.so').catch(({ code, message }) => console.log(code, message));",
  ].join('\n');
  const said = execFileSync(
    process.execPath,
    ['--import', 'tsx', '--conditions=@judge-decoding/source', '--input-type=module', '-e', script],
    { encoding: 'utf8', cwd: fileURLToPath(new URL('..', import.meta.url)) },
  );
  expect(said).toMatch(/^unsupported .*koffi\.config/);
});

if (compiler === undefined) {
  test(`libraries of other versions: ${NO_COMPILER}`, () => console.log(`library: ${NO_COMPILER}`));
} else {
  test('a library of another ABI is refused, with both versions', async () => {
    const path = buildStandIn(['-DSTAND_IN_ABI=77']);
    await expect(openLibrary(path)).rejects.toMatchObject({
      code: 'mismatch',
      message: expect.stringMatching(/version \d+.* has 77/),
    });
  });

  test('a library without one of the functions is refused by the function’s name', async () => {
    const path = buildStandIn(['-Djc_propose_draft=jc_propose_otherwise']);
    await expect(openLibrary(path)).rejects.toMatchObject({
      code: 'mismatch',
      message: expect.stringContaining('jc_propose_draft'),
    });
  });
}
