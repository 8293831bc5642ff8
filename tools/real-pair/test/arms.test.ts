import { needsOf, parseRule, partsOf, RULES } from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { ALL_ARMS, armOf, namedBy } from '../src/arms.ts';

const PLAIN = ['target', 'draft', 'everything-unguarded'];

test('every arm has a name of its own and names no head', () => {
  expect(new Set(ALL_ARMS).size).toBe(ALL_ARMS.length);
  for (const name of ALL_ARMS) expect(armOf(name, 16).name).toBe(name);
  expect(Object.keys(namedBy(ALL_ARMS, undefined).given!)).toEqual(
    ALL_ARMS.filter((name) => !PLAIN.includes(name)),
  );
});

test('every greedy rule of the table that needs no head is among the arms', () => {
  const asked = ALL_ARMS.filter((name) => !PLAIN.includes(name)).flatMap((name) => {
    const { base, admit } = parseRule(name);
    return [base, ...(admit === undefined ? [] : partsOf(admit))].map((part) => part.name);
  });
  const greedy = RULES.filter(
    (row) => needsOf(row).decoding !== 'sampling' && !needsOf(row).head && !row.control,
  );
  expect(greedy.filter(({ name }) => !asked.includes(name)).map(({ name }) => name)).toEqual([]);
});

test.each(['fly:3:0.3', 'fly:3,0.3', 'judge', 'judge:0.7', 'ensemble:0.5', 'mars', 'kl:0.3+topk:2'])(
  '%s is a rule as --verify takes it',
  (name) => {
    expect(armOf(name, 4)).toEqual({
      name,
      decode: 'speculative',
      draftLength: 4,
      verify: { rule: 'given', name },
    });
  },
);

test.each(['kl', 'kl:a', 'kl:1:2', 'nothing', 'strict:1', 'toString', 'topk:0'])('%s is no arm', (name) => {
  expect(() => armOf(name, 16)).toThrow(expect.objectContaining({ code: 'invalid-option' }));
});

test('the mixture is a base of its own', () => {
  const { given } = namedBy(['strict', 'ensemble:0.25'], undefined);
  expect(given!['ensemble:0.25']!(undefined as never).name).toBe('ensemble(0.25)');
});
