import type { Tensor } from 'onnxruntime-common';
import type { DeviceRuntime } from './device-runtime.ts';

/** Tokens that are drafted on the device before the host looks: longer drafts are read in parts. */
const MOST = 64;

/** Places for single tokens on a device; calls come one at a time, so all sessions of a model use the same. */
export class TokenSlots {
  readonly most = MOST;
  readonly #runtime: DeviceRuntime;
  readonly #slots: Tensor[] = [];

  constructor(runtime: DeviceRuntime) {
    this.#runtime = runtime;
  }

  /** int32 [1] each. */
  async take(count: number): Promise<readonly Tensor[]> {
    while (this.#slots.length < count) this.#slots.push(await this.#runtime.allocate('int32', [1]));
    return this.#slots.slice(0, count);
  }

  free(): void {
    for (const slot of this.#slots) this.#runtime.free(slot);
    this.#slots.length = 0;
  }
}
