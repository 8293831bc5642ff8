import type { ModelConfig } from '@judge-decoding/checkpoint/browser';
import {
  buildDeviceDecoder,
  DEVICE_INPUTS,
  DEVICE_OUTPUTS,
  selfTestModel,
  weightsInMemory,
} from '@judge-decoding/onnx';
import * as ort from 'onnxruntime-web/jspi';

const CONFIG: ModelConfig = {
  architecture: 'llama',
  family: 'llama',
  vocabSize: 64,
  tokenCount: 64,
  hiddenSize: 64,
  intermediateSize: 64,
  layers: 1,
  attentionHeads: 4,
  keyValueHeads: 2,
  headDim: 64,
  contextLength: 128,
  rmsNormEps: 1e-5,
  normOffset: 0,
  rope: { theta: 10_000, scaling: null },
  unrotatedLayers: [],
  slidingWindow: null,
  tiedEmbeddings: true,
  attentionBias: { query: false, key: false, value: false, output: false },
  queryKeyNorm: false,
  attentionScale: 1 / 8,
  activation: 'silu',
  outputNorms: false,
  embeddingScale: 1,
  dtype: 'fp32',
};
const STEPS = 6;
const BYTES = { float32: 4, int32: 4, int64: 8 } as const;

export interface Captured {
  /** Of each step, its first logit, and the milliseconds until it was read. */
  readonly steps: readonly (readonly [logit: number, milliseconds: number])[];
  readonly refused?: string;
}

/** Single steps of a small decoder with every input and output on the GPU, but for `total` where it shall not be. */
async function capture(graphCapture: boolean, total: 'cpu' | 'gpu'): Promise<Captured> {
  const steps: [number, number][] = [];
  try {
    const { model, weightsFile, shape, ...graph } = buildDeviceDecoder(selfTestModel(CONFIG), {
      dtype: 'fp32',
      telling: false,
    });
    const weights = await weightsInMemory({ model, weightsFile, ...graph });
    ort.env.logLevel = 'error';
    const session = await ort.InferenceSession.create(model, {
      executionProviders: ['webgpu'],
      enableGraphCapture: graphCapture,
      externalData: [{ path: weightsFile, data: weights }],
      extra: { session: { disable_cpu_ep_fallback: '1' } },
    });
    const device = (await ort.env.webgpu.device) as unknown as GPUDevice;
    const tensor = (type: keyof typeof BYTES, dims: readonly number[]) => {
      const size = Math.max(
        16,
        dims.reduce((product, each) => product * each, BYTES[type]),
      );
      const buffer = device.createBuffer({
        size,
        usage: 0x0080 | 0x0004 | 0x0008 /* storage, copy from and to */,
      });
      return ort.Tensor.fromGpuBuffer(buffer as never, { dataType: type, dims });
    };
    const dims = [1, shape.keyValueHeads, shape.contextLength, shape.headDim];
    const [keys, values] = [tensor('float32', dims), tensor('float32', dims)];
    const feeds: Record<string, ort.Tensor> = {
      [DEVICE_INPUTS.tokens]: tensor('int32', [1]),
      [DEVICE_INPUTS.start]: tensor('int64', [1]),
      [DEVICE_INPUTS.last]: tensor('int32', [1]),
      [DEVICE_INPUTS.total]: tensor('int32', [1]),
      [DEVICE_INPUTS.picked]: tensor('int32', [1]),
      [DEVICE_INPUTS.key(0)]: keys,
      [DEVICE_INPUTS.value(0)]: values,
    };
    const logits = tensor('float32', [1, shape.tokenCount]);
    const outputs = {
      [DEVICE_OUTPUTS.argmax]: tensor('int32', [1]),
      [DEVICE_OUTPUTS.logits]: logits,
      [DEVICE_OUTPUTS.preNorm]: tensor('float32', [1, shape.hiddenSize]),
      [DEVICE_OUTPUTS.postNorm]: tensor('float32', [1, shape.hiddenSize]),
      [DEVICE_OUTPUTS.key(0)]: keys,
      [DEVICE_OUTPUTS.value(0)]: values,
    };
    const bufferOf = (tensor: ort.Tensor) => tensor.gpuBuffer as unknown as GPUBuffer;
    const set = (name: string, data: BigInt64Array<ArrayBuffer> | Int32Array<ArrayBuffer>) =>
      device.queue.writeBuffer(bufferOf(feeds[name]!), 0, data);
    const staging = device.createBuffer({ size: 4 * shape.tokenCount, usage: 0x0001 | 0x0008 });
    for (let step = 0; step < STEPS; step++) {
      set(DEVICE_INPUTS.tokens, Int32Array.of((step * 13) % shape.tokenCount));
      set(DEVICE_INPUTS.start, BigInt64Array.of(BigInt(step)));
      set(DEVICE_INPUTS.last, Int32Array.of(step));
      if (total === 'gpu') set(DEVICE_INPUTS.total, Int32Array.of(step + 1));
      else feeds[DEVICE_INPUTS.total] = new ort.Tensor('int32', Int32Array.of(step + 1), [1]);
      const start = performance.now();
      await session.run(feeds, outputs);
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(bufferOf(logits), 0, staging, 0, staging.size);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(0x0001);
      const [first] = new Float32Array(staging.getMappedRange().slice(0));
      staging.unmap();
      steps.push([first!, performance.now() - start]);
    }
    return { steps };
  } catch (error) {
    return { steps, refused: String(error) };
  }
}

const calls = { capture };
export type Calls = typeof calls;

Object.assign(globalThis, { calls });
