import { JudgeDecodingError } from '@judge-decoding/core';
import type {
  DeviceOutputs,
  DeviceRuntime,
  DeviceType,
  HostData,
  OrtRuntime,
  WantedTensor,
} from '@judge-decoding/ort-session';
import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-common';

const BYTES: Readonly<Record<DeviceType, number>> = { float32: 4, int32: 4 };
/** Outputs of passes keep their buffers; so many different ones, and the oldest goes. */
const KEPT_OUTPUTS = 64;

const bytesOf = ({ type, dims }: WantedTensor): number =>
  dims.reduce((product, size) => product * size, BYTES[type]);

/**
 * ONNX Runtime over a page's own `GPUDevice`: tensors are buffers that the page can make and copy, so all that
 * a pass brings to the host comes in one read-back.
 */
export class GpuRuntime implements DeviceRuntime {
  readonly InferenceSession: OrtRuntime['InferenceSession'];
  readonly Tensor: OrtRuntime['Tensor'];
  readonly readBacks = { count: 0, bytes: 0 };
  readonly #device: GPUDevice;
  readonly #outputs = new Map<string, Tensor>();
  #staging: GPUBuffer | undefined;
  #gone: JudgeDecodingError | undefined;
  /** Refuses what waits for the device. */
  #onLost: ((gone: JudgeDecodingError) => void) | undefined;

  constructor(runtime: OrtRuntime, device: GPUDevice) {
    this.InferenceSession = runtime.InferenceSession;
    this.Tensor = runtime.Tensor;
    this.#device = device;
    void device.lost.then(({ reason, message }) => {
      this.#gone = new JudgeDecodingError(
        'device',
        `The GPU was lost (${message || reason}). Open the model again: a new device takes its place.`,
      );
      this.#onLost?.(this.#gone);
    });
  }

  async allocate(type: DeviceType, dims: readonly number[]): Promise<Tensor> {
    return this.#make({ type, dims });
  }

  async keep(tensor: Tensor): Promise<Tensor> {
    const { type, dims, data } = tensor;
    const kept = this.#make({ type: type as DeviceType, dims });
    this.#device.queue.writeBuffer(
      kept.gpuBuffer as unknown as GPUBuffer,
      0,
      data as Float32Array<ArrayBuffer>,
    );
    return kept;
  }

  now(): number {
    return performance.now();
  }

  free(tensor: Tensor): void {
    (tensor.gpuBuffer as unknown as GPUBuffer).destroy();
  }

  async run(
    session: InferenceSession,
    feeds: Readonly<Record<string, Tensor>>,
    { kept, wanted }: DeviceOutputs,
  ): Promise<Readonly<Record<string, HostData>>> {
    const outputs = Object.fromEntries(
      Object.entries(wanted).map(([name, output]) => [name, this.#output(name, output)]),
    );
    await this.#unlessLost(() => session.run(feeds, { ...kept, ...outputs }));
    const names = Object.keys(wanted);
    if (names.length === 0) return {};
    const read = await this.#read(names.map((name) => [outputs[name]!, wanted[name]!] as const));
    return Object.fromEntries(names.map((name, index) => [name, read[index]!]));
  }

  async readTokens(tokens: readonly Tensor[]): Promise<number[]> {
    const one: WantedTensor = { type: 'int32', dims: [1] };
    const read = await this.#read(tokens.map((token) => [token, one] as const));
    return read.map((data) => data[0]!);
  }

  async dispose(): Promise<void> {
    for (const tensor of this.#outputs.values()) this.free(tensor);
    this.#outputs.clear();
    this.#staging?.destroy();
    this.#staging = undefined;
  }

  /** Brings tensors to the host: copied into one buffer, for which the host waits once. */
  async #read(tensors: readonly (readonly [Tensor, WantedTensor])[]): Promise<HostData[]> {
    const sizes = tensors.map(([, wanted]) => bytesOf(wanted));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const staging = this.#stagingOf(total);
    const encoder = this.#device.createCommandEncoder();
    let at = 0;
    for (const [index, [tensor]] of tensors.entries()) {
      encoder.copyBufferToBuffer(tensor.gpuBuffer as unknown as GPUBuffer, 0, staging, at, sizes[index]!);
      at += sizes[index]!;
    }
    this.#device.queue.submit([encoder.finish()]);
    await this.#unlessLost(() => staging.mapAsync(1 /* read */, 0, total));
    const bytes = staging.getMappedRange(0, total).slice(0);
    staging.unmap();
    this.readBacks.count++;
    this.readBacks.bytes += total;
    at = 0;
    return tensors.map(([, { type }], index) => {
      const part = bytes.slice(at, at + sizes[index]!);
      at += sizes[index]!;
      return type === 'int32' ? new Int32Array(part) : new Float32Array(part);
    });
  }

  /** Calls come one at a time; what the device would answer when it is lost may never come. */
  #unlessLost<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => {
      this.#onLost = reject;
      work().then(resolve, (error) => reject(this.#gone ?? error));
    });
  }

  #stagingOf(bytes: number): GPUBuffer {
    if (this.#staging === undefined || this.#staging.size < bytes) {
      this.#staging?.destroy();
      const size = 2 ** Math.ceil(Math.log2(Math.max(bytes, 4096)));
      this.#staging = this.#device.createBuffer({
        size,
        usage: 0x0001 | 0x0008 /* map for reading, copy to */,
      });
    }
    return this.#staging;
  }

  #output(name: string, wanted: WantedTensor): Tensor {
    const key = `${name} ${wanted.dims.join()}`;
    const known = this.#outputs.get(key);
    if (known !== undefined) return known;
    if (this.#outputs.size >= KEPT_OUTPUTS) {
      const [oldest, tensor] = this.#outputs.entries().next().value!;
      this.#outputs.delete(oldest);
      this.free(tensor);
    }
    const made = this.#make(wanted);
    this.#outputs.set(key, made);
    return made;
  }

  #make(wanted: WantedTensor): Tensor {
    const { type, dims } = wanted;
    const buffer = this.#device.createBuffer({
      size: Math.max(16, bytesOf(wanted)),
      usage: 0x0080 | 0x0004 | 0x0008 /* storage, copy from and to */,
    });
    const { fromGpuBuffer } = this.Tensor as TensorConstructor & {
      fromGpuBuffer(buffer: GPUBuffer, options: { dataType: DeviceType; dims: readonly number[] }): Tensor;
    };
    return fromGpuBuffer(buffer, { dataType: type, dims });
  }
}
