import { cp, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { webgpuEntry } from '../../src/pair/webgpu-entry.ts';
import { pairForFile } from '../pair-for-file.ts';
import { type JudgeRun, runJudge as runJudgeFresh } from '../run-judge.ts';

const { pair, kept } = pairForFile();
const runJudge: typeof runJudgeFresh = (argv, options) =>
  runJudgeFresh(argv, { backends: kept.backends, ...options });

const copyOfTarget = async (name: string): Promise<string> => {
  const folder = join(pair.folder, name);
  await cp(pair.target, folder, { recursive: true });
  return folder;
};

/** Fails with this code and one clear line: no stack, nothing on stdout. */
async function fails(
  argv: readonly string[],
  code: number,
  messages: readonly string[],
  options: Parameters<typeof runJudge>[1] = {},
): Promise<JudgeRun> {
  const run = await runJudge(argv, { env: pair.env, ...options });
  const errors = run.err.split('\n').filter((line) => line.startsWith('error:'));
  expect(errors, run.err).toHaveLength(1);
  for (const message of messages) expect(errors[0]).toContain(message);
  expect(run.err).not.toMatch(/^\s+at /m);
  expect(run.out).toBe('');
  expect(run.code).toBe(code);
  return run;
}

const generate = (...argv: readonly string[]) => ['generate', 'Tom has apples', '-n', '8', ...argv];
const models = () => ['--target', pair.target, '--draft', pair.draft];

describe('flags', () => {
  test.each([
    [['generate', 'x', '--temprature', '1'], 'Did you mean --temperature?'],
    [['generat'], 'Did you mean generate?'],
    [['generate', 'x', '--threshold', '1.5'], 'Expected --threshold to be a number from 0 to 1, got 1.5'],
    [['generate', 'x', '--threshold', '-0.1'], 'Expected --threshold to be a number from 0 to 1, got -0.1'],
    [['generate', 'x', '--threshold', 'high'], 'got high'],
    [['generate', 'x', '--threshold'], 'argument missing'],
    [['generate', 'x', '--max-tokens', '0'], 'Expected --max-tokens to be a whole number of at least 1'],
    [['generate', 'x', '--verify', 'judje'], 'Did you mean judge?'],
    [['generate', 'x', '--draft-length', '2.5'], 'a whole number or auto, got 2.5'],
    [['generate', 'x', '--draft', '16'], 'write --draft-length 16'],
    [['generate', 'x', '--speculative-config', '{'], 'Expected --speculative-config to be JSON'],
    [['generate', 'x', '--backend', 'cuda'], 'Expected --backend to be one of cpu, got cuda'],
    [['generate', 'x', '--device', 'gpu'], 'Expected --device to be one of cpu for the backend cpu, got gpu'],
    [
      ['generate', 'x', '--dtype', 'bf16'],
      'Expected --dtype to be one of auto, fp32, int8, int4 for the backend cpu',
    ],
    [['generate', 'x', '--threads', '9999'], 'Expected --threads to be a whole number from 1 to 1024'],
    [['train', 'run', '--bogus'], 'See `judge train run --help`'],
    [['train', 'bogus'], '`judge train --help`'],
    [['generate', 'x', 'y'], 'Put it in quotes: judge generate "x y"'],
    [['problems', '--domain', 'word'], 'Did you mean words?'],
  ])('%j', async (argv, message) => {
    await fails(argv, 2, [message]);
  });

  test('rules that mean nothing', async () => {
    const ngram = ['--draft', 'ngram'];
    for (const [argv, message] of [
      [['--verify', 'lossless'], 'Expected --temperature to be above 0 for lossless'],
      [['--verify', 'fly', '--temperature', '0.7'], 'Expected --temperature to be 0 for fly'],
      [['--verify', 'topk:2+fly', '--temperature', '1'], 'Expected --temperature to be 0 for fly'],
      [['--verify', 'kl:0.3', ...ngram], 'Expected --draft to be a model for kl'],
      [['--verify', 'topk:2', '--draft-length', 'auto'], 'a number with an admission in --verify, got auto'],
      [['--draft-length', 'auto', '--temperature', '1'], 'a number with --temperature 1, got auto'],
      [['--verify', 'ensemble:0.5', '--draft-length', 'auto'], 'a number with ensemble, got auto'],
    ] as const) {
      // core's names for the same things are nothing that could be typed
      const run = await fails(generate(...models(), ...argv), 2, [message]);
      expect(run.err).not.toMatch(/`|exact\+|allowAdaptive|exactMatch/);
    }
    await fails(
      generate(...models(), '--verify', 'block+judge', '--head', pair.head, '--temperature', '1'),
      2,
      ['Expected no admission beside `block`'],
    );
    await fails(generate(...models(), '--verify', 'judge'), 2, [
      'Expected a head for --verify judge, got none',
    ]);
    await fails(
      generate(...models(), '--verify', 'judge:0.5', '--threshold', '0.6', '--head', pair.head),
      2,
      ['Leave one out'],
    );
    await fails(generate(...models(), '--context', '9999'), 2, ['Expected --context to be at most 256']);
  });
});

test('what webgpu does not take, in the flags’ words', async () => {
  const folder = 'no model is opened';
  const request = { folder, contextLength: 64, cacheFolder: folder };
  await expect(webgpuEntry.open({ ...request, exact: true })).rejects.toThrow(
    'Expected no --exact for the backend webgpu',
  );
  await expect(webgpuEntry.open({ ...request, threads: 2 })).rejects.toThrow('Expected no --threads');
});

describe('prompts', () => {
  test.each([
    ['an empty one', ['generate', ''], {}],
    ['blanks', ['generate', '  '], {}],
    ['an empty pipe', ['generate'], { input: '' }],
    ['none at a terminal', ['generate'], {}],
  ])('%s', async (_, argv, options) => {
    await fails(argv, 2, ['Expected a prompt'], options);
  });
});

describe('model files', () => {
  test('a file instead of a folder', async () => {
    await fails(generate('--target', join(pair.target, 'config.json')), 3, ['is a file']);
  });

  test('damaged JSON', async () => {
    const folder = await copyOfTarget('damaged');
    await writeFile(join(folder, 'config.json'), '{"architectures":');
    await fails(generate('--target', folder), 3, ['config.json']);
  });
});

describe('heads', () => {
  const withHead = (head: string, ...argv: readonly string[]) =>
    generate(...models(), '--head', head, ...argv);

  test('of other weights, unless allowed', async () => {
    const head = await pair.writeHead('weights.safetensors', (fitting) => ({
      ...fitting,
      provenance: { ...fitting.provenance, dtype: 'int4' },
    }));
    await fails(withHead(head), 4, ['(int4)', 'runs them as fp32', '--allow-other-weights']);
    const allowed = await runJudge(withHead(head, '--allow-other-weights'), { env: pair.env });
    expect(allowed.code).toBe(0);
    expect(allowed.err).toContain('its scores are not calibrated here');
  });

  test('of either norm fit a backend that reads both', async () => {
    const head = await pair.writeHead('post-norm.safetensors', (fitting) => ({
      ...fitting,
      terms: fitting.terms.map((term) => ({ ...term, state: 'post-norm' as const })),
    }));
    const scoresWith = async (file: string) => {
      const { code, out, err } = await runJudge(withHead(file, '--json'), { env: pair.env });
      expect(code, err).toBe(0);
      const { tokens } = JSON.parse(out) as { readonly tokens: readonly { readonly score?: number }[] };
      return tokens.map(({ score }) => score);
    };
    // the same weights on the other state give other scores: it is not taken for a pre-norm head
    expect(await scoresWith(head)).not.toEqual(await scoresWith(pair.head));
  });

  test('of a norm that the backend cannot read, said before any model is opened', async () => {
    const open = () => Promise.reject(new Error('opened'));
    const backends = { cpu: { ...kept.backends.cpu!, states: ['post-norm'] as const, open } };
    await fails(
      withHead(pair.head),
      4,
      [
        'Expected a head that reads the post-norm state',
        'got one that reads pre-norm',
        'Use a post-norm head',
      ],
      { backends },
    );
  });

  test('that are no heads, or cut off, or not there', async () => {
    const cut = join(pair.folder, 'cut.safetensors');
    await cp(pair.head, cut);
    await truncate(cut, 600);
    await fails(withHead(cut), 3, [cut]);
    await fails(withHead(join(pair.target, 'model.safetensors')), 3, ['no judge head file']);
    await fails(withHead(join(pair.folder, 'none.safetensors')), 3, ['Expected a judge head at']);
  });
});

test('a folder that heads cannot go into, said before they are fitted', async () => {
  await fails(['train', 'fit', '--out', join(pair.target, 'config.json', 'heads')], 3, [
    'Expected to write heads into',
    '--out',
  ]);
});

describe('traces', () => {
  test('that cannot be written, said before anything runs', async () => {
    await fails(generate(...models(), '--trace', join(pair.folder, 'no', 'folder.json')), 3, [
      'Expected to write the trace to',
    ]);
  });

  test.each([
    ['none there', undefined, 'Expected a trace at'],
    ['no JSON', '{', 'it is not JSON'],
    ['something else', '{"format":"other"}', 'its format is "other"'],
    ['a later version', '{"format":"judge-decoding.trace","version":4}', 'a trace of version 4'],
    ['an older version', '{"format":"judge-decoding.trace","version":1}', 'Write it again'],
    ['one without a target', '{"format":"judge-decoding.trace","version":3}', 'its target is not described'],
  ])('%s', async (name, content, message) => {
    const path = join(pair.folder, `${name}.json`);
    if (content !== undefined) await writeFile(path, content);
    await fails(['replay', path], 3, [path, message]);
  });
});
