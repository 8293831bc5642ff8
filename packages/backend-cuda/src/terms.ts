import type { HeadTerm } from '@judge-decoding/core';
import type { EngineModel } from './engine.ts';

/** Device copies of head terms, one for each object; freed when nobody holds the object any more. */
export class DeviceTerms {
  readonly #model: EngineModel;
  readonly #ids = new WeakMap<HeadTerm, Promise<number>>();
  readonly #gone: FinalizationRegistry<Promise<number>>;

  constructor(model: EngineModel) {
    this.#model = model;
    // what fails here has failed before, or the model is gone
    this.#gone = new FinalizationRegistry((id) => {
      id.then((known) => model.destroyTerm(known)).catch(() => undefined);
    });
  }

  idOf(term: HeadTerm): Promise<number> {
    const known = this.#ids.get(term);
    if (known !== undefined) return known;
    const id = this.#model.createTerm(term.weights);
    this.#ids.set(term, id);
    // one that could not be made is tried again
    id.then(
      () => this.#gone.register(term, id),
      () => this.#ids.delete(term),
    );
    return id;
  }
}
