import type { HeadTerm } from '@judge-decoding/core';
import type { Tensor } from 'onnxruntime-common';
import type { OrtRuntime } from './runtime.ts';

export type State = 'pre_norm' | 'post_norm';

/** A list of terms, made ready: the weights of each state stacked, and where each term's dot product lands. */
export interface PreparedTerms {
  readonly states: readonly State[];
  /** float32 [terms of that state, hiddenSize] */
  readonly weights: Readonly<Record<State, Tensor | undefined>>;
  /** For each term: its state, and its column among that state's terms. */
  readonly columns: readonly { readonly state: State; readonly column: number }[];
}

/** Lists kept at a time; a head has one list, so this is the number of heads in turn. */
const KEPT = 16;

/** Stacks head terms, once for each list of the same term objects. */
export class HeadTerms {
  readonly #runtime: OrtRuntime;
  readonly #ids = new WeakMap<HeadTerm, number>();
  readonly #prepared = new Map<string, PreparedTerms>();
  #nextId = 0;

  constructor(runtime: OrtRuntime) {
    this.#runtime = runtime;
  }

  prepare(terms: readonly HeadTerm[]): PreparedTerms {
    const key = terms.map((term) => this.#idOf(term)).join();
    const known = this.#prepared.get(key);
    if (known !== undefined) return known;
    const byState: Record<State, HeadTerm[]> = { pre_norm: [], post_norm: [] };
    const columns = terms.map((term) => {
      const state = term.state === 'pre-norm' ? 'pre_norm' : 'post_norm';
      return { state, column: byState[state].push(term) - 1 } as const;
    });
    const stacked = (state: State): Tensor | undefined => {
      const own = byState[state];
      if (own.length === 0) return undefined;
      const hiddenSize = own[0]!.weights.length;
      const weights = new Float32Array(own.length * hiddenSize);
      for (const [index, term] of own.entries()) weights.set(term.weights, index * hiddenSize);
      return new this.#runtime.Tensor('float32', weights, [own.length, hiddenSize]);
    };
    const weights = { pre_norm: stacked('pre_norm'), post_norm: stacked('post_norm') };
    const states = (['pre_norm', 'post_norm'] as const).filter((state) => weights[state] !== undefined);
    const prepared = { states, weights, columns };
    if (this.#prepared.size >= KEPT) this.#prepared.delete(this.#prepared.keys().next().value!);
    this.#prepared.set(key, prepared);
    return prepared;
  }

  #idOf(term: HeadTerm): number {
    let id = this.#ids.get(term);
    if (id === undefined) {
      id = this.#nextId++;
      this.#ids.set(term, id);
    }
    return id;
  }
}
