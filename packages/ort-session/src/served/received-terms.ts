import type { HeadTerm, OutputRequest } from '@judge-decoding/core';
import type { SentRequest } from './protocol.ts';

/** Head terms by number, as objects that stay the same from call to call. */
export class ReceivedTerms {
  readonly #terms = new Map<number, HeadTerm>();

  request({ judge, ...rest }: SentRequest): OutputRequest {
    if (judge === undefined) return rest;
    return {
      ...rest,
      judge: judge.map(({ id, layer, state, row, weights }) => {
        if (weights !== undefined) this.#terms.set(id, { layer, state, row, weights });
        return this.#terms.get(id)!;
      }),
    };
  }
}
