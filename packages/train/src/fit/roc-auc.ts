/**
 * The chance that a correct token scores above a wrong one, ties counting half (area under the
 * receiver operating characteristic), by ranks. NaN where a class is missing.
 */
export function rocAuc(scores: Float64Array, correct: Uint8Array): number {
  const order = Int32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => scores[a]! - scores[b]!,
  );
  let rankSum = 0;
  let right = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
    // ranks start + 1 .. end share their mean
    const rank = (start + 1 + end) / 2;
    for (let at = start; at < end; at++) {
      if (correct[order[at]!] === 0) continue;
      rankSum += rank;
      right++;
    }
    start = end;
  }
  const wrong = scores.length - right;
  return (rankSum - (right * (right + 1)) / 2) / (right * wrong);
}
