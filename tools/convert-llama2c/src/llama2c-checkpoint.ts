import type { FileHandle } from 'node:fs/promises';
import { JudgeDecodingError } from '@judge-decoding/core';

/** Seven int32 at the start of a legacy (version 0) llama2.c checkpoint. */
export interface Llama2cHeader {
  readonly dim: number;
  readonly hiddenDim: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly vocabSize: number;
  readonly maxSequenceLength: number;
  /** Whether the output matrix is the embedding; the file says so by the sign of the vocabulary's size. */
  readonly sharedClassifier: boolean;
}

const HEADER_BYTES = 28;
/** Far above any model in this format, far below where sizes stop being exact. */
const MAX_SIZE = 2 ** 24;

/** A run of float32 in the file. */
export interface Block {
  /** First byte. */
  readonly position: number;
  /** Numbers. */
  readonly count: number;
}

/** Where the file keeps what; the blocks of all layers lie together, layer after layer. */
export interface Llama2cLayout {
  readonly embedding: Block;
  readonly attentionNorm: Block;
  readonly query: Block;
  readonly key: Block;
  readonly value: Block;
  readonly output: Block;
  readonly feedForwardNorm: Block;
  readonly gate: Block;
  readonly down: Block;
  readonly up: Block;
  readonly finalNorm: Block;
  /** Present unless the classifier is shared. */
  readonly classifier?: Block;
  readonly fileBytes: number;
}

const invalid = (path: string, problem: string) =>
  new JudgeDecodingError(
    'invalid-file',
    `\`${path}\` is not a legacy llama2.c checkpoint: ${problem}. Expected seven int32 and then float32 weights, as its export.py writes with --version 0.`,
  );

export async function readHeader(path: string, handle: FileHandle): Promise<Llama2cHeader> {
  const bytes = new Uint8Array(HEADER_BYTES);
  const { bytesRead } = await handle.read(bytes, 0, HEADER_BYTES, 0);
  if (bytesRead < HEADER_BYTES)
    throw invalid(path, `it has ${bytesRead} bytes, less than a header of ${HEADER_BYTES}`);
  const view = new DataView(bytes.buffer);
  const sizes = Array.from({ length: 7 }, (_, i) => view.getInt32(4 * i, true));
  const [dim, hiddenDim, layers, heads, kvHeads, signedVocab, maxSequenceLength] = sizes as [
    number, number, number, number, number, number, number,
  ]; // biome-ignore format: seven of a kind
  const vocabSize = Math.abs(signedVocab);
  const named = { dim, hiddenDim, layers, heads, kvHeads, vocabSize, maxSequenceLength };
  for (const [name, size] of Object.entries(named)) {
    if (size < 1 || size > MAX_SIZE) throw invalid(path, `${name} ${size} is outside 1..${MAX_SIZE}`);
  }
  if (dim % heads !== 0 || (dim / heads) % 2 !== 0)
    throw invalid(path, `dim ${dim} is not heads ${heads} times an even number`);
  if (heads % kvHeads !== 0) throw invalid(path, `kvHeads ${kvHeads} does not divide heads ${heads}`);
  return { ...named, sharedClassifier: signedVocab > 0 };
}

/** Lays the blocks out in the order of llama2.c's `memory_map_weights`; the file must end where they end. */
export function layOut(path: string, header: Llama2cHeader, fileBytes: number): Llama2cLayout {
  const { dim, hiddenDim, layers, heads, kvHeads, vocabSize, maxSequenceLength } = header;
  const headSize = dim / heads;
  let position = HEADER_BYTES;
  const block = (...sizes: readonly number[]): Block => {
    const count = sizes.reduce((product, size) => product * size, 1);
    const placed = { position, count };
    position += 4 * count;
    return placed;
  };
  const blocks = {
    embedding: block(vocabSize, dim),
    attentionNorm: block(layers, dim),
    query: block(layers, heads * headSize, dim),
    key: block(layers, kvHeads * headSize, dim),
    value: block(layers, kvHeads * headSize, dim),
    output: block(layers, dim, heads * headSize),
    feedForwardNorm: block(layers, dim),
    gate: block(layers, hiddenDim, dim),
    down: block(layers, dim, hiddenDim),
    up: block(layers, hiddenDim, dim),
    finalNorm: block(dim),
  };
  // two tables of cosines and sines that nobody reads any more
  block(maxSequenceLength, headSize);
  const classifier = header.sharedClassifier ? {} : { classifier: block(vocabSize, dim) };
  if (position !== fileBytes) {
    throw invalid(path, `its header means ${position} bytes, it has ${fileBytes}`);
  }
  return { ...blocks, ...classifier, fileBytes };
}

/** One layer's share of a block, or all of it. */
export async function readBlock(
  path: string,
  handle: FileHandle,
  { position, count }: Block,
  part: { readonly index: number; readonly of: number } = { index: 0, of: 1 },
): Promise<Float32Array> {
  const size = count / part.of;
  const values = new Float32Array(size);
  const bytes = new Uint8Array(values.buffer);
  let done = 0;
  while (done < bytes.length) {
    const at = position + part.index * bytes.length + done;
    const { bytesRead } = await handle.read(bytes, done, Math.min(bytes.length - done, 2 ** 30), at);
    if (bytesRead === 0) throw invalid(path, 'it was cut while it was read');
    done += bytesRead;
  }
  return values;
}

/**
 * llama2.c turns neighbouring elements of a head (2i with 2i + 1), Hugging Face elements half a
 * head apart (i with i + headSize / 2). Moves the rows of a q or k projection, [rows, columns], from the
 * first order to the second; rows come in whole heads.
 */
export function toHalfSplit(weights: Float32Array, columns: number, headSize: number): Float32Array {
  const out = new Float32Array(weights.length);
  const rows = weights.length / columns;
  for (let row = 0; row < rows; row++) {
    const head = Math.floor(row / headSize) * headSize;
    const within = row - head;
    const from = head + (within < headSize / 2 ? 2 * within : 2 * within - headSize + 1);
    out.set(weights.subarray(from * columns, (from + 1) * columns), row * columns);
  }
  return out;
}
