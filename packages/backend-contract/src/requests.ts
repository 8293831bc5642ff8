import type { ForwardOutputs, HeadTerm, HiddenState, OutputName, OutputRequest } from '@judge-decoding/core';
import type { ClauseContext } from './clause.ts';

export const STATES: readonly HiddenState[] = ['pre-norm', 'post-norm'];

/** A random term; its weights have both signs, so that a missing one shows. */
export function randomTerm(context: ClauseContext, state: HiddenState, row: 'own' | 'previous'): HeadTerm {
  const weights = Float32Array.from(
    { length: context.model.info.hiddenSize },
    () => context.uniform() * 2 - 1,
  );
  return { layer: 'last', state, row, weights };
}

/** A request for the named outputs, with more than one of what can be several. */
export function requestOf(context: ClauseContext, names: readonly OutputName[]): OutputRequest {
  const each: Required<OutputRequest> = {
    argmax: true,
    chosen: true,
    top: Math.min(3, context.model.info.vocabSize),
    judge: [randomTerm(context, 'pre-norm', 'own'), randomTerm(context, 'post-norm', 'own')],
    hidden: STATES,
    logits: true,
  };
  return Object.fromEntries(names.map((name) => [name, each[name]]));
}

/** Every number in the outputs, in the order of their names. */
export function numbersOf(outputs: Partial<ForwardOutputs>): number[] {
  const { argmax, chosen, top, judge, hidden = [], logits } = outputs;
  const arrays = [
    argmax,
    chosen,
    top?.ids,
    top?.logProbs,
    top?.logSumExp,
    top?.entropy,
    judge,
    ...hidden,
    logits,
  ];
  return arrays.flatMap((array) => Array.from(array ?? []));
}
