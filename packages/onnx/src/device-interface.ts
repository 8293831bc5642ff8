/**
 * The inputs of a decoder whose cache stays on a device: `rows` tokens to read after what the cache holds.
 * Keys and values are buffers of a fixed size, fed as past and fetched as present: they are written in place.
 */
export const DEVICE_INPUTS = {
  /** Tokens to read. int32 [rows] */
  tokens: 'tokens',
  /** Position of the first of them: the cache's length. int64 [1] */
  start: 'start',
  /** The cache's length after this pass, less one. int32 [1] */
  last: 'last',
  /** The cache's length after this pass. int32 [1], in the host's memory */
  total: 'total',
  /** Rows that go through the final norm and the output matrix, ascending; at least one. int32 [picked] */
  picked: 'picked',
  /** Whether `chosen`, `judge` and `told` are computed; they are empty where not. bool [1], in the host's memory */
  tells: 'tells',
  /** Token fed after each picked row; anything where there is none. int32 [picked, 1] */
  next: 'next',
  /** What states are multiplied with, a column a term: weights of the pre-norm state, then of the post-norm one. float32 [2 · hiddenSize, terms] */
  terms: 'terms',
  /** Keys of a layer, turned by their positions. float32 [1, keyValueHeads, capacity, headDim] */
  key: (layer: number) => `key_${layer}`,
  /** Values of a layer. float32 [1, keyValueHeads, capacity, headDim] */
  value: (layer: number) => `value_${layer}`,
} as const;

/** The outputs of a decoder whose cache stays on a device. */
export const DEVICE_OUTPUTS = {
  /** Most likely next token, the lowest id on a tie. int32 [picked] */
  argmax: 'argmax',
  /** ln p(next). float32 [picked, 1] */
  chosen: 'chosen',
  /** float32 [picked, terms] */
  judge: 'judge',
  /** `argmax`, `chosen` and `judge` side by side, for runtimes where each output is a wait. float32 [picked, 2 + terms] */
  told: 'told',
  /** float32 [picked, tokenCount] */
  logits: 'logits',
  /** float32 [picked, hiddenSize] */
  preNorm: 'pre_norm',
  /** float32 [picked, hiddenSize] */
  postNorm: 'post_norm',
  /** As the input of that layer. */
  key: (layer: number) => `present_key_${layer}`,
  /** As the input of that layer. */
  value: (layer: number) => `present_value_${layer}`,
} as const;
