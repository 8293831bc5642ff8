import type { TokenId } from '@judge-decoding/core';
import { DECODER_INPUTS, DECODER_OUTPUTS, type DecoderShape } from '@judge-decoding/onnx/interface';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { KvCache } from './kv-cache.ts';
import type { PickedRows, RowTensors } from './row-tensors.ts';
import type { OrtRuntime } from './runtime.ts';

/** The decoder's outputs that a pass may fetch; new keys and values always are. */
export type Fetched = 'argmax' | 'logits' | 'preNorm' | 'postNorm';

/** What several sessions of one model share. */
export interface Decoder {
  readonly runtime: OrtRuntime;
  readonly session: InferenceSession;
  readonly shape: DecoderShape;
  readonly rowTensors: RowTensors;
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

  /** Reads `tokens` after what is in the cache, and appends them to it when the run has succeeded. */
  async pass(
    tokens: readonly TokenId[],
    { picked, fetch }: PassOptions,
  ): Promise<InferenceSession.ReturnType> {
    const { runtime, session, shape, rowTensors } = this.#decoder;
    const rows = tokens.length;
    const feeds = this.#feeds;
    if (rows === 1) {
      this.#oneToken[0] = tokens[0]!;
      feeds[DECODER_INPUTS.tokens] = this.#oneTokenTensor;
    } else {
      feeds[DECODER_INPUTS.tokens] = new runtime.Tensor('int32', Int32Array.from(tokens), [rows]);
    }
    feeds[DECODER_INPUTS.picked] = rowTensors.picked(rows, picked);
    const { cache } = this;
    feeds[DECODER_INPUTS.mask] = rowTensors.mask(rows, cache.length);
    this.#start[0] = BigInt(cache.length);
    // an empty cache lends a row of what is in the buffer; the mask hides it
    cache.reserve(1);
    const past = Math.max(1, cache.length);
    const dims = [past, shape.keyValueHeads, shape.headDim];
    for (const [index, name] of this.#names.entries()) {
      feeds[name] = new runtime.Tensor('float32', cache.view(index, past), dims);
    }
    const results = await session.run(feeds, this.#fetchesOf(fetch));
    cache.append(results[DECODER_OUTPUTS.newRows]!.data as Float32Array, rows);
    return results;
  }

  #fetchesOf(fetch: readonly Fetched[]): Record<string, null> {
    const key = fetch.join();
    let fetches = this.#fetches.get(key);
    if (fetches === undefined) {
      fetches = { [DECODER_OUTPUTS.newRows]: null };
      for (const output of fetch) fetches[DECODER_OUTPUTS[output]] = null;
      this.#fetches.set(key, fetches);
    }
    return fetches;
  }
}
