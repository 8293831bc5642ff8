import type { EngineOutputs, EngineRequest, EngineShape } from '../engine.ts';
import type { Calls } from './calls.ts';
import { STATES } from './names.ts';
import { Structs } from './structs.ts';

/** Room for what a pass of `rows` rows returns; arrays without elements for what is not asked for. */
export function outputArrays(
  rows: number,
  { argmax, chosen, top, logSumExp, entropy, terms, hidden, layers, layerStates, logits }: EngineRequest,
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
    layerStates: floats(layerStates, layers.length * shape.hidden),
    logits: floats(logits, shape.tokens),
  };
}

/** `jc_outputs` for a request, the arrays it points to, and what must live as long as it is used. */
export function outputStructs(
  calls: Pick<Calls, 'address'>,
  rows: number,
  request: EngineRequest,
  shape: Pick<EngineShape, 'hidden' | 'tokens'>,
) {
  const arrays = outputArrays(rows, request, shape);
  const terms = new Structs('jc_term', request.terms.length);
  for (const [index, { state, layer, id }] of request.terms.entries()) {
    terms.set({ state: layer === undefined ? STATES[state] : 2 + layer, id }, index);
  }
  const outputs = new Structs('jc_outputs').set({
    argmax: calls.address(arrays.argmax),
    chosen: calls.address(arrays.chosen),
    top_ids: calls.address(arrays.topIds),
    top_log_probs: calls.address(arrays.topLogProbs),
    log_sum_exp: calls.address(arrays.logSumExp),
    entropy: calls.address(arrays.entropy),
    judge: calls.address(arrays.judge),
    pre_norm: calls.address(arrays.preNorm),
    post_norm: calls.address(arrays.postNorm),
    logits: calls.address(arrays.logits),
    terms: request.terms.length === 0 ? 0n : calls.address(terms.bytes),
    term_count: request.terms.length,
    top: request.top,
    layer_states: calls.address(arrays.layerStates),
    layers: calls.address(request.layers),
    layer_count: request.layers.length,
  });
  return { arrays, outputs, used: [arrays, terms, request.layers] as const };
}
