import { DEVICE_INPUTS, DEVICE_OUTPUTS, type DecoderShape } from '@judge-decoding/onnx/interface';
import type { Tensor } from 'onnxruntime-common';
import type { DeviceRuntime } from './device-runtime.ts';

/** Keys and values of one session in buffers of their final size; how much of them counts is an integer. */
export class DeviceCache {
  length = 0;
  readonly #runtime: DeviceRuntime;
  /** As fed, and the same as fetched: that they are one is what makes the operator write in place. */
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly kept: Readonly<Record<string, Tensor>>;

  private constructor(runtime: DeviceRuntime, layers: readonly (readonly [Tensor, Tensor])[]) {
    this.#runtime = runtime;
    const named = (names: typeof DEVICE_INPUTS | typeof DEVICE_OUTPUTS) =>
      Object.fromEntries(
        layers.flatMap(([key, value], layer) => [
          [names.key(layer), key],
          [names.value(layer), value],
        ]),
      );
    this.feeds = named(DEVICE_INPUTS);
    this.kept = named(DEVICE_OUTPUTS);
  }

  static async open(runtime: DeviceRuntime, shape: DecoderShape): Promise<DeviceCache> {
    const dims = [1, shape.keyValueHeads, shape.contextLength, shape.headDim];
    const layers: (readonly [Tensor, Tensor])[] = [];
    for (let layer = 0; layer < shape.layers; layer++) {
      layers.push([await runtime.allocate('float32', dims), await runtime.allocate('float32', dims)]);
    }
    return new DeviceCache(runtime, layers);
  }

  free(): void {
    for (const tensor of Object.values(this.feeds)) this.#runtime.free(tensor);
  }
}

/** Bytes of one session's cache. */
export const cacheBytes = ({ layers, keyValueHeads, contextLength, headDim }: DecoderShape): number =>
  2 * layers * keyValueHeads * contextLength * headDim * Float32Array.BYTES_PER_ELEMENT;
