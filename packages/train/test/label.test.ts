import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toyPair } from '@judge-decoding/backend-contract';
import { JudgeDecodingError } from '@judge-decoding/core';
import { sha256 } from '@judge-decoding/long-work';
import { expect, test } from 'vitest';
import { estimateLabelling, labelSolutions, parseSolutions, readSolutions, targetsOf } from '../src/index.ts';
import { toyProblems } from './toy-problems.ts';

const newFolder = () => mkdtemp(join(tmpdir(), 'judge-label-'));
const pair = () => toyPair({ agreement: 0.5, seed: 3, sharpness: 0.4 });

async function contents(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => !name.endsWith('.tmp')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')));
  return Object.fromEntries(names.map((name, i) => [name, texts[i]!]));
}

const options = (folder: string) => ({
  ...pair(),
  problems: toyProblems(7),
  folder,
  maxTokens: 24,
  problemsPerShard: 2,
});

test('killed in the middle and started again, labelling ends with the same data', async () => {
  const [whole, broken] = [await newFolder(), await newFolder()];
  await labelSolutions(options(whole));

  let asked = 0;
  const signal = {
    get aborted() {
      return ++asked > 11;
    },
  };
  const stopped = labelSolutions({ ...options(broken), signal });
  await expect(stopped).rejects.toSatisfy((error) => JudgeDecodingError.is(error, 'aborted'));
  // what a kill leaves besides whole shards is a temporary file
  await writeFile(join(broken, 'solutions-00003.jsonl.x.tmp'), '{"problem":"to');
  expect(Object.keys(await contents(broken)).length).toBeLessThan(5);
  await expect(readSolutions(broken)).rejects.toSatisfy((error) =>
    JudgeDecodingError.is(error, 'invalid-file'),
  );

  await labelSolutions(options(broken));
  expect(await contents(broken)).toEqual(await contents(whole));
  const data = await readSolutions(broken);
  expect(data.fingerprint).toBe((await readSolutions(whole)).fingerprint);
  expect(data.solutions).toHaveLength(7 * 3);
  for (const { solution, labels } of data.solutions) expect(labels).toHaveLength(solution.length);
});

test.each([
  ['the last shard was full', 4],
  ['the last shard was not', 5],
  ['nothing was labelled yet', 4],
])('more of the same problems go on with what is there: %s', async (name, first) => {
  const [whole, grown] = [await newFolder(), await newFolder()];
  await labelSolutions(options(whole));
  const fewer = { ...options(grown), problems: toyProblems(first) };
  const aborted = name === 'nothing was labelled yet';
  if (aborted) await expect(labelSolutions({ ...fewer, signal: { aborted } })).rejects.toThrow();
  else await labelSolutions(fewer);
  const before = await contents(grown);
  const { fingerprint, solutions } = aborted
    ? { fingerprint: sha256(), solutions: [] }
    : await readSolutions(grown);

  const done: number[] = [];
  await labelSolutions({ ...options(grown), onProgress: (progress) => done.push(progress.done) });
  expect(await contents(grown)).toEqual(await contents(whole));
  // whole shards were not made again
  expect(done[0]).toBe(aborted ? 0 : first - (first % 2));
  const now = await readSolutions(grown);
  expect(now.fingerprintOfFirst!(solutions.length)).toBe(fingerprint);
  expect(now.fingerprintOfFirst!(now.solutions.length)).toBe(now.fingerprint);
  if (!aborted) expect(Object.keys(before)).toContain('solutions-00001.jsonl');
});

test.each([
  ['other problems', { problems: toyProblems(9, 1) }],
  ['fewer of them', { problems: toyProblems(6) }],
  ['more of them, other settings', { problems: toyProblems(9), maxTokens: 25 }],
])('what does not go on with a folder leaves it alone: %s', async (_, other) => {
  const folder = await newFolder();
  await labelSolutions(options(folder));
  const before = await contents(folder);
  await expect(labelSolutions({ ...options(folder), ...other })).rejects.toSatisfy((error) =>
    JudgeDecodingError.is(error, 'mismatch'),
  );
  expect(await contents(folder)).toEqual(before);
});

test.each(['{', 'null', '{}', '{"kind":"features","version":3}'])(
  'a manifest that is %s is refused, not read',
  async (text) => {
    const folder = await newFolder();
    await writeFile(join(folder, 'manifest.json'), text);
    const reading = readSolutions(folder, { unfinished: 'taken' });
    await expect(reading).rejects.toSatisfy((error) => JudgeDecodingError.is(error, 'invalid-file'));
    await expect(reading).rejects.toThrow('manifest.json');
  },
);

test('two processes that share a folder end with the same data as one', async () => {
  const [whole, shared] = [await newFolder(), await newFolder()];
  await labelSolutions(options(whole));
  const share = (part: number) => labelSolutions({ ...options(shared), share: { part, of: 2 } });
  await Promise.all([share(0), share(1)]);
  expect(await contents(shared)).toEqual(await contents(whole));
});

test('a folder begun with other settings is refused, and the refusal names them', async () => {
  const folder = await newFolder();
  await labelSolutions(options(folder));
  await expect(labelSolutions({ ...options(folder), seed: 1 })).rejects.toThrow('seed: 0 there, 1 now');
});

test('a dry run reckons up the whole and writes nothing', async () => {
  const folder = await newFolder();
  let time = 0;
  const estimate = await estimateLabelling(options(folder), { now: () => (time += 100), tried: 2 });
  expect(estimate).toMatchObject({ solutions: 21, triedProblems: 2, milliseconds: 350 });
  expect(estimate.tokens).toBeGreaterThan(21);
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  { afterError: 'mask', expected: [1, 1, 0, -1, -1, -1, -1] },
  { afterError: 'negative', expected: [1, 1, 0, 0, 0, 0, 0] },
  { afterError: 'until-recovery', expected: [1, 1, 0, -1, -1, 1, 0] },
] as const)('after the first wrong token, `$afterError` gives $expected', ({ afterError, expected }) => {
  expect([...targetsOf('oowddow', afterError)]).toEqual(expected);
});

test('every token of a mistake is wrong, and what is masked begins behind it', () => {
  expect([...targetsOf('oowwdow', 'mask')]).toEqual([1, 1, 0, 0, -1, -1, -1]);
  expect([...targetsOf('oowwdow', 'negative')]).toEqual([1, 1, 0, 0, 0, 0, 0]);
  expect([...targetsOf('oowwdow', 'until-recovery')]).toEqual([1, 1, 0, 0, -1, 1, 0]);
});

const good = { problem: 'p', domain: 'd', source: 's', prompt: [1], solution: [2, 3], labels: 'ow' };
test.each([
  { line: '{', says: 'is not JSON' },
  { line: JSON.stringify({ ...good, labels: 'o' }), says: 'has 1 labels for 2 tokens' },
  { line: JSON.stringify({ ...good, labels: 'od' }), says: 'the first after o is w' },
  { line: JSON.stringify({ ...good, solution: [2, 1.5] }), says: 'no list of token ids `solution`' },
  { line: JSON.stringify({ ...good, problem: 3 }), says: 'no text `problem`' },
])('data from outside is checked: $says', ({ line, says }) => {
  const file = `${JSON.stringify(good)}\n${line}\n`;
  expect(() => parseSolutions(file, 'some.jsonl')).toThrow(`some.jsonl:2`);
  expect(() => parseSolutions(file, 'some.jsonl')).toThrow(says);
});
