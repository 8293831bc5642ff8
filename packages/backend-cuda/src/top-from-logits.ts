/**
 * The `count` largest of each row, largest first, the lower id first on a tie, as log-probabilities: a
 * heap of the smallest kept, so that a row of 128k costs one look at each.
 */
export function topFromLogits(
  logits: Float32Array,
  rows: number,
  vocabulary: number,
  count: number,
  logSumExp: Float32Array,
): { readonly ids: Int32Array; readonly logProbs: Float32Array } {
  const ids = new Int32Array(rows * count);
  const logProbs = new Float32Array(rows * count);
  const heap = new Int32Array(count);
  for (let row = 0; row < rows; row++) {
    const values = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
    /** Whether `a` is kept rather than `b`. */
    const before = (a: number, b: number) => values[a]! > values[b]! || (values[a] === values[b] && a < b);
    const sink = (from: number, size: number) => {
      for (let at = from; ; ) {
        let worst = at;
        for (const child of [2 * at + 1, 2 * at + 2]) {
          if (child < size && before(heap[worst]!, heap[child]!)) worst = child;
        }
        if (worst === at) return;
        [heap[at], heap[worst]] = [heap[worst]!, heap[at]!];
        at = worst;
      }
    };
    for (let id = 0; id < count; id++) heap[id] = id;
    for (let at = (count >> 1) - 1; at >= 0; at--) sink(at, count);
    for (let id = count; id < vocabulary; id++) {
      if (!before(id, heap[0]!)) continue;
      heap[0] = id;
      sink(0, count);
    }
    // the worst comes off first: fill from behind
    for (let left = count; left > 0; left--) {
      const id = heap[0]!;
      ids[row * count + left - 1] = id;
      logProbs[row * count + left - 1] = values[id]! - logSumExp[row]!;
      heap[0] = heap[left - 1]!;
      sink(0, left - 1);
    }
  }
  return { ids, logProbs };
}
