import {
  drawToken,
  type OutputRequest,
  type Outputs,
  type Proposed,
  type ProposeRequest,
  processLogits,
  type Session,
  type TokenId,
} from '@judge-decoding/core';
import { checkLength, checkOutputs, checkPropose, checkTokens } from './checks.ts';
import type { EnginePass, EngineSession } from './engine.ts';
import type { CudaModel } from './model.ts';
import { WorkPermit } from './work-permit.ts';

/** One cache on the device. Its length lives here: rolling back is a smaller `start` in the next pass. */
export class CudaSession implements Session {
  readonly #model: CudaModel;
  readonly #cache: EngineSession;
  readonly #permit = new WorkPermit();
  #length = 0;

  constructor(model: CudaModel, cache: EngineSession) {
    this.#model = model;
    this.#cache = cache;
  }

  get length(): number {
    return this.#length;
  }

  async forward<const Request extends OutputRequest>(
    tokens: readonly TokenId[],
    request: Request,
  ): Promise<Outputs<Request>> {
    const [outputs] = await this.#model.forward([{ session: this, tokens }], request);
    return outputs!;
  }

  truncate(length: number): void {
    this.take();
    this.release();
    checkLength(length, this.#length);
    this.#length = length;
  }

  async propose(tokens: readonly TokenId[], request: ProposeRequest): Promise<Proposed> {
    this.take();
    try {
      checkTokens(tokens, this.#length, this.#model.info);
      checkPropose(request);
      // the last token drawn is not fed, so a draft may be one longer than the room that is left
      const most = Math.min(request.count, this.#model.info.contextLength - this.#length - tokens.length + 1);
      const proposed =
        request.sampling === undefined
          ? await this.#greedy(tokens, request, most)
          : await this.#sampled(tokens, request, most);
      this.#length += tokens.length + proposed.tokens.length - 1;
      return proposed;
    } finally {
      this.release();
    }
  }

  async dispose(): Promise<void> {
    if (!this.#permit.end()) return;
    this.#model.forget(this);
    await this.#cache.destroy();
  }

  /** For passes over several sessions: takes the session for one call, until `release`. */
  take(): void {
    this.#permit.take();
  }

  release(): void {
    this.#permit.release();
  }

  /** Refuses further calls; the cache goes with the model. */
  end(): void {
    this.#permit.end();
  }

  check(tokens: readonly TokenId[], request: OutputRequest): void {
    checkTokens(tokens, this.#length, this.#model.info);
    checkOutputs(request, this.#model.info);
  }

  pass(tokens: readonly TokenId[], fed = 0): EnginePass {
    return { session: this.#cache, tokens: Int32Array.from(tokens), start: this.#length + fed };
  }

  grow(rows: number): void {
    this.#length += rows;
  }

  async #greedy(
    tokens: readonly TokenId[],
    { endTokens = [], logits }: ProposeRequest,
    count: number,
  ): Promise<Proposed> {
    const drafted = await this.#model.engine.proposeGreedy(this.pass(tokens), {
      count,
      endTokens: Int32Array.from(endTokens),
      logits: logits === true,
    });
    return {
      tokens: [...drafted.tokens],
      ...(drafted.logits === undefined ? {} : { logits: drafted.logits }),
    };
  }

  /** Core's reference on the host: one pass and one row of logits a token. */
  async #sampled(
    tokens: readonly TokenId[],
    { sampling, endTokens = [], logits }: ProposeRequest,
    most: number,
  ): Promise<Proposed> {
    const { options, history, uniforms } = sampling!;
    const { vocabSize } = this.#model.info;
    const text = [...history];
    const drafted: TokenId[] = [];
    const logitRows = new Float32Array(most * vocabSize);
    const probRows = new Float64Array(most * vocabSize);
    let feeding = tokens;
    for (let fed = 0; ; ) {
      if (feeding.length > 1) {
        await this.#model.pass([this.pass(feeding.slice(0, -1), fed)], {});
        fed += feeding.length - 1;
      }
      const row = await this.#model.pass([this.pass(feeding.slice(-1), fed)], { logits: true });
      fed++;
      const probs = processLogits(row.logits, options, text);
      const token = drawToken(probs, uniforms[drafted.length]!);
      logitRows.set(row.logits, drafted.length * vocabSize);
      probRows.set(probs, drafted.length * vocabSize);
      drafted.push(token);
      text.push(token);
      if (drafted.length === most || endTokens.includes(token)) break;
      feeding = [token];
    }
    const size = drafted.length * vocabSize;
    return {
      tokens: drafted,
      probs: probRows.slice(0, size),
      ...(logits ? { logits: logitRows.slice(0, size) } : {}),
    };
  }
}
