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
 * is read: what stays is made by a graph of zeros or a copy, and what is wanted comes to the host with a run.
 */
export class NodeGpuRuntime implements DeviceRuntime {
  readonly InferenceSession: OrtRuntime['InferenceSession'];
  readonly Tensor: OrtRuntime['Tensor'];
  readonly readBacks = { count: 0, bytes: 0 };
  #zeros: Promise<InferenceSession> | undefined;
  readonly #copies = new Map<string, Promise<InferenceSession>>();
  readonly #joins = new Map<number, Promise<InferenceSession>>();

  constructor(runtime: OrtRuntime) {
    this.InferenceSession = runtime.InferenceSession;
    this.Tensor = runtime.Tensor;
  }

  async allocate(type: DeviceType, dims: readonly number[]): Promise<Tensor> {
    if (type === 'int32')
      return this.keep(
        new this.Tensor('int32', new Int32Array(dims.reduce((size, dim) => size * dim, 1)), dims),
      );
    const zeros = await this.ready();
    const size = new this.Tensor('int64', BigInt64Array.from(dims, BigInt), [dims.length]);
    return (await zeros.run({ size })).zeros!;
  }

  async keep(tensor: Tensor): Promise<Tensor> {
    const { type, dims } = tensor;
    const session = await once(this.#copies, `${type} ${dims.length}`, () =>
      this.#create(copyGraph(type as DeviceType, dims.length), { preferredOutputLocation: 'gpu-buffer' }),
    );
    return (await session.run({ tensor })).copy!;
  }

  /** So many tokens as there are inputs come as one tensor; what is too many is a token again. */
  async readTokens(tokens: readonly Tensor[]): Promise<number[]> {
    const inputs = 2 ** Math.ceil(Math.log2(tokens.length));
    const session = await once(this.#joins, inputs, () => this.#create(joinGraph(inputs), {}));
    const feeds = Object.fromEntries(
      Array.from({ length: inputs }, (_, index) => [`token_${index}`, tokens[index] ?? tokens[0]!]),
    );
    const data = (await session.run(feeds)).tokens!.data as Int32Array;
    this.readBacks.count++;
    this.readBacks.bytes += data.byteLength;
    return [...data.subarray(0, tokens.length)];
  }

  now(): number {
    return performance.now();
  }

  /** Opens the GPU: the first session shows whether there is one. */
  ready(): Promise<InferenceSession> {
    this.#zeros ??= this.#open();
    return this.#zeros;
  }

  async #open(): Promise<InferenceSession> {
    try {
      return await this.#create(zerosGraph(), { preferredOutputLocation: 'gpu-buffer' });
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new JudgeDecodingError(
        'device',
        `Expected a GPU that WebGPU can use (${WAYS[process.platform] ?? 'none is known here'}), got: ${/(Failed to get .*|libvulkan.*)/.exec(message)?.[1]?.trim() ?? message}. Install a newer driver, or use --backend cpu.`,
        { cause },
      );
    }
  }

  #create(graph: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> {
    return this.InferenceSession.create(graph, {
      executionProviders: ['webgpu'],
      logSeverityLevel: 4,
      ...options,
    });
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
    for (const session of [this.#zeros, ...this.#copies.values(), ...this.#joins.values()])
      await (await session)?.release();
  }
}

function once<Key, Value>(made: Map<Key, Value>, key: Key, make: () => Value): Value {
  let known = made.get(key);
  if (known === undefined) {
    known = make();
    made.set(key, known);
  }
  return known;
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

/** A tensor as it is: what stays on the GPU is what a graph has made. */
function copyGraph(type: DeviceType, rank: number): Uint8Array {
  const graph = new GraphBuilder();
  const dims = Array.from({ length: rank }, (_, axis) => `size_${axis}`);
  graph.input('tensor', type, dims);
  graph.op('Identity', ['tensor'], { as: 'copy' });
  graph.output('copy', type, dims);
  return graph.build().model;
}

/** Tokens side by side, for one way to the host. */
function joinGraph(inputs: number): Uint8Array {
  const graph = new GraphBuilder();
  const names = Array.from({ length: inputs }, (_, index) => graph.input(`token_${index}`, 'int32', [1]));
  graph.op('Concat', names, { as: 'tokens', attributes: { axis: 0 } });
  graph.output('tokens', 'int32', [inputs]);
  return graph.build().model;
}
