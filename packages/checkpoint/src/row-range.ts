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

/** The first `count` elements of `into`, or a new array. Refuses one that is too short. */
export function roomFor(name: string, count: number, into: Float32Array | undefined): Float32Array {
  if (into === undefined) return new Float32Array(count);
  if (into.length >= count) return into.subarray(0, count);
  throw new JudgeDecodingError(
    'invalid-input',
    `Expected room for ${count} elements of tensor \`${name}\`, got an array of ${into.length}.`,
  );
}
