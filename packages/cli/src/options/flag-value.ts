import { JudgeDecodingError, readNumber } from '@judge-decoding/core';

/** "Expected --threshold to be a number from 0 to 1, got 1.5." */
export const badFlag = (flag: string, expected: string, got: string, next = ''): JudgeDecodingError =>
  new JudgeDecodingError(
    'invalid-option',
    `Expected ${flag} to be ${expected}, got ${got === '' ? 'nothing' : got}.${next === '' ? '' : ` ${next}`}`,
  );

export { readNumber };

/** A parser for commander: a number within limits. */
export const numberFlag =
  (flag: string, expected: string, allowed: (value: number) => boolean) =>
  (text: string): number => {
    const value = readNumber(text);
    if (Number.isNaN(value) || !allowed(value)) throw badFlag(flag, expected, text);
    return value;
  };

/** A parser for commander: a whole number of at least `least`. */
export const countFlag = (flag: string, least: number) =>
  numberFlag(
    flag,
    `a whole number of at least ${least}`,
    (value) => Number.isSafeInteger(value) && value >= least,
  );

/** A parser for commander: a flag that may be given several times. */
export const repeatedFlag = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  text,
];
