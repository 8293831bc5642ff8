import type { TokenId } from '@judge-decoding/core';
import {
  DECODER_INPUTS,
  DECODER_OUTPUTS,
  type DecoderShape,
  DRAFT_LOOP,
} from '@judge-decoding/onnx/interface';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { KvCache } from './kv-cache.ts';
import { type GraphSource, loadGraph, type OrtRuntime } from './runtime.ts';

const FETCHES = { [DRAFT_LOOP.tokens]: null, [DECODER_OUTPUTS.newRows]: null } as const;
const WITH_LOG_PROBS = { ...FETCHES, [DRAFT_LOOP.logProbs]: null } as const;

/** Greedy drafts, each in one run of the graph that `buildDraftLoop` makes, which is loaded for the first. */
export class DraftLoop {
  /** Whether the graph was made with `endsUnlikely`. */
  readonly endsUnlikely: boolean;
  readonly #runtime: OrtRuntime;
  readonly #graph: GraphSource;
  readonly #options: InferenceSession.SessionOptions;
  readonly #shape: DecoderShape;
  #session: Promise<InferenceSession> | undefined;

  constructor(
    runtime: OrtRuntime,
    graph: GraphSource,
    options: InferenceSession.SessionOptions,
    shape: DecoderShape,
    endsUnlikely = false,
  ) {
    this.endsUnlikely = endsUnlikely;
    this.#runtime = runtime;
    this.#graph = graph;
    this.#options = options;
    this.#shape = shape;
  }

  /**
   * Reads `token` after what is in the cache, a row at least, and each token drafted after it but the last;
   * their rows are appended. Drafts `count` tokens, fewer where one of `endTokens` comes up or the next is less
   * likely than `leastProbability`.
   */
  async draft(
    cache: KvCache,
    token: TokenId,
    count: number,
    endTokens: readonly TokenId[],
    leastProbability?: number,
  ): Promise<TokenId[]> {
    this.#session ??= this.#open();
    const session = await this.#session;
    const { Tensor } = this.#runtime;
    const { layers, keyValueHeads, headDim } = this.#shape;
    const int64 = (value: number, dims: readonly number[]) =>
      new Tensor('int64', BigInt64Array.of(BigInt(value)), dims);
    const feeds: Record<string, Tensor> = {
      [DRAFT_LOOP.count]: int64(count, []),
      [DRAFT_LOOP.token]: int64(token, [1]),
      [DECODER_INPUTS.start]: int64(cache.length, [1]),
    };
    if (this.endsUnlikely) {
      const least = Float32Array.of(leastProbability === undefined ? -Infinity : Math.log(leastProbability));
      feeds[DRAFT_LOOP.least] = new Tensor('float32', least, []);
    }
    const dims = [cache.length, keyValueHeads, headDim];
    const past = (index: number) => new Tensor('float32', cache.view(index, cache.length), dims);
    for (let layer = 0; layer < layers; layer++) {
      feeds[DECODER_INPUTS.key(layer)] = past(2 * layer);
      feeds[DECODER_INPUTS.value(layer)] = past(2 * layer + 1);
    }
    const results = await session.run(feeds, this.endsUnlikely ? WITH_LOG_PROBS : FETCHES);
    const written = Array.from(results[DRAFT_LOOP.tokens]!.data as BigInt64Array, Number);
    const end = written.findIndex((each) => endTokens.includes(each));
    let drafted = end < 0 ? written : written.slice(0, end + 1);
    if (this.endsUnlikely) {
      const logProbs = results[DRAFT_LOOP.logProbs]!.data as Float32Array;
      const [least] = feeds[DRAFT_LOOP.least]!.data as Float32Array;
      // the loop has ended with it; a first one is drafted all the same
      const unlikely = drafted.length > 1 && logProbs[drafted.length - 1]! < least!;
      if (unlikely) drafted = drafted.slice(0, -1);
    }
    cache.append(results[DECODER_OUTPUTS.newRows]!.data as Float32Array, drafted.length, written.length);
    return drafted;
  }

  async dispose(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    await session?.release();
  }

  async #open(): Promise<InferenceSession> {
    try {
      return await loadGraph(this.#runtime, this.#graph, this.#options);
    } catch (error) {
      this.#session = undefined;
      throw error;
    }
  }
}
