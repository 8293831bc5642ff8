import type { Golden } from '@judge-decoding/backend-contract';
import { type HeldAs, heldRows } from '@judge-decoding/backend-cuda';
import { openCheckpoint, type TensorSource } from '@judge-decoding/checkpoint';
import type { HeadTerm } from '@judge-decoding/core';
import { referenceForward } from '../../../packages/backend-cpu/test/reference-forward.ts';

/**
 * What a float64 decoder says about the weights as the device holds them. Its text is left out: it may leave
 * the engine's at a near tie of random rows.
 */
export async function goldenOf(location: string, dtype: string): Promise<Golden> {
  const opened = await openCheckpoint(location);
  try {
    const { config } = opened;
    // what is tied is held twice, each in its own type
    const checkpoint = {
      config: { ...config, tiedEmbeddings: false },
      tensors: heldTensors(opened.tensors, config.tiedEmbeddings, dtype as HeldAs),
    };
    const prompt = Array.from({ length: 12 }, (_, index) => (index * 37 + 11) % config.tokenCount);
    const rows = await referenceForward(checkpoint, prompt);
    const terms: HeadTerm[] = (['pre-norm', 'post-norm'] as const).map((state, term) => ({
      layer: 'last',
      state,
      row: 'own',
      weights: Float32Array.from({ length: config.hiddenSize }, (_, index) => Math.sin(index * (term + 1))),
    }));
    const dots = prompt.flatMap((_, row) =>
      terms.map(({ state, weights }) => {
        const hidden = (state === 'pre-norm' ? rows.preNorm : rows.postNorm)[row]!;
        return weights.reduce((sum, weight, index) => sum + weight * hidden[index]!, 0);
      }),
    );
    return {
      prompt,
      logits: Float32Array.from(rows.logits.flatMap((row) => [...row])),
      preNorm: Float32Array.from(rows.preNorm.flatMap((row) => [...row])),
      judge: { terms, dots: Float32Array.from(dots) },
    };
  } finally {
    await opened.dispose();
  }
}

/** The matrices as the device rounds them. */
function heldTensors(tensors: TensorSource, tied: boolean, heldAs: HeldAs): TensorSource {
  return {
    ...tensors,
    async read(name, rows, into) {
      const isOutput = name === 'lm_head.weight';
      const stored = isOutput && tied ? 'model.embed_tokens.weight' : name;
      const values = await tensors.read(stored, rows, into);
      const { shape, type } = tensors.info(stored);
      if (shape.length !== 2) return values;
      const use = isOutput ? 'output' : name === 'model.embed_tokens.weight' ? 'lookup' : 'layer';
      return heldRows(values, shape[1]!, use, heldAs, type);
    },
  };
}
