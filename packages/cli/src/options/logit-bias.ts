import type { TokenId } from '@judge-decoding/core';
import { badFlag, readNumber } from './flag-value.ts';

/** A parser for commander: `15043:-100`, several with commas or by repeating the flag; llama.cpp's `15043-1` too. */
export function logitBiasFlag(
  text: string,
  before: readonly (readonly [TokenId, number])[] = [],
): readonly (readonly [TokenId, number])[] {
  const pairs = text.split(',').map((pair): readonly [TokenId, number] => {
    const found = /^(\d+)(?::|=|(?=[+-]))(.+)$/.exec(pair.trim());
    const bias = found === null ? Number.NaN : readNumber(found[2]!);
    if (Number.isNaN(bias)) throw badFlag('--logit-bias', 'TOKEN:BIAS, as in 15043:-100', text);
    return [Number(found![1]), bias];
  });
  return [...before, ...pairs];
}
