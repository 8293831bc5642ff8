import { JudgeDecodingError, RULES } from '@judge-decoding/core';
import { describe, expect, test } from 'vitest';
import { checkArms, familyOf, parseArm, parseArms } from '../src/index.ts';

const options = {
  draftLength: 16,
  heads: ['own', 'shuffled'],
  acceptance: { kind: 'rate', rate: 0.8 },
} as const;

describe('an arm by its name', () => {
  test.each([
    ['plain', { name: 'plain', decode: 'plain', model: 'target' }],
    ['draft', { name: 'draft', decode: 'plain', model: 'draft' }],
    ['oracle', { decode: 'speculative', verify: { rule: 'oracle' }, draftLength: 16 }],
    ['everything-unguarded', { guards: 'off', bonus: 'off' }],
    ['synthetic', { verify: { rule: 'synthetic', acceptance: { kind: 'rate', rate: 0.8 } } }],
    ['strict/4', { name: 'strict', draftLength: 4 }],
    ['kl:0.3', { verify: { rule: 'spec', spec: { admit: { name: 'kl', parameters: [0.3] } } } }],
    ['judge', { verify: { rule: 'spec', head: 'own' } }],
    ['judge:0.8+kl:0.3/8', { name: 'judge:0.8+kl:0.3', draftLength: 8, verify: { head: 'own' } }],
    ['judge@shuffled:0.5', { name: 'judge@shuffled:0.5', verify: { head: 'shuffled' } }],
  ])('%s', (text, arm) => {
    expect(parseArm(text, options)).toMatchObject(arm);
  });

  test.each([
    ['vibes', 'vibes'],
    ['kl', 'kl'],
    ['kl:-1', 'threshold'],
    ['judge@other', 'other'],
    ['judge@own+judge@shuffled', 'one head'],
    ['strict/0', 'draft length'],
    ['plain/4', 'drafts nothing'],
  ])('%s is refused', (text, said) => {
    expect(() => parseArm(text, options)).toThrow(said);
  });

  test('a judge without a head, and synthetic without an acceptance', () => {
    expect(() => parseArm('judge', { draftLength: 16 })).toThrow('--head');
    expect(() => parseArm('synthetic', { draftLength: 16 })).toThrow('--synthetic-acceptance');
  });
});

describe('lists', () => {
  test('groups are spelt out, lengths are swept, nothing comes twice', () => {
    const arms = parseArms('headline,strict,kl:0.3', { ...options, draftLengths: [4, 8] });
    expect(
      arms.map((arm) => (arm.decode === 'speculative' ? `${arm.name}/${arm.draftLength}` : arm.name)),
    ).toEqual(['plain', 'strict/4', 'judge/4', 'draft', 'kl:0.3/4', 'strict/8', 'judge/8', 'kl:0.3/8']);
    expect(() => checkArms(arms)).not.toThrow();
  });

  test('commas inside a rule part its numbers', () => {
    expect(parseArms('typical:0.09,0.3,strict', options).map(({ name }) => name)).toEqual([
      'typical:0.09,0.3',
      'strict',
    ]);
  });

  test('rivals are every admission of the table that is no control and needs no head', () => {
    const names = parseArms('rivals', { draftLength: 16 }).map(({ name }) => name.split(':')[0]);
    const expected = RULES.filter(
      (row) => row.kind === 'admission' && row.control !== true && row.needsHead !== true,
    ).map(({ name }) => name);
    expect(names).toEqual(expected);
    expect(names).toContain('mars');
  });
});

test.each([
  ['judge:0.8', 'judge'],
  ['judge', 'judge'],
  ['kl:0.3', 'kl'],
  ['typical:0.09,0.3', 'typical'],
  ['judge:0.8+kl:0.3', 'judge+kl'],
  ['judge@shuffled:0.5', 'judge@shuffled'],
  ['strict', 'strict'],
])('%s is of the family %s', (arm, family) => {
  expect(familyOf(arm)).toBe(family);
});

test('what is refused has a code', () => {
  try {
    parseArm('vibes', options);
  } catch (error) {
    expect(JudgeDecodingError.is(error, 'invalid-option')).toBe(true);
  }
});
