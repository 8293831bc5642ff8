import type { ForwardOutputs, TokenId } from '../backend.ts';
import { adjustLogits, argmax, processLogits, type SamplingOptions, softmax } from './sampling.ts';

/** One model's beliefs in a round: row i is the distribution that draft[i] is judged against. */
export interface Rows {
  /** The most likely token, the lowest id on a tie. */
  argmax(row: number): TokenId;
  /** ln p(draft[row]); only for rows that have a drafted token. */
  logProb(row: number): number;
  /** The n most likely tokens, most likely first. */
  top(row: number, n: number): readonly LikelyToken[];
  /** Nats, over the whole vocabulary. */
  entropy(row: number): number;
  /** [vocabSize], float64. */
  probs(row: number): Float64Array;
}

/** One of a row's most likely tokens. */
export interface LikelyToken {
  readonly id: TokenId;
  /** ln p, by the row's distribution. */
  readonly logProb: number;
  /**
   * The model's own score, before temperature and processors: the log-probability of the raw softmax
   * plus the row's log-sum-exp. Where there is no model behind the row it is ln p.
   */
  readonly logit: number;
}

/** Reads what the device decided. Only what was asked for in the pass may be read. */
export function deviceRows(outputs: Partial<ForwardOutputs>, rowCount: number): Rows {
  const probs = lazily((row: number) => softmax(rowOf(outputs.logits!, row, rowCount)));
  return {
    argmax: (row) => outputs.argmax?.[row] ?? argmax(rowOf(outputs.logits!, row, rowCount)),
    logProb: (row) => outputs.chosen![row]!,
    top(row, n) {
      const { count, ids, logProbs, logSumExp } = outputs.top!;
      return Array.from({ length: Math.min(n, count) }, (_, i) => {
        const logProb = logProbs[row * count + i]!;
        return { id: ids[row * count + i]!, logProb, logit: logProb + logSumExp[row]! };
      });
    },
    entropy: (row) => outputs.top!.entropy[row]!,
    probs,
  };
}

/**
 * Raw logits shaped on the host: penalties see each row's own history (`text` and the tokens
 * drafted before it). At temperature 0 `probs` is the softmax of the adjusted logits.
 */
export function processedRows(
  logits: Float32Array,
  rowCount: number,
  options: SamplingOptions,
  text: readonly TokenId[],
  draft: readonly TokenId[],
): Rows {
  const distribution = (row: number) => {
    const raw = rowOf(logits, row, rowCount);
    const history = row === 0 ? text : [...text, ...draft.slice(0, row)];
    return options.temperature === 0
      ? softmax(adjustLogits(raw, options, history))
      : processLogits(raw, options, history);
  };
  return rowsOf(draft, distribution, (row, id) => rowOf(logits, row, rowCount)[id]!);
}

/** Distributions given as they are, [rowCount, vocabSize]. */
export function givenRows(probs: Float64Array, rowCount: number, draft: readonly TokenId[]): Rows {
  const vocabSize = probs.length / rowCount;
  return rowsOf(draft, (row) => probs.subarray(row * vocabSize, (row + 1) * vocabSize));
}

/** A draft that is certain of what it proposes: n-gram lookup, a fixed text, a greedy model. */
export function oneHotRows(draft: readonly TokenId[], vocabSize: number): Rows {
  return rowsOf(draft, (row) => {
    const certain = new Float64Array(vocabSize);
    certain[draft[row]!] = 1;
    return certain;
  });
}

function rowsOf(
  draft: readonly TokenId[],
  distribution: (row: number) => Float64Array,
  logitOf?: (row: number, id: TokenId) => number,
): Rows {
  const probs = lazily(distribution);
  return {
    argmax: (row) => argmax(probs(row)),
    logProb: (row) => Math.log(probs(row)[draft[row]!]!),
    top: (row, n) =>
      Array.from(probs(row), (p, id) => ({ id, logProb: Math.log(p) }))
        .sort((a, b) => b.logProb - a.logProb || a.id - b.id)
        .slice(0, n)
        .map((token) => ({ ...token, logit: logitOf?.(row, token.id) ?? token.logProb })),
    entropy: (row) => probs(row).reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0),
    probs,
  };
}

function rowOf(logits: Float32Array, row: number, rowCount: number): Float32Array {
  const vocabSize = logits.length / rowCount;
  return logits.subarray(row * vocabSize, (row + 1) * vocabSize);
}

/** Rules may ask for the same row several times; its softmax is computed once. */
function lazily<Value>(compute: (row: number) => Value): (row: number) => Value {
  const known = new Map<number, Value>();
  return (row) => {
    if (!known.has(row)) known.set(row, compute(row));
    return known.get(row)!;
  };
}
