import type {
  ForwardOutputs,
  ModelInfo,
  OutputRequest,
  Proposed,
  ProposeRequest,
  ReadBacks,
  SessionCore,
  TokenId,
} from '@judge-decoding/core';
import { asDeviceError } from './device-error.ts';
import { joinOutputs } from './outputs.ts';
import type { Passes } from './passes.ts';

/** One KV cache over a decoder graph; arguments have been checked. */
export class OrtSession implements SessionCore {
  readonly endsUnlikely = true;
  readonly #passes: Passes;
  readonly #info: Pick<ModelInfo, 'prefillChunk'>;

  constructor(passes: Passes, info: Pick<ModelInfo, 'prefillChunk'>) {
    this.#passes = passes;
    this.#info = info;
  }

  get readBacks(): ReadBacks | undefined {
    return this.#passes.readBacks;
  }

  expectEnd(length: number): void {
    this.#passes.end = length;
  }

  /** Reads tokens in chunks. */
  async forward(
    tokens: readonly TokenId[],
    request: OutputRequest,
    length: number,
  ): Promise<Partial<ForwardOutputs>> {
    this.#passes.length = length;
    const chunk = this.#info.prefillChunk;
    const parts: Partial<ForwardOutputs>[] = [];
    try {
      for (let from = 0; from < tokens.length; from += chunk) {
        const part = tokens.length <= chunk ? tokens : tokens.slice(from, from + chunk);
        const nexts = tokens.slice(from + 1, from + 1 + part.length);
        parts.push(await this.#passes.forward(part, nexts, request));
      }
    } catch (error) {
      throw asDeviceError(error, 'forward pass');
    }
    return joinOutputs(parts, request);
  }

  async propose(tokens: readonly TokenId[], request: ProposeRequest, length: number): Promise<Proposed> {
    this.#passes.length = length;
    try {
      return await this.#passes.propose(tokens, request);
    } catch (error) {
      throw asDeviceError(error, 'draft');
    }
  }

  dispose(): void {
    this.#passes.free();
  }
}
