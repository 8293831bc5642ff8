import { describe, expect, test } from 'vitest';
import { stopMatcher } from '../src/index.ts';

const PIECES = ['a', 'b', 'ab', 'é', '\n', 'stop', ''];
const bytesOf = (token: number) => new TextEncoder().encode(PIECES[token]!);

describe('stop strings', () => {
  test.each([
    { strings: ['ab'], tokens: [0, 0, 1], at: 2 }, // spans tokens
    { strings: ['ab'], tokens: [2, 0], at: 0 }, // inside one token
    { strings: ['top'], tokens: [5], at: 0 },
    { strings: ['é\n'], tokens: [3, 6, 4], at: 2 }, // over an empty token and a two-byte character
    { strings: ['bb', 'aa'], tokens: [1, 0, 0], at: 2 },
    { strings: ['ba'], tokens: [0, 0, 1], at: -1 },
    { strings: [], tokens: [0, 1], at: -1 },
  ])('$strings in $tokens: $at', ({ strings, tokens, at }) => {
    expect(stopMatcher({ strings, bytesOf }).find(tokens)).toBe(at);
  });

  test('may begin in text that was committed before', () => {
    const stopped = stopMatcher({ strings: ['abab'], bytesOf });
    stopped.push([0, 1]);
    stopped.push([0]);
    expect(stopped.find([1])).toBe(0);
    expect(stopped.find([0])).toBe(-1);
  });

  test('a stop string of one byte is not remembered from the past', () => {
    const stopped = stopMatcher({ strings: ['a'], bytesOf });
    stopped.push([0]);
    expect(stopped.find([1])).toBe(-1);
  });

  test('need bytes, and must not be empty', () => {
    expect(() => stopMatcher({ strings: ['a'] })).toThrow(/bytesOf/);
    expect(() => stopMatcher({ strings: [''], bytesOf })).toThrow(/non-empty/);
  });
});
