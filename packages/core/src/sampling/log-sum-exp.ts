/**
 * ln of the sum of e^logit over a row [vocabSize]: logits less it are log-probabilities. Its largest is taken off first.
 * Not finite where no softmax is: NaN or -Infinity of a row that is empty, has a NaN or +Infinity, or -Infinity alone.
 */
export function logSumExp(row: Float32Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of row) if (logit > largest) largest = logit;
  let sum = 0;
  for (const logit of row) sum += Math.exp(logit - largest);
  return largest + Math.log(sum);
}
