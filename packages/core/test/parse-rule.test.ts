import { describe, expect, test } from 'vitest';
import {
  asksHead,
  buildRule,
  GREEDY,
  isRuleSpec,
  JudgeDecodingError,
  parseAdmission,
  parseBase,
  parseRule,
  type RuleSpec,
  sayRule,
} from '../src/index.ts';

const greedy = { sampling: GREEDY };
const sampling = { sampling: { temperature: 1 } };

describe('the text of a rule', () => {
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
    ['fly:4:0.2', 'exact+fly'],
    ['relaxed: 4, 0.1', 'exact+relaxed'],
    ['mars', 'exact+mars'],
    ['margin:0.5', 'exact+margin'],
  ])('%s is the greedy rule %s', (text, name) => {
    expect(buildRule(parseRule(text), greedy).name).toBe(name);
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
    expect(buildRule(parseRule(text), sampling).name).toBe(name);
  });

  test.each([
    ['', 'An empty part is none of them'],
    ['judje', 'Did you mean judge?'],
    ['kl', '1 to 2 parameters for kl (kl:threshold[,maskTop1])'],
    ['topk', '1 parameter for topk (topk:k)'],
    ['topk:1,2', '1 parameter for topk'],
    ['kl:abc', 'a number above 0 for threshold in kl:threshold[,maskTop1]'],
    ['kl:0x10', 'a number above 0 for threshold'],
    ['kl:-1', 'a number above 0 for threshold in kl:threshold[,maskTop1], got kl:-1'],
    ['topk:1.5', 'a whole number of at least 1 for k'],
    ['lenience:2', 'a number above 0, at most 1 for l'],
    ['fly:4,', 'a number of at least 0 for entropy'],
    ['strict:1', '0 parameters for strict (strict)'],
    ['strict+block', 'one base, not strict and block'],
    ['kl:0.3+lossless', 'Write lossless+kl'],
    ['judge+', 'An empty part is none of them'],
    ['__proto__', '__proto__ is none of them'],
  ])('%s is refused: %s', (text, message) => {
    expect(() => parseRule(text)).toThrow(message);
  });

  test.each([
    ['block+kl:0.3', sampling, 'Expected no admission beside `block`'],
    ['lossless+fly', sampling, 'greedy decoding only'],
  ])('%s cannot be built: %s', (text, surroundings, message) => {
    expect(() => buildRule(parseRule(text), surroundings)).toThrow(message);
  });

  test.each(['strict', 'judge', 'judge:0.9', 'judge+kl:0.3', 'lossless+judge', 'block', 'relaxed:4,0.1'])(
    '%s is said as it was written',
    (text) => expect(sayRule(parseRule(text))).toBe(text),
  );

  test('only rules with a judge ask for a head', () => {
    expect(asksHead(parseRule('kl:0.3+judge'))).toBe(true);
    expect(asksHead(parseRule('lossless'))).toBe(false);
  });

  test('errors carry the code of a bad option', () => {
    try {
      parseRule('nonsense');
      expect.unreachable();
    } catch (error) {
      expect(JudgeDecodingError.is(error, 'invalid-option')).toBe(true);
    }
  });
});

describe('a specification from a file', () => {
  const admit = (tree: unknown): RuleSpec =>
    ({ base: { name: 'strict', parameters: [] }, admit: tree }) as RuleSpec;
  test.each([
    ['an unknown base', { base: { name: 'judje', parameters: [] } }, 'Did you mean judge?'],
    ['an admission as a base', { base: { name: 'fly', parameters: [] } }, 'write strict+fly'],
    ['a base as an admission', admit({ name: 'block', parameters: [] }), 'got the base block'],
    ['a number out of range', admit({ name: 'topk', parameters: [0] }), 'whole number of at least 1, got 0'],
    ['a text for a number', admit({ name: 'topk', parameters: ['2'] }), 'got 2'],
    [
      'a number too many',
      admit({ name: 'topk', parameters: [1, 2] }),
      'Expected 1 parameter for topk (topk:k), got 2',
    ],
    ['no numbers at all', admit({ name: 'topk' }), 'got undefined'],
    ['a judge without a head', admit({ name: 'judge', parameters: [] }), 'a judge head for judge, got none'],
  ])('%s is refused', (_, spec, message) => {
    expect(() => buildRule(spec as RuleSpec, greedy)).toThrow(message);
  });

  test.each([
    [parseRule('judge+kl:0.3'), true],
    [admit({ allOf: [{ name: 'kl', parameters: [1] }] }), true],
    [undefined, false],
    [[], false],
    [{ base: { name: 'strict' } }, false],
    [admit({ anyOf: [] }), false],
    [admit({ anyOf: 5 }), false],
    [admit({ anyOf: [{ name: 'kl', parameters: ['1'] }] }), false],
    [admit(JSON.parse(`${'{"anyOf":['.repeat(20)}{"name":"fly","parameters":[]}${']}'.repeat(20)}`)), false],
  ])('%j has the shape of one: %s', (value, sound) => {
    expect(isRuleSpec(value)).toBe(sound);
  });
});

test('a base and an admission can be read alone', () => {
  expect(parseBase('lenience:0.5')).toEqual({ name: 'lenience', parameters: [0.5] });
  expect(parseAdmission('kl:0.3')).toEqual({ name: 'kl', parameters: [0.3] });
  expect(() => parseBase('kl:0.3', { what: 'it' })).toThrow('Expected it to be a base (strict, lossless');
  expect(() => parseAdmission('block')).toThrow('an admission, not the base block');
});
