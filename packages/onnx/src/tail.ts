import { type BuiltGraph, GraphBuilder } from './graph.ts';

/** What a tail graph computes from the decoder's rows. */
export interface TailRequest {
  readonly chosen?: boolean;
  readonly top?: boolean;
  /** Dot products with terms over these states. */
  readonly judge?: readonly ('pre_norm' | 'post_norm')[];
}

/** Inputs and outputs of tail graphs, by what asks for them. */
export const TAIL = {
  /** float32 [rows, tokenCount]; for `chosen` and `top`. */
  logits: 'logits',
  /** Token fed after each row. int64 [nexts]; row r's is nexts[r], the last rows may have none. */
  next: 'next',
  /** How many. int64 [1] */
  count: 'count',
  /** float32 [rows, hiddenSize] and float32 [terms, hiddenSize]. */
  state: (state: 'pre_norm' | 'post_norm') => state,
  weights: (state: 'pre_norm' | 'post_norm') => `${state}_terms`,
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
  /** float32 [rows, terms] */
  dots: (state: 'pre_norm' | 'post_norm') => `${state}_dots`,
} as const;

/**
 * A graph without weights that turns rows of logits and hidden states into what a request asks
 * for, and nothing else. Head weights are inputs: a head can change without a new graph.
 */
export function buildTail({ chosen = false, top = false, judge = [] }: TailRequest): BuiltGraph {
  const graph = new GraphBuilder();
  if (chosen || top) {
    graph.input(TAIL.logits, 'float32', ['rows', 'tokens']);
    // ln sum exp against the row's largest value, so that nothing overflows
    const largest = graph.op('ReduceMax', [TAIL.logits], { attributes: { axes: [1], keepdims: 1 } });
    const shifted = graph.op('Sub', [TAIL.logits, largest]);
    const powers = graph.op('Exp', [shifted]);
    const sum = graph.op('ReduceSum', [powers, graph.ints(1)], { attributes: { keepdims: 1 } });
    const logSum = graph.op('Log', [sum]);
    if (chosen) {
      graph.input(TAIL.next, 'int64', ['nexts']);
      const count = graph.op('Shape', [TAIL.next]);
      const start = graph.ints(0);
      const ids = graph.op('Unsqueeze', [TAIL.next, graph.ints(1)]);
      const rows = graph.op('Slice', [shifted, start, count, start]);
      const sums = graph.op('Slice', [logSum, start, count, start]);
      const picked = graph.op('GatherElements', [rows, ids], { attributes: { axis: 1 } });
      graph.op('Squeeze', [graph.op('Sub', [picked, sums]), graph.ints(1)], { as: TAIL.chosen });
      graph.output(TAIL.chosen, 'float32', ['nexts']);
    }
    if (top) {
      graph.input(TAIL.count, 'int64', [1]);
      graph.op('Squeeze', [graph.op('Add', [logSum, largest]), graph.ints(1)], { as: TAIL.logSumExp });
      // entropy = ln sum - sum(p · shifted): each p is a power over the sum
      const products = graph.op('Mul', [powers, shifted]);
      const total = graph.op('ReduceSum', [products, graph.ints(1)], { attributes: { keepdims: 1 } });
      const entropy = graph.op('Sub', [logSum, graph.op('Div', [total, sum])]);
      graph.op('Squeeze', [entropy, graph.ints(1)], { as: TAIL.entropy });
      graph.node('TopK', [shifted, TAIL.count], ['top_shifted', TAIL.topIds], {
        attributes: { axis: 1, largest: 1, sorted: 1 },
      });
      graph.op('Sub', ['top_shifted', logSum], { as: TAIL.topLogProbs });
      graph.output(TAIL.logSumExp, 'float32', ['rows']);
      graph.output(TAIL.entropy, 'float32', ['rows']);
      graph.output(TAIL.topIds, 'int64', ['rows', 'count']);
      graph.output(TAIL.topLogProbs, 'float32', ['rows', 'count']);
    }
  }
  for (const state of judge) {
    graph.input(TAIL.state(state), 'float32', ['rows', 'hidden']);
    graph.input(TAIL.weights(state), 'float32', ['terms', 'hidden']);
    graph.op('FusedMatMul', [TAIL.state(state), TAIL.weights(state)], {
      domain: 'com.microsoft',
      attributes: { transB: 1 },
      as: TAIL.dots(state),
    });
    graph.output(TAIL.dots(state), 'float32', ['rows', 'terms']);
  }
  return graph.build();
}
