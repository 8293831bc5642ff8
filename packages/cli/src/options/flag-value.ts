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

/** A parser for commander: a whole number of at least `least`, and at most `most` where there is such a limit. */
export const countFlag = (flag: string, least: number, most = Number.MAX_SAFE_INTEGER) =>
  numberFlag(
    flag,
    `a whole number ${most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`}`,
    (value) => Number.isSafeInteger(value) && value >= least && value <= most,
  );

/** Backends take no more. */
export const threadsFlag = countFlag('--threads', 1, 1024);

/** A parser for commander: a flag that may be given several times. */
export const repeatedFlag = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  text,
];
