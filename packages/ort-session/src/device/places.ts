import type { TokenId } from '@judge-decoding/core';
import type { Tensor } from 'onnxruntime-common';
import type { DeviceRuntime } from './device-runtime.ts';

/** Rows of passes whose places lie on the device: a verification's, not a prompt's. */
const MOST = 64;

/** Numbers of rows and of the tokens after them, as passes are fed; what is asked for again and again stays on the device. */
export class Places {
  readonly #runtime: DeviceRuntime;
  readonly #made = new Map<string, Promise<Tensor>>();

  constructor(runtime: DeviceRuntime) {
    this.#runtime = runtime;
  }

  /** int32 [rows] */
  picked(rows: readonly number[]): Promise<Tensor> | Tensor {
    const tensor = () => new this.#runtime.Tensor('int32', Int32Array.from(rows), [rows.length]);
    const all = rows.length <= MOST && rows.every((row, index) => row === index);
    return all ? this.#kept(`all ${rows.length}`, tensor) : tensor();
  }

  /** Of rows that have no token after them: any does. int32 [count, 1] */
  next(tokens: readonly TokenId[], count: number): Promise<Tensor> | Tensor {
    const tensor = () => {
      const ids = Int32Array.from({ length: count }, (_, row) => tokens[row] ?? 0);
      return new this.#runtime.Tensor('int32', ids, [count, 1]);
    };
    return tokens.length === 0 && count <= MOST ? this.#kept(`none ${count}`, tensor) : tensor();
  }

  async free(): Promise<void> {
    for (const tensor of this.#made.values()) this.#runtime.free(await tensor);
    this.#made.clear();
  }

  #kept(key: string, make: () => Tensor): Promise<Tensor> {
    let kept = this.#made.get(key);
    if (kept === undefined) {
      kept = this.#runtime.keep(make());
      this.#made.set(key, kept);
    }
    return kept;
  }
}
