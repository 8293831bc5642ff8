/**
 * McNemar's exact test: the two-sided chance of so uneven a split of the pairs that differ, were
 * both ways equally likely. (McNemar 1947; the binomial form.)
 */
export function mcnemar(lost: number, won: number): number {
  const count = lost + won;
  const fewer = Math.min(lost, won);
  let term = 0;
  // in logarithms: 2^-n underflows from n = 1075 on
  let tail = 0;
  for (let k = 0; k <= fewer; k++) {
    if (k > 0) term += Math.log((count - k + 1) / k);
    tail += Math.exp(term - count * Math.LN2);
  }
  return Math.min(1, 2 * tail);
}
