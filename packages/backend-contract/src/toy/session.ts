import {
  drawToken,
  type ForwardOutputs,
  JudgeDecodingError,
  type ModelInfo,
  type OutputRequest,
  type Outputs,
  type Proposed,
  type ProposeRequest,
  processLogits,
  type Session,
  type TokenId,
} from '@judge-decoding/core';
import { argmaxOf } from '../row-math.ts';
import { checkOutputs, checkPropose, checkRoom, checkTokens } from './check-request.ts';
import { emptyRow, type ToyCache, type ToyNet, type ToyRow } from './net.ts';
import { rowOutputs } from './row-outputs.ts';

/** One cache over a toy network. */
export class ToySession implements Session {
  readonly info: ModelInfo;
  #length = 0;
  #busy = false;
  #disposed = false;
  readonly #cache: ToyCache;
  readonly #row: ToyRow;
  readonly #onDispose: () => void;

  constructor(net: ToyNet, info: ModelInfo, onDispose: () => void) {
    this.info = info;
    this.#cache = net.openCache();
    this.#row = emptyRow(net);
    this.#onDispose = onDispose;
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
      // A real device answers later; an overlapping call must have the time to happen.
      await null;
      return this.feed(tokens, request) as Outputs<Request>;
    } finally {
      this.release();
    }
  }

  truncate(length: number): void {
    this.take();
    this.release();
    if (!Number.isInteger(length) || length < 0 || length > this.#length) {
      throw new JudgeDecodingError(
        'invalid-input',
        `Expected a length from 0 to ${this.#length}, got \`${length}\`: a cache cannot remember what it was not fed.`,
      );
    }
    this.#length = length;
  }

  async propose(tokens: readonly TokenId[], request: ProposeRequest): Promise<Proposed> {
    this.take();
    try {
      checkTokens(tokens, this.info);
      checkPropose(request);
      checkRoom(this.#length, tokens.length, this.info);
      await null;
      return this.#draft(tokens, request);
    } finally {
      this.release();
    }
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#onDispose();
  }

  /** Refuses a call on a session that is gone or at work; otherwise it is at work until `release`. */
  take(): void {
    if (this.#disposed) throw new JudgeDecodingError('disposed', 'The session was disposed. Open a new one.');
    if (this.#busy) {
      throw new JudgeDecodingError('busy', 'The session is at work. Await each call before the next one.');
    }
    this.#busy = true;
  }

  release(): void {
    this.#busy = false;
  }

  check(tokens: readonly TokenId[], request: OutputRequest): void {
    checkTokens(tokens, this.info);
    checkOutputs(request, this.info);
    checkRoom(this.#length, tokens.length, this.info);
  }

  /** Reads checked tokens, one row each. */
  feed(tokens: readonly TokenId[], request: OutputRequest): Partial<ForwardOutputs> {
    const { add, outputs } = rowOutputs(tokens, request, this.info);
    for (let row = 0; row < tokens.length; row++) {
      this.#read(tokens[row]!);
      add(row, this.#row);
    }
    return outputs;
  }

  #read(token: TokenId): void {
    this.#cache.read(this.#length, token, this.#row);
    this.#length += 1;
  }

  #draft(tokens: readonly TokenId[], { count, sampling, endTokens = [], logits }: ProposeRequest): Proposed {
    for (const token of tokens) this.#read(token);
    const drafted: TokenId[] = [];
    const rows: Float32Array[] = [];
    const probs: Float64Array[] = [];
    const draw = (): TokenId => {
      if (logits) rows.push(this.#row.logits.slice());
      if (sampling === undefined) return argmaxOf(this.#row.logits);
      const { options, history, uniforms } = sampling;
      const processed = processLogits(this.#row.logits, options, [...history, ...drafted]);
      probs.push(processed);
      return drawToken(processed, uniforms[drafted.length]!);
    };
    // The last token drawn is not fed, so a draft may be one longer than the room that is left.
    const most = Math.min(count, this.info.contextLength - this.#length + 1);
    for (;;) {
      const token = draw();
      drafted.push(token);
      if (drafted.length === most || endTokens.includes(token)) break;
      this.#read(token);
    }
    const { vocabSize } = this.info;
    return {
      tokens: drafted,
      ...(logits ? { logits: joined(rows, new Float32Array(rows.length * vocabSize)) } : {}),
      ...(sampling ? { probs: joined(probs, new Float64Array(probs.length * vocabSize)) } : {}),
    };
  }
}

function joined<Values extends Float32Array | Float64Array>(rows: readonly Values[], all: Values): Values {
  rows.forEach((row, index) => {
    all.set(row, index * row.length);
  });
  return all;
}
