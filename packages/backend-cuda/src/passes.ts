import type { CorePass, ForwardOutputs, HeadTerm, OutputRequest, Verified } from '@judge-decoding/core';
import type { EngineModel, EnginePass, EngineRequest, EngineRound } from './engine.ts';
import { engineRequest, outputsOfPass } from './outputs.ts';
import type { CudaSession } from './session.ts';
import { DeviceTerms } from './terms.ts';

/** Passes over one or several sessions, each one call to the device. */
export class Passes {
  readonly #engine: EngineModel;
  readonly #terms: DeviceTerms;

  constructor(engine: EngineModel) {
    this.#engine = engine;
    this.#terms = new DeviceTerms(engine);
  }

  /** `passes` are checked; their outputs in the same order. */
  async run(
    passes: readonly CorePass<CudaSession>[],
    request: OutputRequest,
  ): Promise<readonly Partial<ForwardOutputs>[]> {
    if (passes.length === 0) return [];
    const asked = await this.#asked(request);
    const all = await this.#engine.forward(passes.map(enginePass), asked);
    const total = passes.reduce((sum, { tokens }) => sum + tokens.length, 0);
    let first = 0;
    return passes.map(({ tokens: { length: rows } }) => {
      const outputs = outputsOfPass(all, { total, first, rows }, request);
      first += rows;
      return outputs;
    });
  }

  /** One pass whose round the device decides. */
  async verify(pass: CorePass<CudaSession>, request: OutputRequest, round: EngineRound): Promise<Verified> {
    const asked = await this.#asked(request);
    const { outputs: all, ...decided } = await this.#engine.verify(enginePass(pass), asked, round);
    const rows = pass.tokens.length;
    return { ...decided, outputs: outputsOfPass(all, { total: rows, first: 0, rows }, request) };
  }

  #asked(request: OutputRequest): EngineRequest | Promise<EngineRequest> {
    const ids = this.#terms.idsOf(request.judge ?? NO_TERMS);
    return ids instanceof Promise
      ? ids.then((known) => engineRequest(request, known))
      : engineRequest(request, ids);
  }
}

const NO_TERMS: readonly HeadTerm[] = [];

const enginePass = ({ core, tokens, length }: CorePass<CudaSession>): EnginePass => ({
  session: core.cache,
  tokens: Int32Array.from(tokens),
  start: length,
});
