import { cpuBackend } from '@judge-decoding/backend-cpu';
import { complete, type HeadTerm } from '@judge-decoding/core';
import type { GoldenLists } from './page/contract.ts';

/**
 * What the CPU backend says: in float32, which the float64 reference holds to its word, or in a type of weights, where weights that were
 * rounded are nobody's fault (four bits of made-up ones move a logit by half the largest).
 */
export async function goldenOf(
  location: string,
  cacheFolder: string,
  dtype: 'fp32' | 'int8' | 'int4' = 'fp32',
): Promise<GoldenLists> {
  await using model = await cpuBackend({ cacheFolder, dtype }).open(location);
  const { vocabSize, hiddenSize } = model.info;
  const prompt = Array.from({ length: 12 }, (_, index) => (index * 37 + 11) % vocabSize);
  const terms = (['pre-norm', 'post-norm'] as const).map((state, term) => ({
    state,
    weights: Array.from({ length: hiddenSize }, (_, index) => Math.sin(index * (term + 1))),
  }));
  const judge = terms.map(headTerm);
  const session = await model.openSession();
  const outputs = await session.forward(prompt, { logits: true, hidden: ['pre-norm'], judge });
  const { tokens } = await complete({
    model: { ...model.info, endTokens: [] },
    target: await model.openSession(),
    prompt,
    maxTokens: 12,
  });
  return {
    prompt,
    logits: [...outputs.logits],
    preNorm: [...outputs.hidden[0]!],
    text: tokens,
    terms,
    dots: [...outputs.judge],
  };
}

const headTerm = ({ state, weights }: GoldenLists['terms'][number]): HeadTerm => ({
  layer: 'last',
  state,
  row: 'own',
  weights: Float32Array.from(weights),
});
