import { JudgeDecodingError } from '@judge-decoding/core';
import type { Mistake } from './row.ts';
import type { TokenOffsets } from './token-offsets.ts';

/**
 * One letter a token: o (ok), w (mistaken), d (behind a mistake that is not taken back). A token that
 * overlaps a mistake is mistaken. A mistake that touches no token is an error of code `invalid-file`;
 * `where` is its file and line.
 */
export function tokenLabels({ spans }: TokenOffsets, mistakes: readonly Mistake[], where: string): string {
  const letters = spans.map(() => 'o');
  for (const [i, { start, end, recovered = false }] of mistakes.entries()) {
    let touched = false;
    for (const [t, span] of spans.entries()) {
      const overlaps = span.start < end && span.end > start;
      if (overlaps) letters[t] = 'w';
      else if (span.start >= end) letters[t] = recovered ? 'o' : 'd';
      touched ||= overlaps;
    }
    if (!touched)
      throw new JudgeDecodingError(
        'invalid-file',
        `Expected \`mistakes[${i}]\` at ${where} to touch a token, but no token lies in ${start} to ${end}.`,
      );
  }
  return letters.join('');
}
