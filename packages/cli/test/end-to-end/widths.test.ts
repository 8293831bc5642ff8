import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { pairForFile } from '../pair-for-file.ts';
import { type JudgeRun, runJudge } from '../run-judge.ts';
import { screenOf } from '../screen.ts';

/** Two columns each. */
const WIDE = '模型与草稿-🔬🇯🇵';
const WIDTHS = [40, 60, 80, 120];
const HELP = [
  '',
  'demo',
  'generate',
  'chat',
  'problems',
  'playground',
  'train',
  ...['run', 'label', 'features', 'answers', 'check', 'import', 'fit'].map((name) => `train ${name}`),
  'annotate',
  'inspect',
  'replay',
  'bench',
  'eval',
  'report',
  'grade',
  'texts',
  'plan',
  'models',
  'doctor',
];

const { pair } = pairForFile();
let named: { readonly target: string; readonly draft: string };
let trace: string;
let dataSet: string;
beforeAll(async () => {
  // a name as no English speaker would choose it
  const folder = join(pair.folder, WIDE);
  await mkdir(folder);
  named = { target: join(folder, '目标'), draft: join(folder, 'ドラフト') };
  await rename(pair.target, named.target);
  await rename(pair.draft, named.draft);
  trace = join(pair.folder, 'trace.json');
  dataSet = join(pair.folder, 'set.jsonl');
  await writeFile(dataSet, `{"id":1}\nno JSON\n${JSON.stringify({ id: 'a', question: 7 })}\n`);
  await run(80, ['generate', `Tom says ${WIDE}`, ...models(), '-n', '24', '--trace', trace]);
});

const models = () => ['--target', named.target, '--draft', named.draft];
const run = (columns: number, argv: readonly string[], input = ''): Promise<JudgeRun> =>
  runJudge(argv, {
    columns,
    isTerminal: true,
    env: { ...pair.env, JUDGE_MODELS: join(pair.folder, WIDE), FORCE_COLOR: '1' },
    input,
  });

/** Where a line had to be broken by the terminal, it is because of one word that is longer than a line. */
async function expectUnbroken(output: string, columns: number): Promise<void> {
  for (const { text, rows } of await screenOf(output, columns)) {
    if (rows === 1) continue;
    // a flag and its value are copied together
    const words = text.match(/--[\w-]+ '[^']*'|"[^"]*"|\S+/g) ?? [''];
    const longest = Math.max(...words.map((word) => [...word].length));
    expect.soft(longest, `${columns} columns: ${text}`).toBeGreaterThanOrEqual(columns - 12);
  }
}

/** Without the progress bars that others were drawn over. */
const withoutDrawnOver = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r') + 1))
    .join('\n');

describe.each(WIDTHS)('at %d columns no line is left for the terminal to break', (columns) => {
  test.each(HELP)('judge %s --help', async (command) => {
    const { out, code } = await run(columns, [...command.split(' ').filter(Boolean), '--help']);
    expect(code).toBe(0);
    expect(out).toContain('Usage:');
    await expectUnbroken(out, columns);
  });

  const COMMANDS: Readonly<Record<string, () => readonly string[]>> = {
    // seconds each
    ...(columns === 40 || columns === 80 ? { demo: () => ['demo'] } : {}),
    'generate and --compare': () => ['generate', `Tom ${WIDE}`, ...models(), '-n', '48', '--compare'],
    'generate in letters': () => ['generate', 'Tom', '--letters', '-n', '32', ...models()],
    problems: () => ['problems', '--count', '2'],
    'problems --solve': () => ['problems', '--count', '2', '--solve'],
    'inspect a model': () => ['inspect', named.target],
    'inspect a head': () => ['inspect', pair.head],
    replay: () => ['replay', trace],
    models: () => ['models'],
    doctor: () => ['doctor', ...models()],
    'an error': () => ['generate', 'x', '--target', join(named.target, 'nowhere')],
    'a wrong flag': () => ['generate', 'x', '--no-such-flag-anywhere'],
    'a data set': () => ['train', 'check', dataSet],
    plan: () => ['plan', '--target', 'llama-3.1-8b:int8', '--draft', 'llama-3.2-1b:int8'],
    'an old flag': () => ['generate', `Tom ${WIDE}`, ...models(), '--num-speculative-tokens', '4', '-n', '4'],
    'a wrong rule': () => ['generate', 'x', '--verify', 'strict+lossless+topk:0'],
  };
  test.each(Object.entries(COMMANDS))('%s', async (_, argv) => {
    const { out, err } = await run(columns, argv());
    expect(`${out}${err}`.length).toBeGreaterThan(20);
    // without what a progress bar has drawn over
    await expectUnbroken(out, columns);
    await expectUnbroken(withoutDrawnOver(err), columns);
  });

  test('chat, its help, and a context that is full', async () => {
    const input = `/help\n${`Tom says ${WIDE}\n`.repeat(6)}/nothing\n/reset\n`;
    const chat = ['chat', ...models(), '-n', '30', '--context', '160'];
    const { out, err, code } = await run(columns, chat, input);
    expect(code, err).toBe(0);
    expect(err).toContain('/reset');
    expect(err.replaceAll(/\s+/g, ' ')).toContain('was left out');
    await expectUnbroken(out, columns);
    await expectUnbroken(withoutDrawnOver(err), columns);
  });
});

test('a table of CJK and emoji has straight columns', async () => {
  const { out } = await run(100, ['models']);
  const lines = (await screenOf(out, 100)).map(({ text }) => text);
  const places = lines.filter((line) => / [kM]B {2}.*(目标|ドラフト)$/.test(line));
  expect(places).toHaveLength(2);
  const { default: width } = await import('string-width');
  const columns = places.map((line) => width(line.slice(0, line.search(/ [kM]B/))));
  expect(new Set(columns).size).toBe(1);
});
