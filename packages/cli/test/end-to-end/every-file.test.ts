import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rowLine } from '@judge-decoding/train/data-set';
import { beforeAll, describe, expect, test } from 'vitest';
import { pairForFile } from '../pair-for-file.ts';
import { runJudge } from '../run-judge.ts';

/** Everything that `judge` reads a file or a folder for: each is given what cannot be read. */
const COMMANDS: readonly (readonly [what: string, argv: (path: string) => readonly string[]])[] = [
  ['generate --target', (path) => ['generate', 'Tom has apples', '--target', path]],
  ['generate --draft', (path) => generate('--draft', path)],
  ['generate --head', (path) => generate('--draft', pair.draft, '--head', path)],
  ['generate --rules', (path) => generate('--rules', path)],
  ['chat --target', (path) => ['chat', '--target', path]],
  ['problems --head', (path) => ['problems', '--solve', ...models(), '--head', path]],
  ['playground', (path) => ['playground', path]],
  ['inspect', (path) => ['inspect', path]],
  ['inspect --head', (path) => ['inspect', pair.target, '--head', path]],
  ['replay', (path) => ['replay', path]],
  ['doctor --target', (path) => ['doctor', '--target', path, '--draft', pair.draft]],
  ['bench --target', (path) => ['bench', '--target', path, '--problems', '1']],
  ['bench --head', (path) => ['bench', ...models(), '--problems', '1', '--arms', 'judge', '--head', path]],
  ['bench --anchors', (path) => ['bench', ...models(), '--problems', '1', '--anchors', path]],
  [
    'bench --synthetic-acceptance',
    (path) => ['bench', ...models(), '--problems', '1', '--synthetic-acceptance', path],
  ],
  [
    'eval --data of rows of one’s own',
    (path) => ['eval', '--out', scratch('results'), ...models(), '--task', 'own', '--data', path],
  ],
  [
    'eval --data of a benchmark',
    (path) => ['eval', '--out', scratch('results'), ...models(), '--task', 'gsm8k', '--data', path],
  ],
  ['report', (path) => ['report', path]],
  ['report --compare', (path) => ['report', '--compare', path, path]],
  ['report --merge', (path) => ['report', '--merge', scratch('merged'), path]],
  [
    'grade',
    (path) => ['grade', path, '--data', pair.folder, '--endpoint', 'http://127.0.0.1:1/v1', '--grader', 'm'],
  ],
  ['texts', (path) => ['texts', path, ...models()]],
  [
    'texts --head',
    (path) => ['texts', scratch('texts.jsonl'), ...models(), '--arms', 'judge', '--head', path],
  ],
  ['train run --questions', (path) => ['train', 'run', ...models(), ...heads(), '--questions', path]],
  ['train run --data', (path) => ['train', 'run', ...models(), ...heads(), '--data', path]],
  ['train run --target', (path) => ['train', 'run', ...heads(), '--target', path, '--draft', pair.draft]],
  ['train fit --target', (path) => ['train', 'fit', ...heads(), '--target', path, '--draft', pair.draft]],
  [
    'train answers --questions',
    (path) => ['train', 'answers', ...models(), '--out', scratch('answers.jsonl'), '--questions', path],
  ],
  ['train suggest', (path) => ['train', 'suggest', path, '--target', pair.target, '--head', pair.head]],
  [
    'train suggest --head',
    (path) => ['train', 'suggest', scratch('rows.jsonl'), '--target', pair.target, '--head', path],
  ],
  ['train check', (path) => ['train', 'check', path]],
  ['train import', (path) => ['train', 'import', path, '--out', scratch('head.safetensors')]],
  [
    'train import --target',
    (path) => ['train', 'import', scratch('head.json'), '--out', scratch('h'), '--target', path],
  ],
  ['annotate', (path) => ['annotate', path, '--annotator', 'me']],
  ['annotate --page', (path) => ['annotate', path, '--annotator', 'me', '--page']],
];

const { pair, kept } = pairForFile();
beforeAll(async () => {
  await mkdir(scratch(''));
  await mkdir(scratch('a-folder'));
  await writeFile(scratch('texts.jsonl'), JSON.stringify({ prompt: 'Tom has apples', text: 'He has.' }));
  await writeFile(
    scratch('rows.jsonl'),
    rowLine({ version: 1, id: 'a', domain: 'a', question: 'Why?', wrong: 'So.', provenance: {} }),
  );
  await writeFile(scratch('head.json'), JSON.stringify({ weights: Array(32).fill(0.1), bias: 0 }));
  await writeFile(scratch('empty.npz'), '');
  await writeFile(
    scratch('binary.npz'),
    Uint8Array.from({ length: 4096 }, (_, i) => (i * 151 + 7) % 256),
  );
  await writeFile(scratch('secret.npz'), '{}');
  await chmod(scratch('secret.npz'), 0o000);
});

const scratch = (name: string): string => join(pair.folder, 'scratch', name);
const heads = () => ['--out', scratch('heads')];
const models = () => ['--target', pair.target, '--draft', pair.draft];
const generate = (...argv: readonly string[]) => [
  'generate',
  'Tom has apples',
  '-n',
  '4',
  '--target',
  pair.target,
  ...argv,
];

/** What an operating system calls its errors says nothing to people. */
const RAW =
  /\b(?:ENOENT|EISDIR|EACCES|ENOTDIR|EPERM|EINVAL|ERR_[A-Z_]+)\b|no such file or|illegal operation|Cannot read prop|is not a function|Unexpected token|^\s+at /m;

/** Root may read all, and Windows has no such rights. */
const asRoot = process.getuid?.() === 0 || process.platform === 'win32';
if (asRoot) console.info('Files that may not be read are not tried: this user may read all.');
const KINDS = ['nothing.npz', 'a-folder', 'empty.npz', 'binary.npz', ...(asRoot ? [] : ['secret.npz'])];

describe.each(COMMANDS)('%s', (what, argv) => {
  test.each(KINDS)('%s', async (name) => {
    const run = await runJudge(argv(scratch(name)), { env: pair.env, backends: kept.backends, input: '' });
    const said = `${run.out}${run.err}`;
    expect(said).not.toMatch(RAW);
    // nor does a terminal hear what a binary file says
    expect(said).not.toMatch(/[^\P{Cc}\n\t]/u);
    // a data set without a row has no wrong one
    if (what === 'train check' && name === 'empty.npz') return expect(run.code).toBe(0);
    expect(run.code, said).toBe(3);
    if (what === 'train check' && name === 'binary.npz') return;
    const errors = run.err.split('\n').filter((line) => line.startsWith('error:'));
    expect(errors, said).toHaveLength(1);
  });
});
