/** KL(target, draft) in nats of one row of raw logits [rows, vocabSize]. */
export function divergence(
  target: Float32Array,
  draft: Float32Array,
  row: number,
  vocabSize: number,
): number {
  const from = row * vocabSize;
  const [ours, theirs] = [logSumExp(target, from, vocabSize), logSumExp(draft, from, vocabSize)];
  let sum = 0;
  for (let id = from; id < from + vocabSize; id++) {
    const logProb = target[id]! - ours;
    if (logProb > -700) sum += Math.exp(logProb) * (logProb - (draft[id]! - theirs));
  }
  return Math.max(0, sum);
}

function logSumExp(values: Float32Array, from: number, length: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = from; i < from + length; i++) if (values[i]! > most) most = values[i]!;
  let sum = 0;
  for (let i = from; i < from + length; i++) sum += Math.exp(values[i]! - most);
  return most + Math.log(sum);
}
