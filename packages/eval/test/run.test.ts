import { toyModel, toyPair } from '@judge-decoding/backend-contract';
import { JudgeDecodingError, type Model, parseRule } from '@judge-decoding/core';
import { describe, expect, test } from 'vitest';
import {
  type Arm,
  findDivergences,
  hashTokens,
  ownTextsOf,
  type Row,
  rowList,
  runArms,
} from '../src/index.ts';
import { steadyClock, toyProblems } from './toy-problems.ts';

const problems = toyProblems(12);
const arms: readonly Arm[] = [
  { name: 'target', decode: 'plain', model: 'target' },
  { name: 'draft', decode: 'plain', model: 'draft' },
  { name: 'strict', decode: 'speculative', verify: { rule: 'strict' }, draftLength: 4 },
  { name: 'oracle', decode: 'speculative', verify: { rule: 'oracle' }, draftLength: 4 },
  {
    name: 'everything',
    decode: 'speculative',
    verify: { rule: 'spec', spec: parseRule('everything') },
    draftLength: 4,
  },
];
const options = () => ({
  ...toyPair({ agreement: 0.6, seed: 4, sharpness: 0.5, context: 128 }),
  problems,
  arms,
  maxTokens: 30,
  now: steadyClock(),
});

async function toyRows(): Promise<readonly Row[]> {
  const sink = rowList();
  await runArms({ ...options(), sink });
  return sink.rows;
}

test('every arm runs on every problem once, arms interleaved', async () => {
  const rows = await toyRows();
  expect(rows).toHaveLength(60);
  expect(rows.slice(0, 7).map(({ arm }) => arm)).toEqual([
    'target',
    'draft',
    'strict',
    'oracle',
    'everything',
    'draft',
    'strict',
  ]);
  for (const { tokens, hash, stats, milliseconds, draftLength } of rows) {
    expect(stats.committed).toBe(tokens.length);
    expect(stats.committed).toBe(stats.accepted + stats.recovered + stats.bonus);
    expect(stats.recovered + stats.bonus + stats.withheld).toBe(stats.rounds - stats.endedInside);
    expect(stats.accepted).toBeLessThanOrEqual(stats.drafted);
    expect(stats.drafted).toBeLessThanOrEqual(stats.rounds * draftLength);
    expect(hash).toBe(hashTokens(tokens));
    expect(milliseconds).toBeGreaterThan(0);
  }
});

test('stopped in the middle and started again, a run ends with the same texts and no row twice', async () => {
  const sink = rowList();
  let asked = 0;
  const signal = {
    get aborted() {
      return ++asked > 200;
    },
  };
  const first = runArms({ ...options(), sink, signal });
  await expect(first).rejects.toSatisfy((error) => JudgeDecodingError.is(error, 'aborted'));
  const before = sink.rows.length;
  expect(before).toBeGreaterThan(3);
  expect(before).toBeLessThan(60);
  await runArms({ ...options(), sink });
  const hashes = (rows: readonly Row[]) =>
    rows.map(({ arm, problem, hash, correct }) => `${arm} ${problem} ${hash} ${correct}`).sort();
  expect(hashes(sink.rows)).toEqual(hashes(await toyRows()));
});

test('progress begins with what is there', async () => {
  const sink = rowList();
  const seen: number[] = [];
  const onProgress = ({ done }: { done: number }) => void seen.push(done);
  await runArms({ ...options(), problems: problems.slice(0, 2), sink, onProgress });
  expect(seen).toEqual(Array.from({ length: 11 }, (_, done) => done));
  seen.length = 0;
  await runArms({ ...options(), problems: problems.slice(0, 3), sink, onProgress });
  expect(seen).toEqual([10, 11, 12, 13, 14, 15]);
});

test('a program of others is an arm: its text, its times, its tokens that came together', async () => {
  const sink = rowList();
  const decode = async ({ prompt }: { readonly prompt: readonly number[] }) => ({
    tokens: [prompt[0]!, 7, 9, 0],
    milliseconds: 12,
    at: [4, 8, 8.01, 11],
  });
  const outside = { theirs: { facts: 'theirs 1.0', decode, dispose: async () => undefined } };
  const arm: Arm = { name: 'theirs', decode: 'outside', program: 'theirs' };
  await runArms({ ...options(), arms: [arm], outside, sink });
  expect(sink.rows).toHaveLength(12);
  expect(sink.rows[0]).toMatchObject({
    tokens: [1, 7, 9, 0],
    finish: 'end',
    firstToken: 4,
    milliseconds: 12,
    rounds: [
      [1, 4],
      [2, 4],
      [1, 2.99],
    ],
    stats: { committed: 4 },
  });
  await expect(runArms({ ...options(), arms: [arm], sink: rowList() })).rejects.toThrow(
    'No program `theirs`',
  );
});

describe('equality with the target', () => {
  test('holds for strict on every problem', async () => {
    const { target } = options();
    const rows = await toyRows();
    const found = await findDivergences({ rows, problems, model: target, plainArm: 'target', arm: 'strict' });
    expect(found).toEqual({ compared: 12, divergences: [] });
  });

  test('reports the first difference with its gap, and excuses near ties alone', async () => {
    // token 1 has an exact twin, the last token: a tie wherever token 1 is the most likely
    const target = toyModel({ seed: 4, sharpness: 0.5, context: 128, ties: true });
    const sink = rowList();
    await runArms({ ...options(), target, arms: [arms[0]!], sink });
    const other = (row: Row, position: number, token: number): Row => {
      const tokens = [...row.tokens.slice(0, position), token];
      return { ...row, arm: 'strict', tokens, hash: hashTokens(tokens) };
    };
    const [row] = sink.rows;
    const changed = other(row!, 2, (row!.tokens[2]! + 1) % 16);
    const twin = sink.rows.find(({ tokens }) => tokens.includes(1));
    const rows = [
      ...sink.rows,
      changed,
      ...(twin && twin !== row ? [other(twin, twin.tokens.indexOf(1), 16)] : []),
    ];
    const { divergences } = await findDivergences({
      rows,
      problems,
      model: target,
      plainArm: 'target',
      arm: 'strict',
    });
    expect(divergences[0]).toMatchObject({
      problem: 'toy/0',
      position: 2,
      expected: row!.tokens[2],
      excused: false,
    });
    expect(divergences[0]!.gap).toBeGreaterThan(1e-3);
    if (divergences.length > 1)
      expect(divergences[1]).toMatchObject({ expected: 1, got: 16, gap: 0, excused: true });
  });

  test('measures the gap of the row that plain decoding saw: its text is read one by one', async () => {
    const target = toyModel({ seed: 4, sharpness: 0.5, context: 128 });
    const sink = rowList();
    await runArms({ ...options(), target, arms: [arms[0]!], sink });
    const [row] = sink.rows;
    const position = row!.tokens.length - 1;
    const tokens = [...row!.tokens.slice(0, position), (row!.tokens[position]! + 1) % 16];
    const rows = [row!, { ...row!, arm: 'strict', tokens, hash: hashTokens(tokens) }];
    const read: number[] = [];
    const watched: Model = {
      ...target,
      info: target.info,
      async openSession() {
        const session = await target.openSession();
        return {
          get length() {
            return session.length;
          },
          async forward(fed, request) {
            read.push(fed.length);
            return session.forward(fed, request);
          },
          truncate: (length) => session.truncate(length),
          propose: (fed, request) => session.propose(fed, request),
          dispose: () => session.dispose(),
        };
      },
    };
    await findDivergences({ rows, problems, model: watched, plainArm: 'target', arm: 'strict' });
    expect(position).toBeGreaterThan(1);
    expect(read).toEqual([problems[0]!.prompt.length - 1, ...row!.tokens.map(() => 1)]);
  });
});

test('counts texts that are the model’s own, and asks of every other where it parted', async () => {
  const rows = (await toyRows()).map((row) => ({ ...row, arm: row.arm === 'target' ? 'plain' : row.arm }));
  expect(ownTextsOf(rows, [])).toMatchObject([{ arm: 'strict', compared: 12, same: 12, unmeasured: 0 }]);
  const changed = rows.map((row) =>
    row.arm === 'strict' && ['toy/0', 'toy/1', 'toy/2'].includes(row.problem) ? { ...row, hash: 'x' } : row,
  );
  const at = (problem: string, excused: boolean) => ({
    ...{ arm: 'strict', draftLength: 4, problem, position: 2, expected: 1, got: 2, gap: 0, allowed: 1 },
    excused,
  });
  expect(ownTextsOf(changed, [at('toy/0', true), at('toy/1', false)])).toEqual([
    {
      ...{ arm: 'strict', draftLength: 4, plain: 'plain', compared: 12, same: 9 },
      ...{ excused: 1, unexcused: 1, unmeasured: 1 },
    },
  ]);
});
