import type {
  ForwardOutputs,
  ModelInfo,
  OutputRequest,
  Proposed,
  ProposeRequest,
  SessionCore,
  TokenId,
} from '@judge-decoding/core';
import { type Decoder, DecoderRun } from './decoder-run.ts';
import { asDeviceError } from './device-error.ts';
import { KvCache } from './kv-cache.ts';
import { fetchedFor, joinOutputs, type OutputTools, outputsOf } from './outputs.ts';
import { propose } from './propose.ts';

/** One KV cache over a decoder graph; arguments have been checked. */
export class OrtSession implements SessionCore {
  readonly #info: ModelInfo;
  readonly #tools: OutputTools;
  readonly #run: DecoderRun;

  constructor(decoder: Decoder, tools: OutputTools, info: ModelInfo) {
    this.#info = info;
    this.#tools = tools;
    this.#run = new DecoderRun(decoder, new KvCache(decoder.shape, decoder.exact ? 1 : 0));
  }

  /** Reads tokens in chunks. */
  async forward(
    tokens: readonly TokenId[],
    request: OutputRequest,
    length: number,
  ): Promise<Partial<ForwardOutputs>> {
    this.#run.cache.length = length;
    const fetch = fetchedFor(request);
    const picked = fetch.length > 0 ? 'all' : 'none';
    const chunk = this.#info.prefillChunk;
    const parts: Partial<ForwardOutputs>[] = [];
    try {
      for (let from = 0; from < tokens.length; from += chunk) {
        const part = tokens.length <= chunk ? tokens : tokens.slice(from, from + chunk);
        const results = await this.#run.pass(part, { picked, fetch });
        const nexts = tokens.slice(from + 1, from + 1 + part.length);
        parts.push(await outputsOf(results, part.length, nexts, request, this.#tools));
      }
    } catch (error) {
      throw asDeviceError(error, 'forward pass');
    }
    return joinOutputs(parts, request);
  }

  async propose(tokens: readonly TokenId[], request: ProposeRequest, length: number): Promise<Proposed> {
    this.#run.cache.length = length;
    try {
      return await propose(this.#run, tokens, request, this.#info);
    } catch (error) {
      throw asDeviceError(error, 'draft');
    }
  }

  dispose(): void {
    this.#run.cache.free();
  }
}
