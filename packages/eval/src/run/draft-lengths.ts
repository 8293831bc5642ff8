import type { Row } from './row.ts';

/** What an arm does at a draft length. */
export interface LengthSpeed {
  readonly draftLength: number;
  readonly tokensPerSecond: number;
}

/**
 * Every arm's draft length with most tokens per second, from rows of a grid on calibration
 * problems. Arms without a draft are left out.
 */
export function bestDraftLengths(
  rows: readonly Row[],
): ReadonlyMap<string, { readonly best: number; readonly tried: readonly LengthSpeed[] }> {
  const totals = new Map<string, Map<number, { tokens: number; milliseconds: number }>>();
  for (const { arm, draftLength, tokens, milliseconds } of rows) {
    if (draftLength === 0) continue;
    const byLength = totals.get(arm) ?? new Map<number, { tokens: number; milliseconds: number }>();
    totals.set(arm, byLength);
    const total = byLength.get(draftLength) ?? { tokens: 0, milliseconds: 0 };
    byLength.set(draftLength, {
      tokens: total.tokens + tokens.length,
      milliseconds: total.milliseconds + milliseconds,
    });
  }
  return new Map(
    [...totals].map(([arm, byLength]) => {
      const tried = [...byLength]
        .map(([draftLength, { tokens, milliseconds }]) => ({
          draftLength,
          tokensPerSecond: (1000 * tokens) / milliseconds,
        }))
        .sort((a, b) => a.draftLength - b.draftLength);
      const best = tried.reduce((a, b) => (b.tokensPerSecond > a.tokensPerSecond ? b : a));
      return [arm, { best: best.draftLength, tried }];
    }),
  );
}
