import { type HeadTerm, hiddenNameOf } from '@judge-decoding/core';
import type { Tensor } from 'onnxruntime-common';
import type { DeviceRuntime } from './device-runtime.ts';

/** The weights of head terms as the graph takes them, on the device, made once for each list of terms. */
export class Terms {
  readonly #runtime: DeviceRuntime;
  readonly #hiddenSize: number;
  readonly #ids = new WeakMap<HeadTerm, number>();
  readonly #made = new Map<string, Tensor>();
  #nextId = 0;

  constructor(runtime: DeviceRuntime, hiddenSize: number) {
    this.#runtime = runtime;
    this.#hiddenSize = hiddenSize;
  }

  /** float32 [2 · hiddenSize, terms]; one column of zeros where nothing is judged. */
  async tensor(terms: readonly HeadTerm[] | undefined): Promise<Tensor> {
    const key = terms?.map((term) => this.#idOf(term)).join() ?? '';
    let tensor = this.#made.get(key);
    if (tensor === undefined) {
      tensor = await this.#runtime.keep(this.#make(terms ?? []));
      // heads are few; who makes new ones all the time shall not fill the memory
      if (this.#made.size >= 64) this.free();
      this.#made.set(key, tensor);
    }
    return tensor;
  }

  free(): void {
    for (const tensor of this.#made.values()) this.#runtime.free(tensor);
    this.#made.clear();
  }

  #make(terms: readonly HeadTerm[]): Tensor {
    const size = this.#hiddenSize;
    const columns = Math.max(1, terms.length);
    const data = new Float32Array(2 * size * columns);
    for (const [column, term] of terms.entries()) {
      const from = hiddenNameOf(term) === 'pre-norm' ? 0 : size;
      for (let i = 0; i < size; i++) data[(from + i) * columns + column] = term.weights[i]!;
    }
    return new this.#runtime.Tensor('float32', data, [2 * size, columns]);
  }

  #idOf(term: HeadTerm): number {
    const known = this.#ids.get(term);
    if (known !== undefined) return known;
    const id = this.#nextId++;
    this.#ids.set(term, id);
    return id;
  }
}
