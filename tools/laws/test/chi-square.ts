import type { TokenId } from '@judge-decoding/core';

/** Every text of `length` tokens over a small vocabulary, with the probability a law gives it. */
export function expectedTexts(
  vocab: number,
  length: number,
  law: (before: readonly TokenId[]) => readonly number[],
): Map<string, number> {
  let texts: [TokenId[], number][] = [[[], 1]];
  for (let i = 0; i < length; i++) {
    texts = texts.flatMap(([text, probability]) => {
      const next = law(text);
      return Array.from({ length: vocab }, (_, token): [TokenId[], number] => [
        [...text, token],
        probability * next[token]!,
      ]);
    });
  }
  return new Map(texts.map(([text, probability]) => [text.join(' '), probability]));
}

/** Pearson's statistic and its degrees of freedom; texts of probability 0 must not occur at all. */
export function chiSquare(
  counts: ReadonlyMap<string, number>,
  expected: ReadonlyMap<string, number>,
  draws: number,
) {
  let statistic = 0;
  let cells = 0;
  for (const [text, probability] of expected) {
    const count = counts.get(text) ?? 0;
    if (probability === 0) {
      if (count > 0) statistic = Number.POSITIVE_INFINITY;
      continue;
    }
    statistic += (count - draws * probability) ** 2 / (draws * probability);
    cells++;
  }
  return { statistic, freedom: cells - 1 };
}

/** The statistic that a right law exceeds once in 100,000 runs (Wilson and Hilferty's approximation). */
export function critical(freedom: number): number {
  const z = 4.2649;
  return freedom * (1 - 2 / (9 * freedom) + z * Math.sqrt(2 / (9 * freedom))) ** 3;
}
