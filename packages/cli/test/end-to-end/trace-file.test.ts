import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Model, Session } from '@judge-decoding/core';
import { JudgeDecodingError } from '@judge-decoding/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACKENDS, type Backends } from '../../src/pair/backends.ts';
import { runJudge } from '../run-judge.ts';
import { type TinyPair, tinyPair } from '../tiny-pair.ts';

let pair: TinyPair;
let folder: string;
beforeAll(async () => {
  pair = await tinyPair();
  folder = join(pair.folder, 'traces');
  await mkdir(folder);
});
afterAll(() => pair.dispose());

const argv = (trace: string, ...more: readonly string[]) => [
  ...['generate', 'How many apples has Tom', '--target', pair.target, '--draft', pair.draft],
  ...['-n', '40', '--draft-length', '4', '--trace', trace, ...more],
];
const generate = (trace: string, ...more: readonly string[]) =>
  runJudge(argv(trace, ...more), { env: pair.env });
const read = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

describe('what is there stays until there is something better', () => {
  test.each([
    ['a head that is missing', () => ['--head', 'no-such-head.safetensors']],
    ['a rule that is none', () => ['--verify', 'margn']],
    ['a target that is missing', () => ['--target', 'no-such-model']],
    ['a prompt that is too long', () => ['--prompt', 'apple '.repeat(2000)]],
  ])('%s leaves an old trace as it was', async (_, more) => {
    const path = join(folder, 'old.json');
    await writeFile(path, 'an old trace');
    const long = more().includes('--prompt');
    const { code } = long
      ? await runJudge(['generate', ...more(), ...argv(path).slice(2)], { env: pair.env })
      : await generate(path, ...more());
    expect(code).toBeGreaterThan(1);
    expect(await readFile(path, 'utf8')).toBe('an old trace');
    expect(await readdir(folder)).toEqual(['old.json']);
  });

  test('a run replaces it, whole, and leaves nothing beside it', async () => {
    const path = join(folder, 'old.json');
    await writeFile(path, 'an old trace');
    expect((await generate(path)).code).toBe(0);
    expect((await read(path)).rounds.length).toBeGreaterThan(3);
    expect(await readdir(folder)).toEqual(['old.json']);
  });

  test('a link stays a link', async () => {
    await symlink(join(folder, 'old.json'), join(folder, 'link.json'));
    expect((await generate(join(folder, 'link.json'), '--seed', '9')).code).toBe(0);
    expect(await readlink(join(folder, 'link.json'))).toBe(join(folder, 'old.json'));
    expect((await read(join(folder, 'old.json'))).seed).toBe(9);
  });

  test.runIf(process.platform === 'linux')('a device is written to, not replaced', async () => {
    expect((await generate('/dev/null')).code).toBe(0);
    expect((await readFile('/dev/null')).length).toBe(0);
  });

  test('a folder is refused before anything runs', async () => {
    const { code, err } = await generate(folder);
    expect([code, err]).toEqual([3, expect.stringContaining('it is a folder')]);
  });
});

test.each([
  ['a page’s WebAssembly', 'webgpu', 'wasm'],
  ['a backend of another version', 'constructor', 'cpu'],
])(
  'a trace of %s, where this program runs nothing, is replayed on the CPU, and it says so',
  async (_, backend, device) => {
    const path = join(folder, 'elsewhere.json');
    expect((await generate(path)).code).toBe(0);
    const trace = await read(path);
    await writeFile(path, JSON.stringify({ ...trace, backend, target: { ...trace.target, device } }));
    const { code, err } = await runJudge(['replay', path], { env: pair.env });
    expect([code, err]).toEqual([
      0,
      expect.stringContaining(`cannot run models on ${device} of ${backend}: replayed on cpu`),
    ]);
  },
);

/** The real backend, whose target fails at its nth pass over drafted tokens. */
function failing(after: number): Backends {
  let passes = 0;
  const broken = (session: Session): Session => ({
    get length() {
      return session.length;
    },
    forward(tokens, request) {
      if (tokens.length > 1 && Object.keys(request).length > 0 && ++passes > after)
        throw new JudgeDecodingError('device', 'The device is gone.');
      return session.forward(tokens, request);
    },
    propose: (tokens, request) => session.propose(tokens, request),
    truncate: (length) => session.truncate(length),
    dispose: () => session.dispose(),
  });
  const { cpu } = BACKENDS;
  return {
    cpu: {
      ...cpu!,
      open: async (request) => {
        const model: Model = await cpu!.open(request);
        return { ...model, openSession: async () => broken(await model.openSession()) };
      },
    },
  };
}

describe('a run that is cut short keeps the rounds that it had', () => {
  test('by Ctrl-C', async () => {
    const path = join(folder, 'interrupted.json');
    const { code } = await runJudge(argv(path, '-n', '100'), { env: pair.env, interruptAfter: 6 });
    expect(code).toBe(130);
    const trace = await read(path);
    expect(trace.finish).toBe('interrupted');
    expect(trace.rounds.length).toBeGreaterThan(0);
    expect((await runJudge(['replay', path], { env: pair.env })).code).toBe(0);
  });

  test('by a fault of the device', async () => {
    const path = join(folder, 'failed.json');
    const { code, out, err } = await runJudge(argv(path), { env: pair.env, backends: failing(3) });
    expect([code, err]).toEqual([3, expect.stringContaining('The device is gone.')]);
    // so that the error stands on a line of its own
    expect(out).toMatch(/.\n$/);
    const trace = await read(path);
    expect([trace.finish, trace.rounds.length]).toEqual(['failed', 3]);
    expect((await runJudge(['replay', path], { env: pair.env })).code).toBe(0);
  });

  test('before the first round there is nothing to keep', async () => {
    const path = join(folder, 'nothing.json');
    const { code } = await runJudge(argv(path), { env: pair.env, backends: failing(0) });
    expect(code).toBe(3);
    expect(await readdir(folder)).not.toContain('nothing.json');
  });
});

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const JUDGE = join(import.meta.dirname, '..', 'busy-judge.ts');
const spawned = (more: readonly string[]) =>
  spawn(
    process.execPath,
    ['--conditions=@judge-decoding/source', '--import', TSX, JUDGE, 'as-it-is', ...more],
    {
      env: { ...process.env, ...pair.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );

describe.runIf(process.platform !== 'win32')('a closed pipe', () => {
  test('of the text ends a run without a fault, and its rounds are kept', async () => {
    const path = join(folder, 'closed.json');
    const judge = spawned(argv(path, '-n', '200'));
    judge.stderr.resume();
    judge.stdout.once('data', () => judge.stdout.destroy());
    const [code] = (await once(judge, 'close')) as [number | null];
    expect(code).toBe(0);
    expect((await read(path)).rounds.length).toBeGreaterThan(0);
  });

  test('of what is said beside it is no fault at all', async () => {
    const judge = spawned(['generate', 'How many apples has Tom', '--target', pair.target, '-n', '60']);
    judge.stderr.destroy();
    let out = '';
    judge.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    const [code] = (await once(judge, 'close')) as [number | null];
    expect(code).toBe(0);
    expect(out.length).toBeGreaterThan(20);
  });
});
