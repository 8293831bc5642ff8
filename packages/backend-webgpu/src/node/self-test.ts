import { onnxRuntime, withoutTelemetry } from '@judge-decoding/backend-cpu/worker-parts';
import type { ModelConfig } from '@judge-decoding/checkpoint';
import { type RunDtype, selfTestModel } from '@judge-decoding/onnx';
import { cachedDecoder } from '@judge-decoding/onnx/cache';
import { type SelfTest, selfTest } from '@judge-decoding/ort-session';
import { GPU_OPTIONS, HOST_OPTIONS } from './gpu-options.ts';
import { NodeGpuRuntime } from './gpu-runtime.ts';

/** Compares the GPU with the processor on a small decoder with this model's heads, in the calling thread. */
export async function testDevice(
  runtime: NodeGpuRuntime,
  config: ModelConfig,
  { dtype, cacheFolder }: { readonly dtype: RunDtype; readonly cacheFolder?: string | undefined },
): Promise<SelfTest> {
  await runtime.ready();
  const fingerprint = { architecture: 'made up', tokenizer: 'made up', weights: 'made up 1' };
  const checkpoint = { ...selfTestModel(config), name: 'self-test', fingerprint: async () => fingerprint };
  const { graphFile, shape } = await cachedDecoder(checkpoint, {
    provider: 'webgpu',
    dtype,
    ...(cacheFolder === undefined ? {} : { cacheFolder }),
  });
  return selfTest({
    runtime,
    graph: graphFile,
    shape,
    sessionOptions: GPU_OPTIONS,
    hostOptions: HOST_OPTIONS,
  });
}

/** The heads of most small models: what `judge doctor` tries a GPU on. */
const USUAL: ModelConfig = {
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

/**
 * Tries the GPU without a model; blocks the calling thread for a second or two.
 *
 * @throws JudgeDecodingError `device` where there is none, or where it computes wrong numbers.
 */
export async function tryGpu(cacheFolder?: string): Promise<SelfTest> {
  withoutTelemetry();
  const runtime = new NodeGpuRuntime(await onnxRuntime());
  try {
    return await testDevice(runtime, USUAL, { dtype: 'fp32', cacheFolder });
  } finally {
    await runtime.dispose();
  }
}
