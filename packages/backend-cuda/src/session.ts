import {
  type ForwardOutputs,
  type ModelInfo,
  type OutputRequest,
  type Proposed,
  type ProposeRequest,
  proposeByForward,
  type SessionCore,
  type TokenId,
} from '@judge-decoding/core';
import type { EngineModel, EngineSession } from './engine.ts';
import type { Passes } from './passes.ts';

/** What a session shares with the others of its model. */
export interface SessionTools {
  readonly info: ModelInfo;
  readonly engine: EngineModel;
  readonly passes: Passes;
}

/** One cache on the device. Rolling back is a smaller start in the next pass. */
export class CudaSession implements SessionCore {
  readonly cache: EngineSession;
  readonly #tools: SessionTools;

  constructor(tools: SessionTools, cache: EngineSession) {
    this.#tools = tools;
    this.cache = cache;
  }

  async forward(
    tokens: readonly TokenId[],
    request: OutputRequest,
    length: number,
  ): Promise<Partial<ForwardOutputs>> {
    const [outputs] = await this.#tools.passes.run([{ core: this, tokens, length }], request);
    return outputs!;
  }

  propose(tokens: readonly TokenId[], request: ProposeRequest, length: number): Promise<Proposed> {
    return request.sampling === undefined
      ? this.#greedy(tokens, request, length)
      : this.#sampled(tokens, request, length);
  }

  dispose(): Promise<void> {
    return this.cache.destroy();
  }

  /** All of it is one call: the device draws, feeds what it drew, and draws again. */
  async #greedy(
    tokens: readonly TokenId[],
    { count, endTokens = [], logits }: ProposeRequest,
    length: number,
  ): Promise<Proposed> {
    const { info, engine } = this.#tools;
    const drafted = await engine.proposeGreedy(
      { session: this.cache, tokens: Int32Array.from(tokens), start: length },
      {
        // the last token drawn is not fed, so a draft may be one longer than the room that is left
        count: Math.min(count, info.contextLength - length - tokens.length + 1),
        endTokens: Int32Array.from(endTokens),
        logits: logits === true,
      },
    );
    return {
      tokens: [...drafted.tokens],
      ...(drafted.logits === undefined ? {} : { logits: drafted.logits }),
    };
  }

  /** Core's reference on the host: one row of logits a token, for which only the last token is read with logits. */
  async #sampled(tokens: readonly TokenId[], request: ProposeRequest, length: number): Promise<Proposed> {
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
