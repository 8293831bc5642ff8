import { describe, expect, test } from 'vitest';
import {
  anyOf,
  checkHead,
  exactMatch,
  forModel,
  headFor,
  judged,
  logitOf,
  type ModelInfo,
  readHead,
  rule,
  writeHead,
} from '../src/index.ts';
import { head, measured } from './a-head.ts';

describe('a head and a model', () => {
  const model = {
    name: 'pocket-target',
    hiddenSize: 4,
    dtype: 'fp32',
    fingerprint: { architecture: 'a1', tokenizer: 't1', weights: 'w1' },
  } as ModelInfo;

  test('fit where everything agrees', () => {
    expect(checkHead(head, model)).toEqual([]);
  });

  test.each([
    ['hidden size', { hiddenSize: 8 }, /hidden size 4.* 8/],
    ['architecture', { fingerprint: { ...model.fingerprint, architecture: 'a2' } }, /architecture a1.* a2/],
    ['tokenizer', { fingerprint: { ...model.fingerprint, tokenizer: 't2' } }, /tokenizer t1.* t2/],
    [
      'weights',
      { fingerprint: { ...model.fingerprint, weights: 'w2' } },
      /weights w1 \(fp32\).* w2 \(fp32\)/,
    ],
    ['dtype', { dtype: 'int4' }, /weights w1 \(fp32\); .* runs them as int4 on /],
  ])('differ in %s: refused, naming both', (_, change, message) => {
    expect(() => checkHead(head, { ...model, ...change })).toThrow(message);
  });

  test('other weights are a notice where they are allowed, another tokenizer never is', () => {
    expect(checkHead(head, { ...model, dtype: 'int4' }, { allowOtherWeights: true })).toHaveLength(1);
    const other = { ...model, fingerprint: { ...model.fingerprint, tokenizer: 't2' } };
    expect(() => checkHead(head, other, { allowOtherWeights: true })).toThrow(/tokenizer/);
  });

  test('a head on an earlier layer goes through a file, and fits only where its layer is offered', () => {
    const [own] = head.terms;
    const earlier = { ...head, terms: [{ ...own!, layer: 2 }] };
    expect(readHead(writeHead(earlier)).terms[0]).toMatchObject({ layer: 2, state: 'pre-norm' });
    expect(() => checkHead(earlier, model)).toThrow(/layer 2.*offers last/);
    expect(checkHead(earlier, { ...model, layersOffered: [1, 2] })).toEqual([]);
  });
});

describe('a head measured in several types of weights', () => {
  const model = (dtype: string, device: string, weights = 'w1') =>
    ({
      name: 'pocket-target',
      hiddenSize: 4,
      dtype,
      device,
      fingerprint: { ...head.provenance.fingerprint, weights },
    }) as ModelInfo;

  test.each([
    ['the type it was fitted in', model('fp32', 'webgpu'), 0.8],
    ['one it was measured in', model('int8', 'cpu'), 0.6],
    ['one it was measured in on this device, too', model('int8', 'cuda'), 0.7],
    ['one it was measured in on this device only', model('bf16', 'cuda'), 0.9],
    ['one of this kind of device', model('bf16', 'cuda:1'), 0.9],
  ])('%s: no flag, and the threshold measured there', (_, on, threshold) => {
    expect(checkHead(measured, on)).toEqual([]);
    expect(headFor(measured, on).threshold).toBe(threshold);
    const oneTerm = { ...measured, terms: measured.terms.slice(0, 1), bias: 0 };
    const admits = (logit: number) =>
      judged(oneTerm).forModel!(on).admits({ dot: () => logit } as never, 0, []);
    expect([admits(logitOf(threshold) - 0.01), admits(logitOf(threshold) + 0.01)]).toEqual([false, true]);
  });

  test.each([
    ['another type', model('int4', 'cpu')],
    ['a listed type on another device', model('bf16', 'cpu')],
    ['a listed type of other weights', model('int8', 'cpu', 'w2')],
  ])('%s: refused, naming both', (_, on) => {
    expect(() => checkHead(measured, on)).toThrow(/fitted for weights w1 \(fp32\)/);
    expect(headFor(measured, on)).toBe(measured);
  });

  test('the same weights in a type that is not listed: what was measured, and what runs', () => {
    expect(() => checkHead(measured, model('int4', 'cpu'))).toThrow(
      /\(fp32\) and measured in int8.*on cuda; the target pocket-target runs them as int4 on cpu, .*--dtype/,
    );
  });

  test('a threshold of the caller stands', () => {
    const on = model('int8', 'cpu');
    const oneTerm = { ...measured, terms: measured.terms.slice(0, 1), bias: 0 };
    const asked = (threshold: number | undefined, logit: number) =>
      forModel(rule(exactMatch(), judged(oneTerm, { threshold })), on).admission!.admits(
        { dot: () => logit } as never,
        0,
        [],
      );
    expect(asked(undefined, logitOf(0.65))).toBe(true);
    expect(asked(0.7, logitOf(0.65))).toBe(false);
    const both = anyOf(judged(oneTerm), judged(oneTerm)).forModel!(on);
    expect(both.admits({ dot: () => logitOf(0.65) } as never, 0, [])).toBe(true);
  });
});

test('a threshold becomes a cut on logits, with nothing above 1 and nothing below 0', () => {
  expect(logitOf(0.5)).toBe(0);
  expect(logitOf(1)).toBe(Number.POSITIVE_INFINITY);
  expect(logitOf(0)).toBe(Number.NEGATIVE_INFINITY);
  expect(logitOf(0.8)).toBeCloseTo(Math.log(4), 12);
});
