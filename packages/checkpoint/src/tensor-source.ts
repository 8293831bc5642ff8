/** Types whose elements stand for themselves, under the names that safetensors gives them. */
export type ElementType =
  | 'F64'
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'F8_E4M3'
  | 'F8_E5M2'
  | 'I64'
  | 'I32'
  | 'I16'
  | 'I8'
  | 'U64'
  | 'U32'
  | 'U16'
  | 'U8'
  | 'BOOL';

/**
 * Types whose elements share scales in blocks along a row, under the names that GGUF gives them.
 * `BLOCK_SHAPES` says how many elements a block has and how many bytes it takes.
 */
export type BlockType =
  | 'Q4_0'
  | 'Q4_1'
  | 'Q5_0'
  | 'Q5_1'
  | 'Q8_0'
  | 'Q2_K'
  | 'Q3_K'
  | 'Q4_K'
  | 'Q5_K'
  | 'Q6_K';

/** How a tensor is stored. */
export type TensorType = ElementType | BlockType;

/** A tensor as its file describes it; sizes in bytes. */
export interface TensorInfo {
  /** Hugging Face's name for it: `model.layers.0.self_attn.q_proj.weight`. */
  readonly name: string;
  /** Row-major, outermost first: a projection is [outputs, inputs]. */
  readonly shape: readonly number[];
  readonly type: TensorType;
  /** Size as stored. */
  readonly byteLength: number;
}

/** Rows first … first + count - 1 along the outermost dimension. */
export interface RowRange {
  readonly first: number;
  readonly count: number;
}

/** Named tensors, read from disk when asked for: never more than what is asked for is in memory. */
export interface TensorSource {
  /** In order of name. */
  list(): readonly TensorInfo[];
  has(name: string): boolean;
  /** Refuses an unknown name with code `not-found`. */
  info(name: string): TensorInfo;
  /**
   * Widened to float32, row-major; all of it, or some rows. The array is the caller's: a new one, or
   * the start of `into`, whose use again and again spares the garbage collector most of its work
   * where gigabytes are read.
   */
  read(name: string, rows?: RowRange, into?: Float32Array): Promise<Float32Array>;
  /** As stored, little-endian; all of it, or some rows. For types that are used without widening. */
  raw(name: string, rows?: RowRange): Promise<Uint8Array>;
}
