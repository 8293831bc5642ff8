import {
  argmax,
  deviceRows,
  GREEDY,
  oneHotRows,
  processedRows,
  type Round,
  uniformsOf,
} from '../src/index.ts';

/** A made-up round over explicit logits: one row more than drafted tokens. */
export function madeUpRound({
  draft,
  logits,
  draftLogits,
  scores = [],
  text = [0],
}: {
  draft: number[];
  logits: number[][];
  draftLogits?: number[][];
  scores?: number[];
  text?: number[];
}): Round {
  const rows = logits.length;
  const flat = Float32Array.from(logits.flat());
  const vocab = logits[0]!.length;
  const logSumExp = logits.map((row) => Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)));
  const probs = logits.map((row, i) => row.map((value) => Math.exp(value - logSumExp[i]!)));
  const order = probs.map((row) => [...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b));
  const target = deviceRows(
    {
      argmax: Int32Array.from(logits.map((row) => argmax(row))),
      chosen: Float32Array.from(draft.map((token, i) => Math.log(probs[i]![token]!))),
      top: {
        count: vocab,
        ids: Int32Array.from(order.flat()),
        logProbs: Float32Array.from(order.flatMap((ids, i) => ids.map((id) => Math.log(probs[i]![id]!)))),
        logSumExp: Float32Array.from(logSumExp),
        entropy: Float32Array.from(probs.map((row) => row.reduce((sum, p) => sum - p * Math.log(p), 0))),
      },
      logits: flat,
    },
    rows,
  );
  const drafted = draftLogits
    ? processedRows(Float32Array.from(draftLogits.flat()), draftLogits.length, GREEDY, text, draft)
    : oneHotRows(draft, vocab);
  return {
    text,
    draft,
    target,
    belief: target,
    draftTarget: drafted,
    draftBelief: drafted,
    dot: (_term, row) => scores[row] ?? 0,
    uniform: uniformsOf(0, text.length),
  };
}

/** Logits of given probabilities. */
export const ln = (...probs: number[]): number[] => probs.map(Math.log);
