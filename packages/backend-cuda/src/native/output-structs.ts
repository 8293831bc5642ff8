import type { EngineOutputs, EngineRequest, EngineShape } from '../engine.ts';
import type { CallMemory } from './call-memory.ts';
import type { Calls } from './calls.ts';
import { STATES } from './names.ts';
import { Structs } from './structs.ts';

/** For what is not asked for. */
const NO_INTS = new Int32Array(0);
const NO_FLOATS = new Float32Array(0);

/** `jc_outputs` for one call after another, and what it points to. */
export class OutputStructs {
  readonly #calls: Pick<Calls, 'address'>;
  readonly #memory: CallMemory;
  readonly #shape: Pick<EngineShape, 'hidden' | 'tokens'>;
  readonly #structs = new Structs('jc_outputs');
  readonly address: number;
  #terms = new Structs('jc_term', 4);

  constructor(
    calls: Pick<Calls, 'address'>,
    memory: CallMemory,
    shape: Pick<EngineShape, 'hidden' | 'tokens'>,
  ) {
    this.#calls = calls;
    this.#memory = memory;
    this.#shape = shape;
    this.address = calls.address(this.#structs.bytes);
  }

  /** For a pass of `rows` rows; what it returns reads its outputs, after it. */
  prepare(rows: number, request: EngineRequest): () => EngineOutputs {
    const { argmax, chosen, top, logSumExp, entropy, terms, hidden, layers, layerStates, logits } = request;
    const structs = this.#structs.clear();
    const ints = (name: string, asked: boolean, perRow = 1): (() => Int32Array) => {
      if (!asked) return () => NO_INTS;
      const { address, take } = this.#memory.ints(rows * perRow);
      structs.put(name, address);
      return take;
    };
    const floats = (name: string, asked: boolean, perRow = 1): (() => Float32Array) => {
      if (!asked) return () => NO_FLOATS;
      const { address, take } = this.#memory.floats(rows * perRow);
      structs.put(name, address);
      return take;
    };
    const size = this.#shape.hidden;
    const results = {
      argmax: ints('argmax', argmax),
      chosen: floats('chosen', chosen),
      topIds: ints('top_ids', top > 0, top),
      topLogProbs: floats('top_log_probs', top > 0, top),
      logSumExp: floats('log_sum_exp', logSumExp),
      entropy: floats('entropy', entropy),
      judge: floats('judge', terms.length > 0, terms.length),
      preNorm: floats('pre_norm', hidden.includes('pre-norm'), size),
      postNorm: floats('post_norm', hidden.includes('post-norm'), size),
      layerStates: floats('layer_states', layerStates, layers.length * size),
      logits: floats('logits', logits, this.#shape.tokens),
    };
    if (top > 0) structs.put('top', top);
    if (layers.length > 0)
      structs.put('layers', this.#calls.address(layers)).put('layer_count', layers.length);
    if (terms.length > 0) this.#point(terms);
    return () => ({
      argmax: results.argmax(),
      chosen: results.chosen(),
      topIds: results.topIds(),
      topLogProbs: results.topLogProbs(),
      logSumExp: results.logSumExp(),
      entropy: results.entropy(),
      judge: results.judge(),
      preNorm: results.preNorm(),
      postNorm: results.postNorm(),
      layerStates: results.layerStates(),
      logits: results.logits(),
    });
  }

  #point(terms: EngineRequest['terms']): void {
    if (terms.length > this.#terms.count) this.#terms = new Structs('jc_term', terms.length);
    for (const [index, { state, layer, id }] of terms.entries()) {
      this.#terms.put('state', layer === undefined ? STATES[state] : 2 + layer, index).put('id', id, index);
    }
    this.#structs.put('terms', this.#calls.address(this.#terms.bytes)).put('term_count', terms.length);
  }
}
