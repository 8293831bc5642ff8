import { JudgeDecodingError } from '@judge-decoding/core';
import type { RowRange } from './tensor-source.ts';

/** Refuses a range that is not inside the `rows` rows of a tensor. */
export function checkRows(name: string, rows: number, { first, count }: RowRange): void {
  const whole = Number.isSafeInteger(first) && Number.isSafeInteger(count);
  if (!whole || first < 0 || count < 0 || first + count > rows) {
    throw new JudgeDecodingError(
      'invalid-input',
      `Expected rows inside 0..${rows} of tensor \`${name}\`, got first ${first} and count ${count}.`,
    );
  }
}
