import type {
  ForwardOutputs,
  ModelInfo,
  OutputRequest,
  Outputs,
  Proposed,
  ProposeRequest,
  Session,
  TokenId,
} from '@judge-decoding/core';
import { checkLength, checkOutputs, checkPropose, checkTokens } from './checks.ts';
import { type Decoder, DecoderRun } from './decoder-run.ts';
import { asDeviceError } from './device-error.ts';
import { KvCache } from './kv-cache.ts';
import { fetchedFor, joinOutputs, type OutputTools, outputsOf } from './outputs.ts';
import { propose } from './propose.ts';
import { WorkPermit } from './work-permit.ts';

/** One KV cache over a decoder graph. */
export class OrtSession implements Session {
  readonly #info: ModelInfo;
  readonly #tools: OutputTools;
  readonly #run: DecoderRun;
  readonly #permit = new WorkPermit();
  readonly #onDispose: (session: OrtSession) => void;

  constructor(
    decoder: Decoder,
    tools: OutputTools,
    info: ModelInfo,
    onDispose: (session: OrtSession) => void,
  ) {
    this.#info = info;
    this.#tools = tools;
    this.#run = new DecoderRun(decoder, new KvCache(decoder.shape, decoder.exact ? 1 : 0));
    this.#onDispose = onDispose;
  }

  get length(): number {
    return this.#run.cache.length;
  }

  async forward<const Request extends OutputRequest>(
    tokens: readonly TokenId[],
    request: Request,
  ): Promise<Outputs<Request>> {
    this.take();
    try {
      this.check(tokens, request);
      return (await this.feed(tokens, request)) as Outputs<Request>;
    } finally {
      this.release();
    }
  }

  truncate(length: number): void {
    this.#permit.take();
    this.#permit.release();
    checkLength(length, this.length);
    this.#run.cache.length = length;
  }

  async propose(tokens: readonly TokenId[], request: ProposeRequest): Promise<Proposed> {
    this.take();
    const before = this.length;
    try {
      checkTokens(tokens, before, this.#info);
      checkPropose(request);
      const chunk = this.#info.prefillChunk;
      let read = 0;
      for (; tokens.length - read > chunk; read += chunk) {
        await this.#run.pass(tokens.slice(read, read + chunk), { picked: 'none', fetch: [] });
      }
      return await propose(this.#run, tokens.slice(read), request, this.#info.contextLength);
    } catch (error) {
      this.#run.cache.length = before;
      throw asDeviceError(error, 'draft');
    } finally {
      this.release();
    }
  }

  async dispose(): Promise<void> {
    if (!this.#permit.end()) return;
    this.#run.cache.free();
    this.#onDispose(this);
  }

  /** For passes over several sessions: takes the session for one call, until `release`. */
  take(): void {
    this.#permit.take();
  }

  release(): void {
    this.#permit.release();
  }

  check(tokens: readonly TokenId[], request: OutputRequest): void {
    checkTokens(tokens, this.length, this.#info);
    checkOutputs(request, this.#info);
  }

  /** Reads checked tokens in chunks; on failure the session is as before. */
  async feed(tokens: readonly TokenId[], request: OutputRequest): Promise<Partial<ForwardOutputs>> {
    const before = this.length;
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
      this.#run.cache.length = before;
      throw asDeviceError(error, 'forward pass');
    }
    return joinOutputs(parts, request);
  }
}
