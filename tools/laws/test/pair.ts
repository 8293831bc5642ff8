import { toyPair } from '@judge-decoding/backend-contract';
import {
  complete,
  type DraftSource,
  draftSession,
  type GenerateOptions,
  type Generation,
  type HeadTerm,
  type JudgeHead,
  type Model,
} from '@judge-decoding/core';

type Extra = Omit<GenerateOptions, 'model' | 'target' | 'draft'> & { readonly draft?: DraftSource };

/** One generation with fresh sessions of a pair. */
export async function speculate(pair: { target: Model; draft: Model }, options: Extra): Promise<Generation> {
  const target = await pair.target.openSession();
  const drafting = await pair.draft.openSession();
  const generation = await complete({
    model: pair.target.info,
    target,
    draft: draftSession(pair.draft, drafting),
    ...options,
  });
  await target.dispose();
  await drafting.dispose();
  return generation;
}

/** A head with made-up weights for a model. */
export function headFor(
  model: Model,
  weights: (i: number) => number,
  facts: Partial<JudgeHead & HeadTerm> = {},
): JudgeHead {
  const { hiddenSize, name, fingerprint, dtype } = model.info;
  return {
    terms: [
      {
        layer: 'last',
        state: facts.state ?? 'pre-norm',
        row: facts.row ?? 'own',
        weights: Float32Array.from({ length: hiddenSize }, (_, i) => weights(i)),
      },
    ],
    bias: facts.bias ?? 0,
    threshold: facts.threshold ?? 0.5,
    hiddenSize,
    provenance: { model: name, fingerprint, dtype, data: 'made up', metrics: {}, calibration: [] },
  };
}

export { toyPair };
