import type { EngineOutputs, EngineRequest, EngineShape } from '../engine.ts';

/** Room for what a pass of `rows` rows returns; arrays without elements for what is not asked for. */
export function outputArrays(
  rows: number,
  { argmax, chosen, top, logSumExp, entropy, terms, hidden, logits }: EngineRequest,
  shape: Pick<EngineShape, 'hidden' | 'tokens'>,
): EngineOutputs {
  const floats = (asked: boolean, perRow = 1) => new Float32Array(asked ? rows * perRow : 0);
  return {
    argmax: new Int32Array(argmax ? rows : 0),
    chosen: floats(chosen),
    topIds: new Int32Array(rows * top),
    topLogProbs: floats(top > 0, top),
    logSumExp: floats(logSumExp),
    entropy: floats(entropy),
    judge: floats(terms.length > 0, terms.length),
    preNorm: floats(hidden.includes('pre-norm'), shape.hidden),
    postNorm: floats(hidden.includes('post-norm'), shape.hidden),
    logits: floats(logits, shape.tokens),
  };
}
