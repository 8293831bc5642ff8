import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readHead } from '@judge-decoding/core';
import { parseDataSet, rowLine } from '@judge-decoding/train/data-set';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runJudge as runJudgeFresh } from '../run-judge.ts';
import { type TinyPair, tinyPair } from '../tiny-pair.ts';

/** A made-up pair knows nothing, but all that a training does can be seen with it. */
let pair: TinyPair;
beforeAll(async () => {
  pair = await tinyPair();
});
afterAll(() => pair.dispose());

const runJudge = (...argv: readonly string[]) => runJudgeFresh(argv, { env: pair.env });
const models = () => ['--target', pair.target, '--draft', pair.draft];

/** Questions with answers, as many lines. */
const sums = (count: number): string =>
  Array.from(
    { length: count },
    (_, i) => `${JSON.stringify({ question: `${i}+1?`, answer: `${i}` })}\n`,
  ).join('');

/** Answers in which the seventh letter is where it goes wrong. */
async function dataSet(rows: number): Promise<string> {
  const file = join(pair.folder, `marked-${rows}.jsonl`);
  const letters = 'abcdefghij';
  const text = (seed: number) =>
    Array.from({ length: 14 }, (_, i) => letters[(seed * 7 + i * 3 + seed * i) % 10]).join('');
  const lines = Array.from({ length: rows }, (_, i) =>
    rowLine({
      version: 1,
      id: `q${i}`,
      domain: i % 2 === 0 ? 'even' : 'odd',
      question: text(i),
      correct: text(i + 1),
      wrong: text(i + 2),
      mistakes: [{ start: 6, end: 7 }],
      provenance: { wrong: 'made up' },
    }),
  );
  await writeFile(file, lines.join(''));
  return file;
}

test('labels of people become heads, a card and a report; what is there is used again', async () => {
  const data = await dataSet(60);
  const out = join(pair.folder, 'heads');
  const argv = [
    'train',
    'run',
    ...models(),
    '--data',
    data,
    '--out',
    out,
    '--layers',
    'all',
    '--recall',
    '0.9',
    '--per-domain',
  ];
  const { code, out: paths, err } = await runJudge(...argv);
  expect(code, err).toBe(0);
  expect(err).toContain('labels: people, 120 answers');
  // what heads are worth, and how to come by more labels
  expect(err).toMatch(
    /^pre-norm +[01]\.\d{3} \([01]\.\d{3} to [01]\.\d{3}\) +[01]\.\d{4} +\d+\.\d % +\d+\.\d %$/m,
  );
  expect(err).toContain('Mark more answers');
  const files = ['pre-norm', 'post-norm', 'pre-norm-and-previous', 'layer-1'].map(
    (name) => `${name}.safetensors`,
  );
  const names = [...files, 'by-domain.safetensors', 'README.md', 'report.html', 'report.csv', 'report.json'];
  expect(paths.trim().split('\n')).toEqual(names.map((name) => join(out, name)));
  const head = await readFile(join(out, files[0]!));
  expect(readHead(head).provenance.made).toMatchObject({ threshold: expect.stringContaining('90 %') });
  expect(await readFile(join(out, 'README.md'), 'utf8')).toContain(
    '**Judge decoding with these heads is lossy**',
  );

  const shown = await runJudge('inspect', join(out, 'layer-1.safetensors'));
  expect(shown.out).toContain('people, 120 answers');
  // a head on an earlier layer decodes, too
  const text = await runJudge(
    'generate',
    'abc',
    ...models(),
    '--head',
    join(out, 'layer-1.safetensors'),
    '--max-tokens',
    '8',
  );
  expect(text.code, text.err).toBe(0);

  const [folder] = (await readdir(join(out, 'work'))).filter((name) => name.startsWith('features'));
  const features = join(out, 'work', folder!);
  const before = await readdir(features);
  const again = await runJudge(...argv);
  expect(again.code, again.err).toBe(0);
  expect(await readFile(join(out, files[0]!))).toEqual(head);
  expect(await readdir(features)).toEqual(before);

  // a shard that was cut short is named, and written again once it is gone
  const shard = join(features, before.find((name) => name.endsWith('.safetensors'))!);
  await writeFile(shard, (await readFile(shard)).subarray(0, -100));
  const cut = await runJudge(...argv);
  expect(cut.code).toBe(3);
  expect(cut.err).toContain(shard);
  await rm(shard);
  expect((await runJudge(...argv)).code).toBe(0);
  expect(await readFile(join(out, files[0]!))).toEqual(head);
});

test('one of several heads is picked by its name, and a head’s scores go into a data set', async () => {
  const out = join(pair.folder, 'heads');
  // a file of several heads is shown whole, and a name picks one
  const several = join(out, 'by-domain.safetensors');
  const all = await runJudge('inspect', several);
  for (const domain of ['even', 'odd']) expect(all.out).toContain(`${several}#${domain}`);
  const argvOf = (head: string) => ['generate', 'abc', ...models(), '--head', head, '--max-tokens', '4'];
  expect((await runJudge(...argvOf(`${several}#odd`))).code).toBe(0);
  const nameless = await runJudge(...argvOf(several));
  expect(nameless.code).toBe(2);
  expect(nameless.err).toContain('even, odd');

  // what a head thinks of the answers goes into the data set, for annotators who ask
  const suggested = join(pair.folder, 'suggested.jsonl');
  const scored = await runJudge(
    ...[
      'train',
      'suggest',
      await dataSet(60),
      ...models(),
      '--head',
      join(out, 'pre-norm.safetensors'),
      '--out',
      suggested,
    ],
  );
  expect(scored.code, scored.err).toBe(0);
  const rows = parseDataSet(await readFile(suggested, 'utf8'), suggested);
  expect(rows).toHaveLength(60);
  for (const { suggestion, cuts } of rows) expect(suggestion?.scores).toHaveLength(cuts!.starts.length);
  // the same head in the same place of another answer scores otherwise
  expect(new Set(rows.flatMap(({ suggestion }) => suggestion!.scores)).size).toBeGreaterThan(100);
});

test('with more marked rows the same folder makes heads of all of them', async () => {
  const out = join(pair.folder, 'heads');
  const before = await readFile(join(out, 'pre-norm.safetensors'));
  const { code, err } = await runJudge(
    ...['train', 'run', ...models(), '--data', await dataSet(80), '--out', out, '--no-ablations'],
  );
  expect(code, err).toBe(0);
  expect(err).toContain('labels: people, 160 answers');
  expect(await readFile(join(out, 'pre-norm.safetensors'))).not.toEqual(before);
});

test('an answer of people that the models cannot read is named by its line', async () => {
  const file = join(pair.folder, 'long.jsonl');
  const text = await readFile(await dataSet(20), 'utf8');
  const long = { version: 1, id: 'long', domain: 'd', question: 'abc', correct: 'a'.repeat(300) } as const;
  await writeFile(file, text + rowLine({ ...long, provenance: {} }));
  const { code, err } = await runJudge(
    ...['train', 'run', ...models(), '--data', file, '--out', join(pair.folder, 'long')],
  );
  expect(code).toBe(2);
  expect(err).toContain(`${file}:21`);
  expect(err).toContain('256');
});

test.each<[string, readonly string[], string]>([
  ['a recipe', ['--recipe', 'newton'], '--recipe'],
  ['what is fitted', ['--fit-on', 'everything'], '--fit-on'],
  ['what follows a mistake', ['--after-mistake', 'forget'], '--after-mistake'],
  ['a loss of what', ['--loss-by', 'words'], '--loss-by'],
  ['two thresholds', ['--recall', '0.9', '--loss', '0.1'], '--recall'],
  ['a walk', ['--walk', 'random'], '--walk'],
  ['what is compared', ['--compare', 'text'], '--compare'],
  ['what only likelihood reads', ['--window', '5'], '--window'],
  ['what only people give', ['--data', 'marked.jsonl', '--label', 'equivalence'], '--data'],
  ['questions beside marked rows', ['--data', 'marked.jsonl'], '--questions'],
  ['a layer that is not there', ['--layers', '9'], '--layers'],
])('flags are refused before hours of labelling, not after them: %s', async (_, flags, says) => {
  const questions = join(pair.folder, 'twelve.jsonl');
  await writeFile(questions, sums(12));
  const out = join(pair.folder, 'refused');
  const { code, err } = await runJudge(
    ...['train', 'run', ...models(), '--questions', questions, '--out', out, ...flags],
  );
  expect(code).toBe(2);
  expect(err).toContain(`Expected ${says}`);
  // nothing was begun
  await expect(readdir(join(out, 'work', 'labels'))).rejects.toThrow('ENOENT');
});

test('more questions go on with the labels of fewer; what is too long is left out by name', async () => {
  const questions = join(pair.folder, 'growing.jsonl');
  const long = `${JSON.stringify({ id: 'endless', question: 'a'.repeat(400), answer: '1' })}\n`;
  await writeFile(questions, long + sums(30));
  const out = join(pair.folder, 'growing');
  const features = (count: number) =>
    runJudge(
      ...['train', 'features', ...models(), '--questions', questions, '--label', 'likelihood'],
      ...['--max-tokens', '12', '--out', out, '--count', String(count)],
    );
  const some = await features(14);
  expect(some.code, some.err).toBe(0);
  expect(some.err.replace(/\s+/g, ' ')).toContain(
    'One question is too long for the models’ contexts, and left out: endless.',
  );
  expect(some.err).toContain('13 answers');
  const labels = join(out, 'work', 'labels');
  const when = async () => (await stat(join(labels, 'solutions-00012.jsonl'))).mtimeMs;
  const before = await when();
  const more = await features(25);
  expect(more.code, more.err).toBe(0);
  expect(more.err).toContain('24 answers');
  expect(await when()).toBe(before);
  const fewer = await features(20);
  expect(fewer.code).toBe(4);
  expect(fewer.err).toContain('count: 24 there, 19 now');
});

test('labels without a wrong token: the flag that brings more is named, and what is labelled stays', async () => {
  const questions = join(pair.folder, 'all-right.jsonl');
  await writeFile(questions, sums(30));
  const out = join(pair.folder, 'all-right');
  const run = async (...more: readonly string[]) => {
    // whatever a token loses, it is called correct
    const labels = ['--label', 'likelihood', '--most-loss', '1000', '--max-tokens', '12'];
    const { code, err } = await runJudge(
      ...['train', 'run', ...models(), '--questions', questions, ...labels, '--out', out, ...more],
    );
    expect(code, err).toBe(2);
    return err.replace(/\s+/g, ' ');
  };
  const stays = `: what is labelled stays in ${join(out, 'work')}, and is gone on with.`;
  const wanted = /got \d+ correct and 0 wrong ones\. For more, (.*?)(?=: what)/;
  const few = await run('--count', '12');
  expect(wanted.exec(few)?.[1]).toBe('run the same command with a larger --count');
  expect(few).toContain(stays);
  const shard = join(out, 'work', 'labels', 'solutions-00011.jsonl');
  const before = (await stat(shard)).mtimeMs;
  const all = await run();
  expect(wanted.exec(all)?.[1]).toBe('put further questions at the end of the file and run the same command');
  expect(all).toContain('labels: likelihood, 30 answers');
  expect((await stat(shard)).mtimeMs).toBe(before);
});

test('rows that nobody has decided on are counted, not guessed', async () => {
  const file = join(pair.folder, 'open.jsonl');
  await writeFile(
    file,
    rowLine({ version: 1, id: 'a', domain: 'd', question: 'abc', wrong: 'abc', provenance: {} }),
  );
  const { code, err } = await runJudge(
    'train',
    'run',
    ...models(),
    '--data',
    file,
    '--out',
    join(pair.folder, 'open'),
  );
  expect(code).toBe(2);
  expect(err).toContain('found 1 that are open');
});

test('a span that touches no token is named by file and line', async () => {
  const file = join(pair.folder, 'outside.jsonl');
  const row = {
    version: 1,
    id: 'a',
    domain: 'd',
    question: 'abc',
    correct: 'ab',
    wrong: 'abc',
    provenance: {},
  } as const;
  await writeFile(file, `${rowLine(row)}${rowLine({ ...row, id: 'b', mistakes: [{ start: 2, end: 30 }] })}`);
  const { code, err } = await runJudge(
    'train',
    'run',
    ...models(),
    '--data',
    file,
    '--out',
    join(pair.folder, 'outside'),
  );
  expect(code).toBe(3);
  expect(err).toContain(`${file}:2`);
});

test('a dry run says what labels would cost, and keeps nothing', async () => {
  const questions = join(pair.folder, 'questions.jsonl');
  const rows = Array.from({ length: 12 }, (_, i) =>
    JSON.stringify({ question: `${i}+1?`, answer: String(i + 1) }),
  );
  await writeFile(questions, rows.join('\n'));
  const out = join(pair.folder, 'dry');
  const {
    code,
    out: said,
    err,
  } = await runJudge(
    ...['train', 'run', ...models(), '--questions', questions, '--label', 'likelihood'],
    ...['--max-tokens', '12', '--out', out, '--dry-run'],
  );
  expect(code, err).toBe(0);
  expect(said).toMatch(/labelled tokens +about [1-9]\d*/);
  expect(await readdir(out).catch(() => [])).toEqual([]);
});

test('a labelling that was stopped can be gone on from with what there is, and continued', async () => {
  const questions = join(pair.folder, 'some.jsonl');
  await writeFile(questions, sums(12));
  const out = join(pair.folder, 'so-far');
  const label = (...more: readonly string[]) =>
    runJudge(
      ...['train', 'label', ...models(), '--questions', questions, '--label', 'likelihood'],
      ...['--max-tokens', '12', '--out', out, ...more],
    );
  const whole = await label();
  expect(whole.err).toContain('12 answers');
  await rm(join(out, 'work', 'labels', 'solutions-00004.jsonl'));
  const some = await label('--so-far');
  expect(some.code, some.err).toBe(0);
  expect(some.err).toContain('11 answers');
  expect((await label()).err).toContain('12 answers');
});

test('likelihood takes its threshold from labels of equivalence', async () => {
  const questions = join(pair.folder, 'like.jsonl');
  await writeFile(questions, sums(12));
  const label = async (out: string, ...more: readonly string[]) => {
    const { code, err } = await runJudge(
      ...['train', 'label', ...models(), '--questions', questions, '--label', 'likelihood'],
      ...['--max-tokens', '12', '--out', join(pair.folder, out), ...more],
    );
    expect(code, err).toBe(0);
    const [, tokens, wrong] = /answers,\s(\d+)\stokens,\s(\d+)\sof\sthem\swrong/.exec(err)!;
    return { tokens: Number(tokens), wrong: Number(wrong), err };
  };
  // as if another way of labelling had called every token wrong
  const all = await label('all-wrong', '--most-loss', '-1000');
  expect(all.wrong).toBe(all.tokens);
  expect(all.err).toContain('--like FOLDER/work/labels');
  const like = await label('like', '--like', join(pair.folder, 'all-wrong', 'work', 'labels'));
  expect(like.tokens).toBe(all.tokens);
  expect(like.wrong).toBeGreaterThanOrEqual(Math.ceil(0.9 * all.tokens));
  expect(like.wrong).toBeLessThan(all.tokens);
});

test('nobody can compare free texts by their answers: said before any work', async () => {
  const questions = join(pair.folder, 'free.jsonl');
  await writeFile(
    questions,
    Array.from({ length: 12 }, (_, i) => JSON.stringify({ instruction: `Say ${i}.` })).join('\n'),
  );
  const { code, err } = await runJudge(
    'train',
    'run',
    ...models(),
    '--questions',
    questions,
    '--out',
    join(pair.folder, 'free'),
  );
  expect(code).toBe(2);
  expect(err).toContain('--label likelihood');
});
