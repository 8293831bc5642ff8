import { describe, expect, test } from 'vitest';
import {
  allOf,
  anyOf,
  block,
  cascade,
  ensemble,
  everything,
  exactMatch,
  floor,
  fly,
  JudgeDecodingError,
  type JudgeHead,
  judged,
  kl,
  lenience,
  lossless,
  margin,
  mars,
  processedRows,
  relaxed,
  rule,
  topK,
  typical,
  UNGUARDED,
  verify,
} from '../src/index.ts';
import { ln, madeUpRound } from './round.ts';

const head: JudgeHead = {
  terms: [{ layer: 'last', state: 'pre-norm', row: 'own', weights: Float32Array.of(1) }],
  bias: 0,
  threshold: 0.5,
  hiddenSize: 1,
  provenance: {
    model: 'm',
    fingerprint: { architecture: 'a', tokenizer: 't', weights: 'w' },
    dtype: 'fp32',
    data: 'd',
    metrics: {},
    calibration: [],
  },
};

// token 2 is the target's favourite in every row
const logits = (rows: number) => Array.from({ length: rows }, () => ln(0.1, 0.25, 0.6, 0.05));

test.each([
  { draft: [2, 2, 2], sources: 3, last: 'all-accepted' },
  { draft: [2, 1, 2], sources: 1, last: 'rejected' },
  { draft: [0, 2, 2], sources: 0, last: 'rejected' },
  { draft: [], sources: 0, last: 'all-accepted' },
])('exact match keeps $sources of $draft', ({ draft, sources, last }) => {
  const verdict = verify(
    madeUpRound({ draft, logits: logits(draft.length + 1) }),
    rule(exactMatch()),
    UNGUARDED,
  );
  expect(verdict.sources).toHaveLength(sources);
  expect(verdict.kind).toBe(last);
  expect(verdict.kind === 'rejected' ? verdict.recovered() : verdict.bonus()).toBe(2);
});

test.each([
  { scores: [0, 3, -1, 3], keeps: ['judge'] },
  { scores: [0, 3, 0, 3], keeps: ['judge'] }, // score 0.5 is not above threshold 0.5
  { scores: [0, 3, 0.01, 3], keeps: ['judge', 'judge', 'judge'] },
  { scores: [9, Number.NaN, 9, 9], keeps: [] },
])('the judge reads each token’s own row: $scores lets in $keeps', ({ scores, keeps }) => {
  const round = madeUpRound({ draft: [1, 1, 1], logits: logits(4), scores });
  expect(verify(round, rule(exactMatch(), judged(head)), UNGUARDED).sources).toEqual(keeps);
});

const admits = (
  admission: Parameters<typeof rule>[1],
  token: number,
  rest: number[] = [2, 2, 2, 2, 2, 2, 2],
) => admission!.admits(madeUpRound({ draft: [token, ...rest], logits: logits(rest.length + 2) }), 0, []);

describe('admissions on p = (0.1, 0.25, 0.6, 0.05)', () => {
  test.each([
    [topK(1), 2, true],
    [topK(1), 1, false],
    [topK(2), 1, true],
    [topK(3), 3, false],
    // entropy 1.017: min(0.09, 0.3 exp(-H)) = 0.09
    [typical(), 0, true],
    [typical(), 3, false],
    [typical({ epsilon: 0.5, delta: 1 }), 1, false],
    [relaxed({ n: 3, delta: 0.35 }), 1, true],
    [relaxed({ n: 3, delta: 0.3 }), 1, false],
    [relaxed({ n: 1, delta: 1 }), 1, false],
    [cascade(0.6), 1, true],
    [cascade(0.5), 1, false],
    [floor(0.2), 1, true],
    [floor(0.25), 0, false],
    [everything(), 3, true],
    [anyOf(floor(0.5), topK(2)), 1, true],
    [anyOf(floor(0.5), topK(2)), 0, false],
    [allOf(floor(0.2), topK(2)), 1, true],
    [allOf(floor(0.3), topK(2)), 1, false],
  ])('$name admits token %i: %s', (admission, token, expected) => {
    expect(admits(admission, token)).toBe(expected);
  });
});

describe('FLy', () => {
  // H3 = -(0.6 ln 0.6 + 0.25 ln 0.25 + 0.1 ln 0.1) = 0.883
  test.each([
    { options: {}, rest: [2, 2, 2, 2, 2, 2], admitted: true },
    { options: {}, rest: [2, 2, 2, 2, 2], admitted: false }, // the window does not fit
    { options: { counting: 'including' as const }, rest: [2, 2, 2, 2, 2], admitted: true },
    { options: {}, rest: [2, 2, 2, 2, 2, 1], admitted: false }, // a second mismatch in the window
    { options: { window: 5 }, rest: [2, 2, 2, 2, 2, 1], admitted: true },
    { options: { entropy: 0.9 }, rest: [2, 2, 2, 2, 2, 2], admitted: false }, // the target is too sure
  ])('with $options and $rest behind the mismatch: $admitted', ({ options, rest, admitted }) => {
    expect(admits(fly(options), 1, rest)).toBe(admitted);
  });
});

describe('KL', () => {
  const p = ln(0.5, 0.5);
  test.each([
    { q: ln(0.5, 0.5), threshold: 0.01, admitted: true },
    { q: ln(0.9, 0.1), threshold: 0.5, admitted: false }, // KL = 0.511
    { q: ln(0.9, 0.1), threshold: 0.52, admitted: true },
  ])('admits below $threshold: $admitted', ({ q, threshold, admitted }) => {
    const round = madeUpRound({ draft: [1], logits: [p, p], draftLogits: [q] });
    expect(kl(threshold).admits(round, 0, [])).toBe(admitted);
  });

  test('keeps out of rows where the target is sure, however much the two agree', () => {
    const sure = ln(0.95, 0.05);
    const round = madeUpRound({ draft: [1], logits: [sure, sure], draftLogits: [sure] });
    expect(kl(0.3).admits(round, 0, [])).toBe(false);
    expect(kl(0.3, { maskTop1: 0.96 }).admits(round, 0, [])).toBe(true);
  });
});

describe('MARS, token 1 being the second choice', () => {
  // the same distribution twice: a softmax does not see the shift, the ratio does
  const high = [18.1, 20, 2];
  const low = high.map((logit) => logit - 17);
  test.each([
    { logits: high, rule: mars(), admitted: true }, // 18.1 > 0.9 * 20
    { logits: low, rule: mars(), admitted: false }, // 1.1 < 0.9 * 3
    { logits: high, rule: mars({ ratio: 0.91 }), admitted: false },
    { logits: high.map((logit) => logit - 19), rule: mars({ ratio: 0.01 }), admitted: false }, // -0.9: no ratio
    { logits: high, rule: margin(1.95), admitted: true },
    { logits: low, rule: margin(1.95), admitted: true },
    { logits: high, rule: margin(1.85), admitted: false },
  ])('$rule.name on $logits: $admitted', ({ logits, rule, admitted }) => {
    expect(rule.admits(madeUpRound({ draft: [0], logits: [logits, logits] }), 0, [])).toBe(admitted);
    // the third choice is never let in
    expect(rule.admits(madeUpRound({ draft: [2], logits: [logits, logits] }), 0, [])).toBe(false);
  });

  test('what top-k has taken away is no choice', () => {
    const rows = processedRows(Float32Array.from(high), 1, { temperature: 1, topK: 1 }, [0], [0]);
    expect(rows.top(0, 2).map(({ logit }) => logit)).toEqual([20, expect.closeTo(18.1, 5)]);
    const round = { ...madeUpRound({ draft: [0], logits: [high, high] }), belief: rows };
    expect(mars().admits(round, 0, [])).toBe(false);
  });
});

test('the greedy ensemble accepts and recovers the favourite of the mixture, its bonus is the target’s', () => {
  const round = madeUpRound({
    draft: [1],
    logits: [ln(0.5, 0.4, 0.1), ln(0.1, 0.2, 0.7)],
    draftLogits: [ln(0.1, 0.8, 0.1)],
  });
  // 0.7 p + 0.3 q = (0.38, 0.52, 0.1)
  const verdict = verify(round, rule(ensemble(0.7, 'greedy')), UNGUARDED);
  expect(verdict.sources).toEqual(['standard']);
  expect(verdict.kind === 'all-accepted' && verdict.bonus()).toBe(2);
  const strictly = verify(round, rule(ensemble(1, 'greedy')), UNGUARDED);
  expect(strictly.kind === 'rejected' && strictly.recovered()).toBe(0);
});

test.each([
  ['block with an admission', () => rule(block(), floor(0.5)), /jointly/],
  ['a sampling base with a greedy admission', () => rule(lossless(), fly()), /greedy decoding only/],
  ['no admission to compose', () => anyOf(), /at least one admission/],
  ['a threshold above 1', () => judged(head, { threshold: 1.5 }), /from 0 to 1/],
  ['a NaN threshold', () => judged(head, { threshold: Number.NaN }), /from 0 to 1/],
  ['a top-k of 0', () => topK(0), /at least 1/],
  ['a lenience of 0', () => lenience(0), /above 0/],
  ['an ensemble weight above 1', () => ensemble(2, 'greedy'), /at most 1/],
  ['a FLy counted in another way', () => fly({ counting: 'before' as 'after' }), /`after` or `including`/],
  ['a MARS ratio of 1', () => mars({ ratio: 1 }), /above 0, below 1/],
  ['a margin of 0', () => margin(0), /above 0/],
])('%s is refused', (_, make, message) => {
  try {
    make();
    expect.unreachable();
  } catch (error) {
    expect(JudgeDecodingError.is(error, 'invalid-option')).toBe(true);
    expect((error as Error).message).toMatch(message);
  }
});

test('only rules that keep the target’s distribution call themselves lossless', () => {
  expect(
    [exactMatch(), lossless(), block(), lenience(1), ensemble(1, 'greedy')].map((base) => base.lossless),
  ).not.toContain(false);
  expect([lenience(0.9), ensemble(0.9, 'sampling')].map((base) => base.lossless)).not.toContain(true);
});
