import { expect, test } from 'vitest';
import { ALL_ARMS, armOf, namedBy } from '../src/arms.ts';

test('every arm has a name of its own and names no head', () => {
  expect(new Set(ALL_ARMS).size).toBe(ALL_ARMS.length);
  for (const name of ALL_ARMS) expect(armOf(name, 16).name).toBe(name);
});

test.each([
  ['fly:3:0.3', { rule: 'fly', window: 3, entropy: 0.3 }],
  ['judge', { rule: 'judge', head: 'given' }],
  ['judge:0.7', { rule: 'judge', head: 'given', threshold: 0.7 }],
  ['ensemble:0.5', { rule: 'given', name: 'ensemble:0.5' }],
])('%s', (name, verify) => {
  expect(armOf(name, 4)).toEqual({ name, decode: 'speculative', draftLength: 4, verify });
});

test.each(['kl', 'kl:a', 'kl:1:2', 'nothing', 'strict:1', 'toString'])('%s is no arm', (name) => {
  expect(() => armOf(name, 16)).toThrow(expect.objectContaining({ code: 'invalid-option' }));
});

test('the mixture is a base of its own', () => {
  const { given } = namedBy(['strict', 'ensemble:0.25'], undefined);
  expect(Object.keys(given!)).toEqual(['ensemble:0.25']);
  expect(given!['ensemble:0.25']!(undefined as never).name).toBe('ensemble(0.25)');
});
