/** What must be known about a decoder graph to feed it. */
export interface DecoderShape {
  readonly layers: number;
  readonly hiddenSize: number;
  readonly attentionHeads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  /** Width of the logits: real tokens only, padding rows of the output matrix are not in the graph. */
  readonly tokenCount: number;
  /** Positions the rotary tables reach. */
  readonly contextLength: number;
  /** How many tokens a token of a window layer sees; `null` where no layer has a window. */
  readonly window: number | null;
}

/**
 * The decoder graph's inputs: `rows` tokens to read, after `past` rows of the cache. With an empty
 * cache feed one row of zeros and mask it: ONNX Runtime 1.30 divides by zero in a batched product
 * with nothing in it, and the process dies.
 */
export const DECODER_INPUTS = {
  /** Tokens to read. int32 [rows] */
  tokens: 'tokens',
  /** Position of the first of them: the cache's length. int64 [1] */
  start: 'start',
  /** Rows that go through the final norm and the output matrix, ascending; may be none. int32 [picked] */
  picked: 'picked',
  /**
   * Added to the attention scores: 0 where a row may look, a large negative number elsewhere, the
   * rows once for each query head of a group. float32 [groups · rows, past + rows]
   */
  mask: 'mask',
  /** `mask` for window layers, where there are any: hides what lies further back, too. float32, as `mask` */
  windowMask: 'window_mask',
  /** Keys of a layer, turned by their positions: exactly the valid ones. float32 [past, keyValueHeads, headDim] */
  key: (layer: number) => `key_${layer}`,
  /** Values of a layer. float32 [past, keyValueHeads, headDim] */
  value: (layer: number) => `value_${layer}`,
} as const;

/** The decoder graph's outputs, all of them by-products of `argmax`: what is not fetched costs nothing. */
export const DECODER_OUTPUTS = {
  /** Most likely next token, the lowest id on a tie. int64 [picked] */
  argmax: 'argmax',
  /** float32 [picked, tokenCount] */
  logits: 'logits',
  /** float32 [picked, hiddenSize] */
  preNorm: 'pre_norm',
  /** float32 [picked, hiddenSize] */
  postNorm: 'post_norm',
  /** The residual stream after the n-th layer, n from 1 to layers - 1; of all rows. float32 [1, rows, hiddenSize] */
  layer: (layer: number) => `layer_${layer}`,
  /** Keys and values of the rows fed: layer 0's keys, layer 0's values, layer 1's … [2 · layers · rows, keyValueHeads, headDim] */
  newRows: 'new_rows',
} as const;

/**
 * What the draft loop takes and gives beside the decoder's `start`, keys, values and `new_rows`, whose
 * rows are those of the token given and of all tokens drafted but the last.
 */
export const DRAFT_LOOP = {
  /** Tokens to draft, at least 1. int64 scalar */
  count: 'count',
  /** The token to go on from; its row is not in the past, which holds at least one. int64 [1] */
  token: 'token_before',
  /** Most likely tokens, each after the one before it. int64 [count, 1] */
  tokens: 'drafted_tokens',
  /** Only with `endsUnlikely`: ln p below which a token ends the loop. float32 scalar */
  least: 'least_log_prob',
  /** Only with `endsUnlikely`: ln p of the tokens; fewer than `count` where the last is below. float32 [count] */
  logProbs: 'drafted_log_probs',
} as const;
