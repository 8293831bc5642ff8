import type {
  ModelInfo,
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
import type { Line, SentPass } from './protocol.ts';
import type { SentTerms } from './sent-terms.ts';

/** What a model's sessions share. */
export interface SessionTools {
  readonly info: ModelInfo;
  readonly line: Line;
  readonly terms: SentTerms;
  /** Told of a session that is disposed. */
  readonly onDispose: (session: CpuSession) => void;
}

/** The main thread's end of a session in a worker. Its length lives here and travels with each call. */
export class CpuSession implements Session {
  readonly #tools: SessionTools;
  readonly #id: number;
  readonly #permit = new WorkPermit();
  #length = 0;

  constructor(tools: SessionTools, id: number) {
    this.#tools = tools;
    this.#id = id;
  }

  get length(): number {
    return this.#length;
  }

  async forward<const Request extends OutputRequest>(
    tokens: readonly TokenId[],
    request: Request,
  ): Promise<Outputs<Request>> {
    this.take();
    try {
      this.check(tokens, request);
      const { line, terms } = this.#tools;
      const passes = [this.pass(tokens)];
      const outputs = await line.ask({ kind: 'forward', passes, request: terms.request(request) });
      this.grow(tokens.length);
      return outputs[0] as Outputs<Request>;
    } finally {
      this.release();
    }
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
      checkTokens(tokens, this.#length, this.#tools.info);
      checkPropose(request);
      const pass = this.pass(tokens);
      const proposed = await this.#tools.line.ask({ kind: 'propose', pass, request });
      this.grow(tokens.length + proposed.tokens.length - 1);
      return proposed;
    } finally {
      this.release();
    }
  }

  async dispose(): Promise<void> {
    if (!this.end()) return;
    const { line, onDispose } = this.#tools;
    onDispose(this);
    if (!line.ended) await line.ask({ kind: 'dispose-session', session: this.#id });
  }

  /** For passes over several sessions: takes the session for one call, until `release`. */
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
    checkTokens(tokens, this.#length, this.#tools.info);
    checkOutputs(request, this.#tools.info);
  }

  pass(tokens: readonly TokenId[]): SentPass {
    return { session: this.#id, length: this.#length, tokens };
  }

  grow(rows: number): void {
    this.#length += rows;
  }
}
