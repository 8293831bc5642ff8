import type { Checkpoint, TensorType } from '@judge-decoding/checkpoint';
import type { HeldAs } from './engine.ts';
import { bytesPerToken, cacheBytesPerToken, estimatedModelBytes } from './memory.ts';
import { engineShape, refuseUnknown } from './shapes/engine-shape.ts';
import { type CudaDtype, heldAsFor } from './weights/held-as.ts';
import { heldFor, planOf } from './weights/plan.ts';

/** What opening a checkpoint would come to; told without a library, a driver or a GPU. */
export interface PlannedModel {
  readonly heldAs: HeldAs;
  /** Estimates without what tiles are filled up with; the library knows to the byte. */
  readonly weightBytes: number;
  readonly bytesPerToken: number;
  readonly cacheBytesPerToken: number;
  readonly matrices: readonly {
    readonly stored: TensorType;
    readonly held: HeldAs;
    readonly count: number;
  }[];
}

/** Refuses what opening would refuse for the model's own sake. */
export function plannedOnCuda(
  checkpoint: Pick<Checkpoint, 'name' | 'config' | 'tensors'>,
  dtype: CudaDtype,
): PlannedModel {
  const { config, tensors } = checkpoint;
  refuseUnknown(config);
  const heldAs = heldAsFor(checkpoint, dtype);
  const counts = new Map<string, PlannedModel['matrices'][number]>();
  for (const { info, held: uses, source } of planOf(config, (name) => tensors.info(name))) {
    for (const use of uses) {
      const held = heldFor(use, heldAs, source);
      const key = `${info.type} ${held}`;
      counts.set(key, { stored: info.type, held, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  const shape = engineShape(config, { device: 0, heldAs, context: config.contextLength });
  return {
    heldAs,
    weightBytes: estimatedModelBytes(shape),
    bytesPerToken: bytesPerToken(shape),
    cacheBytesPerToken: cacheBytesPerToken(shape),
    matrices: [...counts.values()],
  };
}
