import { JudgeDecodingError } from '@judge-decoding/core';
import { GraphBuilder } from '@judge-decoding/onnx';
import type {
  DeviceOutputs,
  DeviceRuntime,
  DeviceType,
  HostData,
  OrtRuntime,
} from '@judge-decoding/ort-session';
import type { InferenceSession, Tensor } from 'onnxruntime-common';

/**
 * onnxruntime-node over its own GPU. It has no call that makes a tensor there, and ends the process where one
 * is read: what stays is made by a graph of zeros, and what is wanted comes to the host with its run.
 */
export class NodeGpuRuntime implements DeviceRuntime {
  readonly InferenceSession: OrtRuntime['InferenceSession'];
  readonly Tensor: OrtRuntime['Tensor'];
  readonly readBacks = { count: 0, bytes: 0 };
  #zeros: Promise<InferenceSession> | undefined;

  constructor(runtime: OrtRuntime) {
    this.InferenceSession = runtime.InferenceSession;
    this.Tensor = runtime.Tensor;
  }

  async allocate(_type: DeviceType, dims: readonly number[]): Promise<Tensor> {
    const zeros = await this.ready();
    const size = new this.Tensor('int64', BigInt64Array.from(dims, BigInt), [dims.length]);
    return (await zeros.run({ size })).zeros!;
  }

  /** Opens the GPU: the first session shows whether there is one. */
  ready(): Promise<InferenceSession> {
    this.#zeros ??= this.#open();
    return this.#zeros;
  }

  async #open(): Promise<InferenceSession> {
    try {
      return await this.InferenceSession.create(zerosGraph(), {
        executionProviders: ['webgpu'],
        preferredOutputLocation: 'gpu-buffer',
        logSeverityLevel: 4,
      });
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new JudgeDecodingError(
        'device',
        `Expected a GPU that WebGPU can use (${WAYS[process.platform] ?? 'none is known here'}), got: ${/(Failed to get .*|libvulkan.*)/.exec(message)?.[1]?.trim() ?? message}. Install a newer driver, or use --backend cpu.`,
        { cause },
      );
    }
  }

  free(tensor: Tensor): void {
    tensor.dispose();
  }

  async run(
    session: InferenceSession,
    feeds: Readonly<Record<string, Tensor>>,
    { kept, wanted }: DeviceOutputs,
  ): Promise<Readonly<Record<string, HostData>>> {
    const names = Object.keys(wanted);
    const results = await session.run(feeds, {
      ...kept,
      ...Object.fromEntries(names.map((name) => [name, null])),
    });
    const data: Record<string, HostData> = {};
    for (const name of names) {
      data[name] = results[name]!.data as HostData;
      this.readBacks.count++;
      this.readBacks.bytes += data[name].byteLength;
    }
    // what was written in place comes back as wrappers of the same buffers, which are let go of
    for (const name of Object.keys(kept)) results[name]?.dispose();
    return data;
  }

  async dispose(): Promise<void> {
    await (await this.#zeros)?.release();
  }
}

const WAYS: Partial<Record<NodeJS.Platform, string>> = {
  linux:
    'through Vulkan: its loader libvulkan1, and a driver that VK_DRIVER_FILES or /usr/share/vulkan/icd.d names',
  darwin: 'through Metal',
  win32: 'through Direct3D 12',
};

/** Zeros of a size, written by the GPU: what ConstantOfShape makes lies with the host. */
function zerosGraph(): Uint8Array {
  const graph = new GraphBuilder();
  graph.input('size', 'int64', ['rank']);
  const shaped = graph.op('ConstantOfShape', ['size']);
  const one = graph.constant('one', 'float32', [1], Float32Array.of(1));
  graph.op('Mul', [shaped, one], { as: 'zeros' });
  graph.output('zeros', 'float32', ['a', 'b', 'c', 'd']);
  return graph.build().model;
}
