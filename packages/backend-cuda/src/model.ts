import { checkedModel, type Model, type ModelInfo } from '@judge-decoding/core';
import type { EngineModel } from './engine.ts';
import { Passes } from './passes.ts';
import { CudaSession } from './session.ts';
import type { WeightsReport } from './weights/report.ts';

/** What a model takes on its device. Bytes. */
export interface CudaMemory {
  readonly weights: number;
  /** Of each session, whatever it holds. */
  readonly session: number;
}

/** Weights on one GPU, and the sessions over them. */
export interface CudaModel extends Model {
  /** How its weights were carried over, and what rounding them cost. */
  readonly weights: WeightsReport;
  readonly memory: CudaMemory;
  /** What the forward or draft that ended last took; for measuring. */
  readonly calls: Pick<EngineModel, 'timed' | 'lastCall'>;
}

/** A model of core's spec over one of the engine's. */
export function cudaModel(
  engine: EngineModel,
  info: ModelInfo,
  { weights, memory, ranks }: Pick<CudaModel, 'weights' | 'memory'> & { readonly ranks: number },
): CudaModel {
  const passes = new Passes(engine);
  const tools = { info, engine, passes, draws: ranks === 1 };
  const model = checkedModel<CudaSession>({
    info,
    openSession: async () => new CudaSession(tools, await engine.createSession(info.contextLength)),
    forward: (given, request) => {
      for (const { core } of given) core.forgetAhead();
      return passes.run(given, request);
    },
    // the caches go with the model
    dispose: () => engine.destroy(),
  });
  return { ...model, weights, memory, calls: engine };
}
