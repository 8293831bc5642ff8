import type {
  ForwardOutputs,
  ModelInfo,
  OutputRequest,
  Proposed,
  ProposeRequest,
  TokenId,
} from '@judge-decoding/core';
import { type Decoder, DecoderRun } from './decoder-run.ts';
import { KvCache } from './kv-cache.ts';
import { fetchedFor, type OutputTools, outputsOf } from './outputs.ts';
import type { Passes } from './passes.ts';
import { propose } from './propose.ts';

/** Passes over a cache in the host's memory. */
export class HostPasses implements Passes {
  readonly #info: ModelInfo;
  readonly #tools: OutputTools;
  readonly #run: DecoderRun;

  constructor(decoder: Decoder, tools: OutputTools, info: ModelInfo) {
    this.#info = info;
    this.#tools = tools;
    this.#run = new DecoderRun(decoder, new KvCache(decoder.shape, decoder.exact ? 1 : 0));
  }

  get length(): number {
    return this.#run.cache.length;
  }

  set length(length: number) {
    this.#run.cache.length = length;
  }

  async forward(
    tokens: readonly TokenId[],
    nexts: readonly TokenId[],
    request: OutputRequest,
  ): Promise<Partial<ForwardOutputs>> {
    const fetch = fetchedFor(request);
    const results = await this.#run.pass(tokens, { picked: fetch.length > 0 ? 'all' : 'none', fetch });
    return outputsOf(results, tokens.length, nexts, request, this.#tools);
  }

  propose(tokens: readonly TokenId[], request: ProposeRequest): Promise<Proposed> {
    return propose(this.#run, tokens, request, this.#info);
  }

  free(): void {
    this.#run.cache.free();
  }
}
