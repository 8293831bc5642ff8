import { layerOf, type TokenId } from '@judge-decoding/core';
import { DECODER_INPUTS, DECODER_OUTPUTS, type DecoderShape } from '@judge-decoding/onnx/interface';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { DraftLoop } from './draft-loop.ts';
import type { KvCache } from './kv-cache.ts';
import type { PickedRows, RowTensors } from './row-tensors.ts';
import type { OrtRuntime } from './runtime.ts';

/** The decoder's outputs that a pass may fetch; new keys and values always are. */
export type Fetched = 'argmax' | 'logits' | 'preNorm' | 'postNorm' | `layer-${number}`;

/** The graph's name of an output. */
export const outputOf = (fetched: Fetched): string => {
  const layer = layerOf(fetched);
  return layer === 'last'
    ? DECODER_OUTPUTS[fetched as Exclude<Fetched, `layer-${number}`>]
    : DECODER_OUTPUTS.layer(layer);
};

/** What several sessions of one model share. */
export interface Decoder {
  readonly runtime: OrtRuntime;
  readonly session: InferenceSession;
  readonly shape: DecoderShape;
  readonly rowTensors: RowTensors;
  readonly exact: ExactPasses | undefined;
  /** Where greedy drafts can be made in one run. */
  readonly draftLoop: DraftLoop | undefined;
}

/**
 * For a graph whose sums are exact between passes of two rows or more. A hidden row lies before every past, not
 * before empty ones alone: sums over the columns are made several at a time, so each column keeps its place.
 */
export interface ExactPasses {
  /** Whether a single row is read as two, the second of which nobody sees. */
  readonly pairedRows: boolean;
  /** Whether the output matrix needs a second row, too. */
  readonly pairedOutput: boolean;
}

export interface PassOptions {
  readonly picked: PickedRows;
  readonly fetch: readonly Fetched[];
}

/** Runs the graph over one session's cache. Feeds are kept and refilled: a step allocates little. */
export class DecoderRun {
  readonly cache: KvCache;
  readonly #decoder: Decoder;
  readonly #feeds: Record<string, Tensor> = {};
  readonly #oneToken: Int32Array;
  readonly #oneTokenTensor: Tensor;
  readonly #start: BigInt64Array;
  readonly #names: readonly string[];
  readonly #fetches = new Map<string, Record<string, null>>();

  constructor(decoder: Decoder, cache: KvCache) {
    this.#decoder = decoder;
    this.cache = cache;
    this.#oneToken = new Int32Array(1);
    this.#oneTokenTensor = new decoder.runtime.Tensor('int32', this.#oneToken, [1]);
    this.#start = new BigInt64Array(1);
    this.#feeds[DECODER_INPUTS.start] = new decoder.runtime.Tensor('int64', this.#start, [1]);
    this.#names = Array.from({ length: 2 * decoder.shape.layers }, (_, index) =>
      index % 2 === 0 ? DECODER_INPUTS.key(index / 2) : DECODER_INPUTS.value((index - 1) / 2),
    );
  }

  get draftLoop(): DraftLoop | undefined {
    return this.#decoder.draftLoop;
  }

  /** Reads `tokens` after what is in the cache, and appends them to it when the run has succeeded. */
  async pass(
    tokens: readonly TokenId[],
    { picked, fetch }: PassOptions,
  ): Promise<InferenceSession.ReturnType> {
    const { runtime, session, shape, rowTensors, exact } = this.#decoder;
    const rows = tokens.length;
    const feeds = this.#feeds;
    const paired = rows === 1 && exact?.pairedRows === true;
    const read = paired ? 2 : rows;
    if (read === 1) {
      this.#oneToken[0] = tokens[0]!;
      feeds[DECODER_INPUTS.tokens] = this.#oneTokenTensor;
    } else {
      const ids = paired ? Int32Array.of(tokens[0]!, tokens[0]!) : Int32Array.from(tokens);
      feeds[DECODER_INPUTS.tokens] = new runtime.Tensor('int32', ids, [read]);
    }
    const pickedRows = picked === 'none' ? 0 : picked === 'last' ? 1 : rows;
    const pairedOutput = pickedRows === 1 && exact?.pairedOutput === true;
    feeds[DECODER_INPUTS.picked] = pairedOutput
      ? rowTensors.twice(rows - 1)
      : rowTensors.picked(rows, picked);
    const { cache } = this;
    this.#start[0] = BigInt(cache.length);
    // a row that the mask hides: of zeros before the cache, or what an empty one has in its buffer
    const hidden = exact !== undefined || cache.length === 0;
    cache.reserve(Math.max(1, cache.length));
    const past = cache.length + (hidden ? 1 : 0);
    const mask = rowTensors.mask(read, past, hidden);
    feeds[DECODER_INPUTS.mask] = mask;
    const windowMask = shape.window === null ? undefined : rowTensors.mask(read, past, hidden, shape.window);
    if (windowMask !== undefined) feeds[DECODER_INPUTS.windowMask] = windowMask;
    const dims = [past, shape.keyValueHeads, shape.headDim];
    for (const [index, name] of this.#names.entries()) {
      feeds[name] = new runtime.Tensor('float32', cache.view(index, past), dims);
    }
    const results = await session.run(feeds, this.#fetchesOf(fetch));
    rowTensors.release(mask);
    if (windowMask !== undefined) rowTensors.release(windowMask);
    cache.append(results[DECODER_OUTPUTS.newRows]!.data as Float32Array, rows, read);
    return pairedOutput ? this.#firstRows(results, fetch) : results;
  }

  /** Of two equal rows the first. */
  #firstRows(results: InferenceSession.ReturnType, fetch: readonly Fetched[]): InferenceSession.ReturnType {
    const { Tensor } = this.#decoder.runtime;
    const first: Record<string, Tensor> = {};
    for (const output of fetch) {
      const name = outputOf(output);
      const { type, data, dims } = results[name]!;
      // layers give all rows that were read, not those that were picked
      if (layerOf(output) !== 'last') {
        first[name] = results[name]!;
        continue;
      }
      const half = (data as Float32Array).subarray(0, data.length / 2);
      first[name] = new Tensor(type as 'float32', half, [1, ...dims.slice(1)]);
    }
    return first;
  }

  #fetchesOf(fetch: readonly Fetched[]): Record<string, null> {
    const key = fetch.join();
    let fetches = this.#fetches.get(key);
    if (fetches === undefined) {
      fetches = { [DECODER_OUTPUTS.newRows]: null };
      for (const output of fetch) fetches[outputOf(output)] = null;
      this.#fetches.set(key, fetches);
    }
    return fetches;
  }
}
