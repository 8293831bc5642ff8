import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { largeNumbers } from '../../src/options/large-numbers.ts';
import { pairForFile } from '../pair-for-file.ts';
import { type RunOptions, runJudge } from '../run-judge.ts';
import { tinyPair } from '../tiny-pair.ts';

/** What somebody tries in the first hour, beside what the documents say. */
const { pair } = pairForFile();

const models = () => ['--target', pair.target, '--draft', pair.draft];
const judge = (argv: readonly string[], options: RunOptions = {}) =>
  runJudge(argv, { ...options, env: { ...pair.env, ...options.env } });
const promptOf = async (argv: readonly string[], input?: string) => {
  const options = input === undefined ? {} : { input };
  const run = await judge(['generate', ...argv, ...models(), '-n', '3', '--json'], options);
  expect(run.code, run.err).toBe(0);
  return (JSON.parse(run.out) as { promptTokens: number }).promptTokens;
};

describe('where a prompt comes from', () => {
  test('`-` is what is piped in, also behind a prompt', async () => {
    const piped = await promptOf([], 'Tom has apples');
    expect(await promptOf(['-'], 'Tom has apples\n')).toBe(piped);
    expect(await promptOf(['-p', '-'], 'Tom has apples\n')).toBe(piped);
    const both = await promptOf(['Count them:', '-'], 'Tom has apples\n');
    expect(both).toBe(await promptOf(['Count them:\n\nTom has apples']));
  });

  test('text piped in beside a prompt is refused, nothing piped in is not', async () => {
    const both = await judge(['generate', 'Tom', ...models(), '-n', '3'], { input: 'Mia has pens' });
    expect(both).toMatchObject({
      code: 2,
      err: expect.stringMatching(/got both\. Put `-` behind the prompt/),
    });
    expect(await promptOf(['Tom'], '')).toBe(await promptOf(['Tom']));
  });

  test('text that is piped in while the answer is written is said not to be read', async () => {
    const argv = ['generate', 'Tom', ...models(), '-n', '40'];
    const late = new PassThrough();
    const run = await judge(argv, { input: late, onFirstWrite: () => void late.write('Mia has pens') });
    expect(run.code, run.err).toBe(0);
    expect(run.err.replaceAll(/\s+/g, ' ')).toContain(
      'note: Text was piped in while the answer was being written',
    );
    const silent = await judge(argv, { input: new PassThrough() });
    expect(silent.code, silent.err).toBe(0);
    expect(silent.err).not.toContain('piped in');
    expect(silent.out).toBe(run.out);
  });

  test('words without quotes get the hint', async () => {
    const { code, err } = await judge(['generate', 'Why', 'is', 'the', 'sky', 'blue?']);
    expect(err).toBe(
      'error: Expected one prompt, got 5 words. Put it in quotes: judge generate "Why is the sky blue?".\n',
    );
    expect(code).toBe(2);
    expect((await judge(['chat', 'hello', 'there'])).err).toContain('it asks for each turn itself');
    expect((await judge(['doctor', 'now'])).err).toMatch(
      /^error: Expected fewer words behind `judge doctor`\./,
    );
  });
});

test('numbers that are hardly meant get a line', async () => {
  expect(largeNumbers({ draftLength: 64, threads: 2 }, 2)).toEqual([]);
  expect(largeNumbers({ draftLength: 'auto' }, 2)).toEqual([]);
  expect(largeNumbers({ draftLength: 1000, threads: 64 }, 2).join(' ')).toMatch(
    /1000 drafts .* 64 is more than the 2/,
  );
  const { err } = await judge(['generate', 'Tom', ...models(), '-n', '3', '--draft-length', '1000']);
  expect(err).toContain('note: --draft-length 1000 drafts so many tokens');
});

describe('LOSSY is said', () => {
  const head = () => ['--head', pair.head];
  test.each([
    ['where the judge may let something in', ['--verify', 'judge'], true],
    ['not where its threshold lets nothing in', ['--verify', 'judge:1'], false],
    ['not where nothing is drafted', ['--verify', 'judge', '--draft-length', '0'], false],
    ['where another admission is beside it', ['--verify', 'judge:1+topk:4'], true],
    ['not where a coin never falls that way', ['--verify', 'random:0'], false],
    ['not where only the likeliest token is let in', ['--verify', 'topk:1'], false],
    ['where its share grows at a temperature', ['--verify', 'topk:1', '--temperature', '1'], true],
    ['not where no draft is long enough', ['--verify', 'fly:6', '--draft-length', '6'], false],
    ['where one is', ['--verify', 'fly:6', '--draft-length', '7'], true],
    [
      'not where the length adapts, and nothing is let in',
      ['--verify', 'random:0', '--draft-length', 'auto'],
      false,
    ],
  ])('%s', async (_, argv, lossy) => {
    const { err, code } = await judge(['generate', 'Tom', ...models(), ...head(), '-n', '3', ...argv]);
    expect(code, err).toBe(0);
    expect(err.includes('LOSSY')).toBe(lossy);
  });
});

test('what is lossy is said of a base that is, and of admissions', async () => {
  const run = (verify: string) =>
    judge(['generate', 'Tom', ...models(), '-n', '3', '--verify', verify, '--draft-length', '4']);
  expect((await run('ensemble:0.5')).err).toContain('lossy: ensemble by itself can change the answer');
  expect((await run('topk:2')).err).toContain('lossy: what only an admission let in can change the answer');
});

test('an ending by a stop string is named', async () => {
  const plain = await judge(['generate', 'Tom', ...models(), '-n', '40', '--json']);
  const { text } = JSON.parse(plain.out) as { text: string };
  const stop = /\w/.exec(text.slice(3))![0];
  const { err } = await judge(['generate', 'Tom', ...models(), '-n', '40', '--stop', stop]);
  expect(err).toContain(`ended by the stop string ${JSON.stringify(stop)}`);
  const json = await judge(['generate', 'Tom', ...models(), '-n', '40', '--json', '--stop', stop]);
  expect(JSON.parse(json.out).finish).toEqual({ reason: 'stop-string', stopString: stop });
});

describe('inspect says what a file is not', () => {
  test.each([
    ['empty', '', 'It is empty.'],
    ['notes.md', '# Notes', 'It is a text.'],
    ['data.json', '[1, 2]', 'It is JSON.'],
    ['model.bin', 'PK\u0003\u0004rest', 'It looks like weights of PyTorch'],
    ['weights', 'GGUF\u0003', 'It is a GGUF file: give it a name that ends with .gguf.'],
    ['program', '\u007fELF\u0000\u0001', 'It holds binary data.'],
    ['graph.onnx', '\u0008\u0007', 'It is an ONNX graph'],
  ])('%s', async (name, content, what) => {
    const file = join(pair.folder, name);
    await writeFile(file, content);
    const { code, err } = await judge(['inspect', file]);
    expect(err).toContain(
      `Expected a model folder, a GGUF file or a judge head, ${file} is none of them. ${what}`,
    );
    expect(code).toBe(3);
  });

  test.each(['config.json', 'tokenizer.json', 'model.safetensors'])('%s of a model', async (name) => {
    expect((await judge(['inspect', join(pair.target, name)])).err).toMatch(
      /name the folder that it is in\.$/m,
    );
  });
});

test.runIf(existsSync('/dev/full'))('a stdout that cannot be written is one sentence', () => {
  const bin = fileURLToPath(new URL('../../bin/judge.mjs', import.meta.url));
  const command = `"${process.execPath}" "${bin}" --help > /dev/full`;
  const { status, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  expect(stderr).toMatch(/^error: Expected to write to stdout, got: .*ENOSPC.*\n$/);
  expect(status).toBe(3);
});

describe('a trace', () => {
  test('finds its models by what they are, wherever they are', async () => {
    const moved = await tinyPair();
    try {
      const trace = join(moved.folder, 'trace.json');
      const argv = [
        'generate',
        'Tom',
        '--target',
        moved.target,
        '--draft',
        moved.draft,
        '-n',
        '12',
        '--trace',
        trace,
      ];
      expect((await judge(argv)).code).toBe(0);
      const elsewhere = join(moved.folder, 'models');
      await cp(moved.target, join(elsewhere, 'target'), { recursive: true });
      await cp(moved.draft, join(elsewhere, 'draft'), { recursive: true });
      await rename(moved.target, `${moved.target}-gone`);
      await rm(moved.draft, { recursive: true });
      const found = await judge(['replay', trace], { env: { JUDGE_MODELS: elsewhere } });
      expect(found.code, found.err).toBe(0);
      const lost = await judge(['replay', trace]);
      expect(lost).toMatchObject({
        code: 3,
        err: expect.stringMatching(
          /Expected the trace’s target .* with the weights [0-9a-f]{12}: .* --target MODEL/,
        ),
      });
    } finally {
      await moved.dispose();
    }
  });

  test('of the embedded pair replays in another place', async () => {
    const trace = join(pair.folder, 'pocket.json');
    const argv = ['generate', 'Tom has 4 apples.', '--verify', 'judge', '-n', '12', '--trace', trace];
    expect((await judge(argv)).code).toBe(0);
    const written = JSON.parse(await readFile(trace, 'utf8'));
    for (const part of [written.target, written.draft]) part.folder = `/another/clone/${part.folder}`;
    written.head.file = '/another/clone/pre-norm.safetensors';
    await writeFile(trace, JSON.stringify(written));
    const { code, err } = await judge(['replay', trace]);
    expect(code, err).toBe(0);
  });
});
