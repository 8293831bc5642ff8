import type { HeadTerm } from '@judge-decoding/core';
import type { EngineModel } from './engine.ts';

/** Device copies of head terms, one for each object; freed when nobody holds the object any more. */
export class DeviceTerms {
  readonly #model: EngineModel;
  readonly #ids = new WeakMap<HeadTerm, Promise<number>>();
  /** Those of `#ids` that are there: a pass need not wait for them. */
  readonly #known = new WeakMap<HeadTerm, number>();
  readonly #gone: FinalizationRegistry<Promise<number>>;

  constructor(model: EngineModel) {
    this.#model = model;
    // what fails here has failed before, or the model is gone
    this.#gone = new FinalizationRegistry((id) => {
      id.then((known) => model.destroyTerm(known)).catch(() => undefined);
    });
  }

  /** At once where all are known. */
  idsOf(terms: readonly HeadTerm[]): readonly number[] | Promise<readonly number[]> {
    const ids: number[] = [];
    for (const term of terms) {
      const id = this.#known.get(term);
      if (id === undefined) return Promise.all(terms.map((each) => this.#idOf(each)));
      ids.push(id);
    }
    return ids;
  }

  #idOf(term: HeadTerm): Promise<number> {
    const known = this.#ids.get(term);
    if (known !== undefined) return known;
    const id = this.#model.createTerm(term.weights);
    this.#ids.set(term, id);
    // one that could not be made is tried again
    id.then(
      (known) => {
        this.#known.set(term, known);
        this.#gone.register(term, id);
      },
      () => this.#ids.delete(term),
    );
    return id;
  }
}
