import type { CorePass, ForwardOutputs, OutputRequest } from '@judge-decoding/core';
import type { EngineModel } from './engine.ts';
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
    const ids = await Promise.all((request.judge ?? []).map((term) => this.#terms.idOf(term)));
    const all = await this.#engine.forward(
      passes.map(({ core, tokens, length }) => ({
        session: core.cache,
        tokens: Int32Array.from(tokens),
        start: length,
      })),
      engineRequest(request, ids),
    );
    const total = passes.reduce((sum, { tokens }) => sum + tokens.length, 0);
    let first = 0;
    return passes.map(({ tokens: { length: rows } }) => {
      const outputs = outputsOfPass(all, { total, first, rows }, request);
      first += rows;
      return outputs;
    });
  }
}
