import type {
  OutputRequest,
  Outputs,
  Proposed,
  ProposeRequest,
  Session,
  TokenId,
} from '@judge-decoding/core';
import {
  checkLength,
  checkOutputs,
  checkPropose,
  checkTokens,
  WorkPermit,
} from '@judge-decoding/ort-session';
import type { CpuModel } from './model.ts';
import type { SentPass } from './protocol.ts';

/** The main thread's end of a session in a worker. Its length lives here and travels with each call. */
export class CpuSession implements Session {
  readonly #model: CpuModel;
  readonly #id: number;
  readonly #permit = new WorkPermit();
  #length = 0;

  constructor(model: CpuModel, id: number) {
    this.#model = model;
    this.#id = id;
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
    this.#permit.take();
    this.#permit.release();
    checkLength(length, this.#length);
    this.#length = length;
  }

  async propose(tokens: readonly TokenId[], request: ProposeRequest): Promise<Proposed> {
    this.take();
    try {
      checkTokens(tokens, this.#length, this.#model.info);
      checkPropose(request);
      const pass = this.pass(tokens);
      const proposed = await this.#model.line.ask({ kind: 'propose', pass, request });
      this.#length += tokens.length + proposed.tokens.length - 1;
      return proposed;
    } finally {
      this.release();
    }
  }

  async dispose(): Promise<void> {
    if (this.end()) await this.#model.forget(this, this.#id);
  }

  /** Takes the session for one call, until `release`. */
  take(): void {
    this.#permit.take();
  }

  release(): void {
    this.#permit.release();
  }

  /** Refuses further calls; false when that was so before. */
  end(): boolean {
    return this.#permit.end();
  }

  check(tokens: readonly TokenId[], request: OutputRequest): void {
    checkTokens(tokens, this.#length, this.#model.info);
    checkOutputs(request, this.#model.info);
  }

  pass(tokens: readonly TokenId[]): SentPass {
    return { session: this.#id, length: this.#length, tokens };
  }

  grow(rows: number): void {
    this.#length += rows;
  }
}
