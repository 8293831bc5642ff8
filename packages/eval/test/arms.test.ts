import { toyPair } from '@judge-decoding/backend-contract';
import {
  draftSession,
  exactMatch,
  generate,
  JudgeDecodingError,
  type JudgeHead,
  parseRule,
  rule,
} from '@judge-decoding/core';
import { describe, expect, test } from 'vitest';
import { type Arm, checkArms, openDecoder, oracle, type Verification } from '../src/index.ts';
import { steadyClock, toyProblems } from './toy-problems.ts';

const pair = toyPair({ agreement: 0.6, seed: 4, sharpness: 0.5, endTokens: [0], context: 128 });
const problems = toyProblems(8);
const { info } = pair.target;

/** Scores every token alike. */
const flatHead = (bias: number): JudgeHead => ({
  terms: [{ layer: 'last', state: 'pre-norm', row: 'own', weights: new Float32Array(info.hiddenSize) }],
  bias,
  threshold: 0.5,
  hiddenSize: info.hiddenSize,
  provenance: {
    model: info.name,
    fingerprint: info.fingerprint,
    dtype: info.dtype,
    data: '',
    metrics: {},
    calibration: [],
  },
});
const named = {
  heads: { yes: flatHead(3), no: flatHead(-3) },
  given: { mine: () => rule(exactMatch()) },
};
/** A rule of core's table, as an arm has it. */
const ofTable = (text: string, head?: string): Verification => ({
  rule: 'spec',
  spec: parseRule(text),
  ...(head === undefined ? {} : { head }),
});
const speculative = (verify: Verification, more: Partial<Arm> = {}): Arm =>
  ({ name: verify.rule, decode: 'speculative', verify, draftLength: 5, ...more }) as Arm;

async function textsOf(arm: Arm): Promise<readonly (readonly number[])[]> {
  const decoder = await openDecoder({ ...pair, named, maxTokens: 40, now: steadyClock() });
  const texts = [];
  for (const problem of problems) texts.push((await decoder.decode(arm, problem, { seed: 9 })).tokens);
  await decoder.dispose();
  return texts;
}

const plain = (model: 'target' | 'draft'): Arm => ({ name: model, decode: 'plain', model });
const unguarded = { guards: 'off', bonus: 'off' } as const;

describe('both ends', () => {
  test.each<{ as: string; verify: Verification }>([
    { as: 'strict', verify: { rule: 'strict' } },
    { as: 'random admission at rate 0', verify: ofTable('random:0') },
    { as: 'a judge with threshold 1', verify: ofTable('judge:1', 'yes') },
    { as: 'a judge that rejects all', verify: ofTable('judge', 'no') },
    { as: 'a given rule of core', verify: { rule: 'given', name: 'mine' } },
  ])('$as writes the target’s text', async ({ verify }) => {
    expect(await textsOf(speculative(verify))).toEqual(await textsOf(plain('target')));
  });

  test.each<{ as: string; verify: Verification }>([
    { as: 'everything', verify: ofTable('everything') },
    { as: 'random admission at rate 1', verify: ofTable('random:1') },
    { as: 'a judge that admits all', verify: ofTable('judge', 'yes') },
    { as: 'either of two', verify: ofTable('everything+topk:2') },
  ])('$as without guards and bonus writes the draft’s text', async ({ verify }) => {
    expect(await textsOf(speculative(verify, unguarded))).toEqual(await textsOf(plain('draft')));
  });
});

test('the oracle admits exactly the mismatches that the recogniser does not call wrong', async () => {
  let admitted = 0;
  let refused = 0;
  for (const problem of problems) {
    const rounds = generate({
      model: info,
      target: await pair.target.openSession(),
      draft: draftSession(pair.draft, await pair.draft.openSession()),
      prompt: problem.prompt,
      rule: rule(exactMatch(), oracle(problem)),
      guards: 'off',
      draftLength: 6,
      maxTokens: 60,
    });
    const reader = problem.reader();
    for await (const { tokens, round } of rounds) {
      for (const [i, { id, source }] of tokens.entries()) {
        const before = reader.clone();
        const label = reader.feed(id);
        if (source === 'oracle') {
          expect(label).toBe('ok');
          admitted++;
        }
        if (source === 'recovered') {
          expect(before.feed(round.draft[i]!)).not.toBe('ok');
          refused++;
        }
      }
    }
  }
  expect(admitted).toBeGreaterThan(5);
  expect(refused).toBeGreaterThan(0);
});

test('arms that could not be told apart, and names that stand for nothing, are refused', async () => {
  expect(() => checkArms([plain('target'), plain('target')])).toThrow('target at draft length 0');
  await expect(textsOf(speculative(ofTable('judge', 'none')))).rejects.toSatisfy((error) =>
    JudgeDecodingError.is(error, 'not-found'),
  );
});
