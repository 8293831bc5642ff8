import {
  asksForArgmaxAlone,
  type ForwardOutputs,
  JudgeDecodingError,
  type KeptDistributions,
  type ModelInfo,
  type OutputRequest,
  type Proposed,
  type ProposeRequest,
  proposeByForward,
  type SessionCore,
  StepsAhead,
  type TokenId,
  type Verified,
  type VerifyRequest,
  verifyByForward,
} from '@judge-decoding/core';
import type { EngineModel, EngineSession } from './engine.ts';
import { MAX_ROUND } from './native/abi.ts';
import type { Passes } from './passes.ts';
import { engineShaping } from './shaping.ts';

/** What a session shares with the others of its model. */
export interface SessionTools {
  readonly info: ModelInfo;
  readonly engine: EngineModel;
  readonly passes: Passes;
  /** Whether the device draws and decides sampled rounds. */
  readonly draws: boolean;
}

const PLAIN: OutputRequest = { argmax: true };
const NONE = new Int32Array(0);

/** One cache on the device. Rolling back is a smaller start in the next pass. */
export class CudaSession implements SessionCore {
  readonly cache: EngineSession;
  readonly #tools: SessionTools;
  /** What plain decoding is seen to ask next: drafts of the model's own, whose rows are those of steps, bit for bit. */
  readonly #ahead: StepsAhead;

  /** Sampled drafts so far: what an earlier one kept is gone. */
  #drafts = 0;
  /** Absent over several GPUs, where the host decides sampled rounds. */
  readonly verify?: NonNullable<SessionCore['verify']>;

  constructor(tools: SessionTools, cache: EngineSession) {
    this.#tools = tools;
    this.cache = cache;
    this.#ahead = new StepsAhead(tools.info, () => performance.now());
    if (tools.draws) this.verify = (...given) => this.#verify(...given);
  }

  expectEnd(length: number): void {
    this.#ahead.end = length;
  }

  forward(
    tokens: readonly TokenId[],
    request: OutputRequest,
    length: number,
  ): Promise<Partial<ForwardOutputs>> {
    if (tokens.length === 1 && asksForArgmaxAlone(request)) return this.#step(tokens, length);
    this.forgetAhead();
    return this.#pass(tokens, request, length);
  }

  /** Something else is about to overwrite what lies in the cache behind the text. */
  forgetAhead(): void {
    this.#ahead.forget();
  }

  async #pass(
    tokens: readonly TokenId[],
    request: OutputRequest,
    length: number,
  ): Promise<Partial<ForwardOutputs>> {
    const [outputs] = await this.#tools.passes.run([{ core: this, tokens, length }], request);
    return outputs!;
  }

  /** A step of plain decoding, or several in one call where it is foreseen that they will be asked for. */
  async #step(tokens: readonly TokenId[], length: number): Promise<Partial<ForwardOutputs>> {
    const run = async (count: number): Promise<Int32Array> => {
      if (count === 1) return (await this.#pass(tokens, PLAIN, length)).argmax!;
      const pass = { session: this.cache, tokens: Int32Array.from(tokens), start: length };
      return (await this.#tools.engine.propose(pass, { count, endTokens: NONE, logits: false })).tokens;
    };
    return { argmax: Int32Array.of(await this.#ahead.step(length, tokens[0]!, run)) };
  }

  propose(tokens: readonly TokenId[], request: ProposeRequest, length: number): Promise<Proposed> {
    this.forgetAhead();
    return request.sampling === undefined || this.verify !== undefined
      ? this.#onDevice(tokens, request, length)
      : this.#onHost(tokens, request, length);
  }

  dispose(): Promise<void> {
    return this.cache.destroy();
  }

  /** All of it is one call: the device draws, feeds what it drew, and draws again. */
  async #onDevice(
    tokens: readonly TokenId[],
    { count: most, endTokens = [], logits, sampling }: ProposeRequest,
    length: number,
  ): Promise<Proposed> {
    const { info, engine } = this.#tools;
    // the last token drawn is not fed, so a draft may be one longer than the room that is left
    const count = Math.min(most, info.contextLength - length - tokens.length + 1);
    if (sampling !== undefined) this.#drafts++;
    const drafted = await engine.propose(
      { session: this.cache, tokens: Int32Array.from(tokens), start: length },
      {
        count,
        endTokens: Int32Array.from(endTokens),
        logits: logits === true,
        ...(sampling === undefined
          ? {}
          : {
              sampled: {
                shaping: engineShaping(sampling.options, sampling.history),
                uniforms: sampling.uniforms.slice(0, count),
                keep: sampling.keep === true,
              },
            }),
      },
    );
    return {
      tokens: [...drafted.tokens],
      ...(drafted.logits === undefined ? {} : { logits: drafted.logits }),
      ...(drafted.probs === undefined ? {} : { probs: drafted.probs }),
      ...(sampling?.keep ? { kept: this.#keep(drafted.tokens.length) } : {}),
    };
  }

  #keep(rows: number): KeptOnDevice {
    const { engine } = this.#tools;
    const drafted = this.#drafts;
    const isCurrent = () => drafted === this.#drafts;
    return new KeptOnDevice(this.cache, rows, isCurrent, () => engine.keptProbs(this.cache, rows));
  }

  async #verify(tokens: readonly TokenId[], request: VerifyRequest, length: number): Promise<Verified> {
    this.forgetAhead();
    if (tokens.length > MAX_ROUND) {
      const forward = (part: readonly TokenId[], asked: OutputRequest) => this.forward(part, asked, length);
      return verifyByForward({ forward, info: this.#tools.info }, tokens, request);
    }
    const { law, options, history, draft, uniforms, outputs } = request;
    const drafted = tokens.length - 1;
    const probs =
      draft === undefined || drafted === 0 ? undefined : await this.#distributions(draft, drafted);
    return this.#tools.passes.verify({ core: this, tokens, length }, outputs, {
      law,
      shaping: engineShaping(options, history),
      accept: uniforms.accept.slice(0, drafted),
      recover: uniforms.recovered.slice(0, drafted),
      bonus: uniforms.bonus,
      ...(probs === undefined ? {} : { draft: probs }),
    });
  }

  /** Where they are, if this device can read them there; else a copy. */
  async #distributions(draft: KeptDistributions, rows: number): Promise<EngineSession | Float64Array> {
    if (draft instanceof KeptOnDevice && this.#tools.engine.canRead(draft.session)) {
      draft.check();
      return draft.session;
    }
    const probs = await draft.probs();
    return probs.subarray(0, rows * this.#tools.info.vocabSize);
  }

  /** Core's reference on the host: one row of logits a token, for which only the last token is read with logits. */
  async #onHost(tokens: readonly TokenId[], request: ProposeRequest, length: number): Promise<Proposed> {
    let read = length;
    const forward = async (part: readonly TokenId[], asked: OutputRequest) => {
      const outputs = await this.forward(part, asked, read);
      read += part.length;
      return outputs;
    };
    if (tokens.length > 1) await forward(tokens.slice(0, -1), {});
    const { info } = this.#tools;
    return proposeByForward({ forward, info, length: read }, tokens.slice(-1), request);
  }
}

/** Distributions of a session's last draft, in the device's memory. */
class KeptOnDevice implements KeptDistributions {
  readonly session: EngineSession;
  readonly rows: number;
  readonly #isCurrent: () => boolean;
  readonly #fetch: () => Promise<Float64Array>;

  constructor(
    session: EngineSession,
    rows: number,
    isCurrent: () => boolean,
    fetch: () => Promise<Float64Array>,
  ) {
    this.session = session;
    this.rows = rows;
    this.#isCurrent = isCurrent;
    this.#fetch = fetch;
  }

  check(): void {
    if (this.#isCurrent()) return;
    throw new JudgeDecodingError(
      'invalid-input',
      'Expected the distributions of a session’s last draft, it has drafted again since. Verify a draft before the next one.',
    );
  }

  async probs(): Promise<Float64Array> {
    this.check();
    return this.#fetch();
  }
}
