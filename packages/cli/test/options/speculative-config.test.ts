import { parseRule, sayRule } from '@judge-decoding/core';
import { describe, expect, test } from 'vitest';
import { parseSpeculativeConfig } from '../../src/options/speculative-config.ts';
import { verificationOf } from '../../src/options/verify-flags.ts';
import { withThreshold } from '../../src/options/with-threshold.ts';

describe('--speculative-config', () => {
  test('reads vLLM’s keys and ours', () => {
    const config = parseSpeculativeConfig(
      '{"method":"draft_model","model":"small","num_speculative_tokens":12,"verify":"judge+kl:0.3",' +
        '"judge":{"head":"h.safetensors","threshold":0.7},"guards":{"leastProbability":0.001,"mostInARow":4}}',
    );
    expect(config).toEqual({
      draft: 'small',
      draftLength: 12,
      verify: parseRule('judge+kl:0.3'),
      head: 'h.safetensors',
      threshold: 0.7,
      leastProbability: 0.001,
      mostInARow: 4,
    });
  });

  test('ngram needs no model', () => {
    expect(parseSpeculativeConfig('{"method":"ngram","prompt_lookup_max":4,"prompt_lookup_min":2}')).toEqual({
      draft: 'ngram',
      lookup: { longest: 4, shortest: 2 },
    });
  });

  test.each([
    ['{"verify":{"allOf":["judge","topk:4"]}}', 'judge & topk:4'],
    ['{"verify":{"anyOf":["judge",{"allOf":["kl:0.3","floor:0.01"]}]}}', 'judge+(kl:0.3 & floor:0.01)'],
    ['{"verify":{"base":"lossless","admit":"judge"}}', 'lossless+judge'],
    ['{"verify":{"base":"block"}}', 'block'],
  ])('%s is the rule %s', (json, said) => {
    expect(sayRule(parseSpeculativeConfig(json).verify!)).toBe(said);
  });

  test.each([
    ['{', 'to be JSON, got {'],
    ['[]', 'the whole in --speculative-config to be an object'],
    ['{"num_speculative_token":4}', 'the key num_speculative_token. Did you mean num_speculative_tokens?'],
    ['{"method":"eagle"}', 'draft_model or ngram, got eagle'],
    [
      '{"num_speculative_tokens":"4"}',
      'num_speculative_tokens in --speculative-config to be a whole number of at least 0, got "4"',
    ],
    ['{"num_speculative_tokens":2.5}', 'to be a whole number of at least 0, got 2.5'],
    [
      '{"judge":{"threshold":1.5}}',
      'judge.threshold in --speculative-config to be a number from 0 to 1, got 1.5',
    ],
    ['{"judge":{"treshold":0.5}}', 'Did you mean threshold?'],
    ['{"verify":{"allOf":[]}}', 'verify.allOf in --speculative-config to be a list of admissions'],
    ['{"verify":{"allOf":["strict"]}}', 'an admission, not the base strict'],
    ['{"verify":{"anyOf":["judge"],"allOf":["judge"]}}', 'either anyOf or allOf'],
    ['{"verify":{"base":"judge"}}', 'a base (strict, lossless'],
    ['{"verify":{"noneOf":[]}}', 'the key noneOf'],
    [`{"verify":${'{"anyOf":['.repeat(10)}"judge"${']}'.repeat(10)}}`, 'at most 8 levels deep'],
  ])('%s is refused: %s', (json, message) => {
    expect(() => parseSpeculativeConfig(json)).toThrow(message);
  });
});

describe('flags and JSON together', () => {
  test.each([
    [{}, 'strict', undefined],
    [{ head: 'h' }, 'judge', undefined],
    [{ head: 'h', threshold: 0.9 }, 'judge:0.9', undefined],
    [{ verify: parseRule('kl:0.3') }, 'kl:0.3', undefined],
    [{ speculativeConfig: { verify: parseRule('topk:2'), draftLength: 5 } }, 'topk:2', 5],
    [
      { verify: parseRule('strict'), speculativeConfig: { verify: parseRule('topk:2') } },
      'strict',
      undefined,
    ],
    [{ draftLength: 3, speculativeConfig: { draftLength: 5 } }, 'strict', 3],
    [{ threshold: 0.4, head: 'h', speculativeConfig: { threshold: 0.6 } }, 'judge:0.4', undefined],
  ])('%j verifies by %s', (flags, said, draftLength) => {
    const verification = verificationOf(flags);
    expect(sayRule(verification.spec)).toBe(said);
    expect(verification.draftLength).toBe(draftLength);
    expect(verification.notices).toEqual([]);
  });

  test('what does nothing is said', () => {
    const { notices } = verificationOf({ verify: parseRule('strict'), head: 'h', threshold: 0.5 });
    expect(notices).toEqual(['No judge is asked, so --head and --threshold do nothing: add --verify judge.']);
  });
});

test('a threshold goes to every judge that has none, and to no other', () => {
  const spec = withThreshold(parseRule('judge+kl:0.3'), 0.7);
  expect(sayRule(spec)).toBe('judge:0.7+kl:0.3');
  expect(sayRule(withThreshold(parseRule('kl:0.3'), 0.7))).toBe('kl:0.3');
  expect(() => withThreshold(parseRule('judge:0.9'), 0.7)).toThrow('Leave one out');
});
