import { type BuiltGraph, GraphBuilder } from './graph.ts';

/** What a tail graph computes from the decoder's rows. */
export interface TailRequest {
  readonly chosen?: boolean;
  readonly top?: boolean;
}

/** Inputs and outputs of tail graphs, by what asks for them. */
export const TAIL = {
  /** float32 [rows, tokenCount]; for `chosen` and `top`. */
  logits: 'logits',
  /** Token fed after each row. int64 [nexts]; row r's is nexts[r], the last rows may have none. */
  next: 'next',
  /** How many. int64 [1] */
  count: 'count',
  /** float32 [nexts] */
  chosen: 'chosen',
  /** float32 [rows] */
  logSumExp: 'log_sum_exp',
  /** float32 [rows] */
  entropy: 'entropy',
  /** int64 [rows, count] */
  topIds: 'top_ids',
  /** float32 [rows, count] */
  topLogProbs: 'top_log_probs',
} as const;

/**
 * A graph without weights that turns rows of logits into what a request asks for, and nothing else.
 */
export function buildTail({ chosen = false, top = false }: TailRequest): BuiltGraph {
  const graph = new GraphBuilder();
  if (chosen || top) {
    graph.input(TAIL.logits, 'float32', ['rows', 'tokens']);
    const logProbs = graph.op('LogSoftmax', [TAIL.logits], { attributes: { axis: 1 } });
    if (chosen) {
      graph.input(TAIL.next, 'int64', ['nexts']);
      const ids = graph.op('Unsqueeze', [TAIL.next, graph.ints(1)]);
      // fewer indices than rows: the rows behind them are left out
      const picked = graph.op('GatherElements', [logProbs, ids], { attributes: { axis: 1 } });
      graph.op('Squeeze', [picked, graph.ints(1)], { as: TAIL.chosen });
      graph.output(TAIL.chosen, 'float32', ['nexts']);
    }
    if (top) {
      graph.input(TAIL.count, 'int64', [1]);
      // by logits, which round nothing: two of them may have one log-probability
      graph.node('TopK', [TAIL.logits, TAIL.count], ['top_logits', TAIL.topIds], {
        attributes: { axis: 1, largest: 1, sorted: 1 },
      });
      graph.op('GatherElements', [logProbs, TAIL.topIds], { as: TAIL.topLogProbs, attributes: { axis: 1 } });
      // a logit less its log-probability is the normaliser, and the largest logit's is the most exact
      const [zero, one] = [graph.ints(0), graph.ints(1)];
      const normalisers = graph.op('Sub', ['top_logits', TAIL.topLogProbs]);
      graph.op('Squeeze', [graph.op('Slice', [normalisers, zero, one, one]), one], { as: TAIL.logSumExp });
      const probs = graph.op('Softmax', [TAIL.logits], { attributes: { axis: 1 } });
      const products = graph.op('Mul', [probs, logProbs]);
      const sum = graph.op('ReduceSum', [products, one], { attributes: { keepdims: 0 } });
      graph.op('Neg', [sum], { as: TAIL.entropy });
      graph.output(TAIL.logSumExp, 'float32', ['rows']);
      graph.output(TAIL.entropy, 'float32', ['rows']);
      graph.output(TAIL.topIds, 'int64', ['rows', 'count']);
      graph.output(TAIL.topLogProbs, 'float32', ['rows', 'count']);
    }
  }
  return graph.build();
}
