import { describe, expect, test } from 'vitest';
import {
  allOf,
  anyOf,
  atRandom,
  block,
  buildRule,
  checkAdaptive,
  checkRows,
  exactMatch,
  floor,
  fly,
  type GuardOptions,
  HEAD_STAND_IN,
  isLossless,
  judged,
  type ModelInfo,
  mars,
  parseRule,
  rule,
  type SamplingOptions,
  topK,
  type UsedWith,
} from '../src/index.ts';

const GREEDY = { temperature: 0 };
const WARM = { temperature: 0.8 };
const model = {
  vocabSize: 1000,
  dtype: 'int4',
  device: 'cpu',
  fingerprint: HEAD_STAND_IN.provenance.fingerprint,
} as unknown as ModelInfo;

const says = (text: string, used: Partial<UsedWith> & { readonly sampling: SamplingOptions }) =>
  isLossless(buildRule(parseRule(text), { sampling: used.sampling, head: HEAD_STAND_IN }), {
    model,
    draftLength: 16,
    ...used,
  });

describe('by its numbers, greedily and at a temperature', () => {
  test.each([
    ['strict', true, true],
    ['lossless', undefined, true],
    ['block', undefined, true],
    ['lenience:1', undefined, true],
    ['lenience:0.999', undefined, false],
    ['ensemble:1', true, true],
    ['ensemble:0.999', false, false],
    ['random:0', true, true],
    ['random:0.001', false, false],
    ['judge:1', true, true],
    ['judge:0.999999', false, false],
    ['judge', false, false],
    // greedily the likeliest token is the text’s own; at a temperature its share grows
    ['topk:1', true, false],
    ['topk:2', false, false],
    ['relaxed:1', true, false],
    // what ties with the first is not the first
    ['relaxed:10,0', false, false],
    ['cascade:0', false, false],
    ['floor:0.5', true, false],
    ['floor:0.499', false, false],
    ['typical:1,1', false, false],
    ['mars:0.999', false, false],
    ['margin:0.001', false, false],
    // of 1,000 tokens the likeliest has a thousandth at least
    ['kl:0.3,0.0009', true, true],
    ['kl:0.3,0.001', false, false],
    ['kl:0.000001', false, false],
    // a window that no draft of 16 has room for, and an entropy that three tokens cannot have
    ['fly:16', true, undefined],
    ['fly:15', false, undefined],
    ['fly:6,1.1', true, undefined],
    ['fly:6,1.09', false, undefined],
    ['everything', false, false],
    ['random:0+judge:1', true, true],
    ['random:0+topk:1', true, false],
    ['random:0+topk:2', false, false],
  ])('%s', (text, greedy, warm) => {
    if (greedy !== undefined) expect(says(text, { sampling: GREEDY })).toBe(greedy);
    if (warm !== undefined) expect(says(text, { sampling: WARM })).toBe(warm);
  });
});

test.each<[string, string, Partial<UsedWith> & { readonly sampling: SamplingOptions }, boolean]>([
  [
    'topk:1',
    'a processor makes another token the likeliest',
    { sampling: { ...GREEDY, banned: [3] } },
    false,
  ],
  ['random:0', 'nothing is admitted under processors either', { sampling: { ...GREEDY, banned: [3] } }, true],
  ['topk:1', 'one token is left to draw from', { sampling: { ...WARM, topK: 1 } }, true],
  ['topk:1', 'a thousandth is reached by the first token', { sampling: { ...WARM, topP: 0.001 } }, true],
  ['topk:1', 'top-p that may keep two', { sampling: { ...WARM, topP: 0.002 } }, false],
  ['topk:1', 'ties stay under min-p', { sampling: { ...WARM, minP: 1 } }, false],
  ['lenience:0.5', 'p is 1 or 0', { sampling: { ...WARM, topK: 1 } }, true],
  ['ensemble:0.5', 'the draft has a say even then', { sampling: { ...WARM, topK: 1 } }, false],
  ['everything', 'guards keep what has no probability out', { sampling: { ...WARM, topK: 1 } }, true],
  ['everything', 'without guards', { sampling: { ...WARM, topK: 1 }, guards: 'off' }, false],
  ['everything', 'nothing is drafted', { sampling: GREEDY, draftLength: 0 }, true],
  [
    'everything',
    'guards ask for more than half',
    { sampling: GREEDY, guards: { leastProbability: 0.51 } },
    true,
  ],
  ['everything', 'two may have half each', { sampling: GREEDY, guards: { leastProbability: 0.5 } }, false],
  [
    'everything',
    'more than half, at a temperature',
    { sampling: WARM, guards: { leastProbability: 0.9 } },
    false,
  ],
  ['fly:16', 'a length that is not known', { sampling: GREEDY, draftLength: undefined }, false],
  ['kl:0.3,0.0009', 'a vocabulary that is not known', { sampling: GREEDY, model: undefined }, false],
  ['judge:1', 'a target that is not known', { sampling: GREEDY, model: undefined }, true],
])('%s, where %s', (text, _, used, expected) => {
  expect(says(text, used)).toBe(expected);
});

test('a head’s own threshold counts as the target’s type of weights has it', () => {
  const { provenance } = HEAD_STAND_IN;
  const shut = { threshold: 1, metrics: {}, calibration: [] };
  const head = { ...HEAD_STAND_IN, provenance: { ...provenance, measured: [{ dtype: 'int4', ...shut }] } };
  const judge = rule(exactMatch(), judged(head));
  expect(isLossless(judge, { sampling: GREEDY, model })).toBe(true);
  expect(isLossless(judge, { sampling: GREEDY, model: { ...model, dtype: 'fp32' } })).toBe(false);
  expect(isLossless(judge, { sampling: GREEDY })).toBe(false);
  expect(isLossless(rule(exactMatch(), judged({ ...head, threshold: 1 })), { sampling: GREEDY })).toBe(false);
});

test.each([
  ['any of them', anyOf(topK(1), atRandom(0)), true],
  ['any of them, one of which admits more', anyOf(topK(1), topK(2)), false],
  ['all of them, one of which admits nothing', allOf(topK(5), atRandom(0)), true],
  ['all of them: the first and the second choice at once', allOf(topK(1), mars()), true],
  ['all of them', allOf(topK(2), mars()), false],
  ['FLy that counts the mismatch itself', fly({ window: 16, counting: 'including' }), false],
  ['FLy that counts it, and one more', fly({ window: 17, counting: 'including' }), true],
  ['a tree', allOf(anyOf(topK(1), mars()), floor(0.5)), true],
])('%s', (_, admission, expected) => {
  expect(isLossless(rule(exactMatch(), admission), { sampling: GREEDY, draftLength: 16 })).toBe(expected);
});

test('joint bases have no admission', () => {
  expect(isLossless(rule(block()), { sampling: WARM })).toBe(true);
});

test('what a stranger’s admission says it never admits is not relied on', () => {
  const build = () => ({ ...atRandom(0), name: 'shut' });
  const row = { name: 'shut', kind: 'admission', parameters: [], sentence: 's', source: 's', build };
  const [held] = checkRows(row, { where: 'shut.mjs' });
  const built = held!.build({}, { sampling: GREEDY });
  expect(isLossless(rule(exactMatch(), built as never), { sampling: GREEDY })).toBe(false);
});

test.each<[string, SamplingOptions, GuardOptions, boolean]>([
  ['random:0', GREEDY, {}, true],
  ['topk:1', GREEDY, {}, true],
  ['topk:2', GREEDY, {}, false],
  ['topk:2', GREEDY, { leastProbability: 0.6 }, true],
  ['fly:32', GREEDY, {}, false],
  ['random:0', WARM, {}, false],
])('an adaptive draft length with %s at %o', (text, sampling, guards, allowed) => {
  const asked = buildRule(parseRule(text), { sampling });
  const check = () => checkAdaptive(asked, { sampling, model, guards });
  if (allowed) expect(check).not.toThrow();
  else expect(check).toThrow(/depends on where rounds begin/);
});
