/** One row of numbers: logits, or a hidden state. */
export type Row = Float32Array | Float64Array;

/** Index of the largest value, the lowest one on a tie. */
export function argmaxOf(row: Row): number {
  let best = 0;
  for (let index = 1; index < row.length; index++) if (row[index]! > row[best]!) best = index;
  return best;
}

/** ln sum exp(row), in float64, without overflow. */
export function logSumExpOf(row: Row): number {
  const largest = row[argmaxOf(row)]!;
  let sum = 0;
  for (let index = 0; index < row.length; index++) sum += Math.exp(row[index]! - largest);
  return largest + Math.log(sum);
}

/** Entropy in nats of softmax(row), whose log-sum-exp is given. */
export function entropyOf(row: Row, logSumExp: number): number {
  let entropy = 0;
  for (let index = 0; index < row.length; index++) {
    const logProb = row[index]! - logSumExp;
    // A token of probability 0 adds nothing; 0 · -Infinity would be NaN.
    if (logProb > -700) entropy -= Math.exp(logProb) * logProb;
  }
  return entropy;
}

/** Indices of the `count` largest values, largest first, lower indices first among equals. */
export function topOf(row: Row, count: number): number[] {
  const ids = Array.from(row, (_, index) => index);
  ids.sort((left, right) => row[right]! - row[left]! || left - right);
  return ids.slice(0, count);
}

/** Dot product in float64. */
export function dotOf(left: Row, right: Row): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += left[index]! * right[index]!;
  return sum;
}

/** Standard deviation over the row; entries of -Infinity (impossible tokens) are left out. */
export function deviationOf(row: Row): number {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let index = 0; index < row.length; index++) {
    const value = row[index]!;
    if (!Number.isFinite(value)) continue;
    count += 1;
    sum += value;
    squares += value * value;
  }
  const mean = sum / count;
  return Math.sqrt(Math.max(0, squares / count - mean * mean));
}
