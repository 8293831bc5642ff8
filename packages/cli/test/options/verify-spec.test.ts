import { GREEDY, JudgeDecodingError } from '@judge-decoding/core';
import { describe, expect, test } from 'vitest';
import {
  asksJudge,
  buildRule,
  parseVerify,
  sayVerify,
  withThreshold,
} from '../../src/options/verify-spec.ts';

const greedy = { sampling: GREEDY, head: undefined };
const sampling = { sampling: { temperature: 1 }, head: undefined };

describe('--verify', () => {
  test.each([
    ['strict', 'exact'],
    ['topk:2', 'exact+topk'],
    ['kl:0.3', 'exact+kl'],
    ['kl:0.3,0.8', 'exact+kl'],
    ['typical', 'exact+typical'],
    ['typical:0.05', 'exact+typical'],
    ['relaxed:4,0.1', 'exact+relaxed'],
    ['fly', 'exact+fly'],
    ['fly:4,0.2', 'exact+fly'],
    ['cascade:0.5', 'exact+cascade'],
    ['floor:0.1', 'exact+floor'],
    ['strict+floor:0.1', 'exact+floor'],
    ['kl:0.3+topk:2', 'exact+kl|topk'],
    ['ensemble:0.7', 'ensemble(0.7)'],
    [' kl:0.3 + topk:2 ', 'exact+kl|topk'],
  ])('%s is the greedy rule %s', (text, name) => {
    expect(buildRule(parseVerify(text), greedy).name).toBe(name);
  });

  test.each([
    ['strict', 'lossless'],
    ['lossless', 'lossless'],
    ['block', 'block'],
    ['lenience:0.5', 'lenience(0.5)'],
    ['ensemble:0.7', 'ensemble(0.7)'],
    ['lossless+kl:0.3', 'lossless+kl'],
    ['lenience:0.5+floor:0.1+topk:3', 'lenience(0.5)+floor|topk'],
  ])('%s is the sampling rule %s', (text, name) => {
    expect(buildRule(parseVerify(text), sampling).name).toBe(name);
  });

  test.each([
    ['', 'An empty part is none of them'],
    ['judje', 'Did you mean judge?'],
    ['kl', '1 to 2 parameters for kl (kl:threshold,maskTop1)'],
    ['topk', '1 parameter for topk (topk:k)'],
    ['topk:1,2', '1 parameter for topk'],
    ['kl:abc', 'a number for threshold in kl:threshold,maskTop1'],
    ['kl:0x10', 'a number for threshold'],
    ['strict:1', '0 parameters for strict (strict)'],
    ['strict+block', 'one base, not strict and block'],
    ['kl:0.3+lossless', 'Write lossless+kl'],
    ['judge+', 'An empty part is none of them'],
    ['__proto__', '__proto__ is none of them'],
  ])('%s is refused: %s', (text, message) => {
    expect(() => parseVerify(text)).toThrow(message);
  });

  test.each([
    ['block+kl:0.3', sampling, 'Expected no admission beside `block`'],
    ['lossless+fly', sampling, 'greedy decoding only'],
    ['kl:-1', greedy, 'Expected `kl` to be a number above 0'],
    ['topk:1.5', greedy, 'Expected `topk` to be a whole number'],
    ['lenience:2', sampling, 'Expected `lenience`'],
  ])('%s cannot be built: %s', (text, surroundings, message) => {
    expect(() => buildRule(parseVerify(text), surroundings)).toThrow(message);
  });

  test.each(['strict', 'judge', 'judge:0.9', 'judge+kl:0.3', 'lossless+judge', 'block', 'relaxed:4,0.1'])(
    '%s is said as it was written',
    (text) => expect(sayVerify(parseVerify(text))).toBe(text),
  );

  test('a threshold goes to every judge that has none, and to no other', () => {
    const spec = withThreshold(parseVerify('judge+kl:0.3'), 0.7);
    expect(sayVerify(spec)).toBe('judge:0.7+kl:0.3');
    expect(sayVerify(withThreshold(parseVerify('kl:0.3'), 0.7))).toBe('kl:0.3');
    expect(() => withThreshold(parseVerify('judge:0.9'), 0.7)).toThrow('Leave one out');
  });

  test('only rules with a judge ask for a head', () => {
    expect(asksJudge(parseVerify('kl:0.3+judge'))).toBe(true);
    expect(asksJudge(parseVerify('lossless'))).toBe(false);
  });

  test('errors carry the code of a bad option', () => {
    try {
      parseVerify('nonsense');
      expect.unreachable();
    } catch (error) {
      expect(JudgeDecodingError.is(error, 'invalid-option')).toBe(true);
    }
  });
});
