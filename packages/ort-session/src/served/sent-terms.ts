import type { HeadTerm, OutputRequest } from '@judge-decoding/core';
import type { SentRequest } from './protocol.ts';

/** Numbers head terms, so that the weights of each cross to the worker once. */
export class SentTerms {
  readonly #ids = new WeakMap<HeadTerm, number>();
  #nextId = 0;

  request({ judge, ...rest }: OutputRequest): SentRequest {
    if (judge === undefined) return rest;
    return {
      ...rest,
      judge: judge.map((term) => {
        const { layer, state, row, weights } = term;
        const known = this.#ids.get(term);
        if (known !== undefined) return { id: known, layer, state, row };
        const id = this.#nextId++;
        this.#ids.set(term, id);
        return { id, layer, state, row, weights };
      }),
    };
  }
}
