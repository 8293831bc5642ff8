import { type Checkpoint, openCheckpointFrom } from '@judge-decoding/checkpoint/browser';
import { JudgeDecodingError, type Model } from '@judge-decoding/core';
import {
  buildDecoder,
  buildDeviceDecoder,
  buildDraftLoop,
  type DecoderDtype,
  type DecoderGraph,
  type DecoderOptions,
  decoderInfo,
  defaultThreads,
  deviceChunk,
  floatsFit,
  hasDraftLoop,
  weightsInMemory,
} from '@judge-decoding/onnx';
import { cacheBytes, openDeviceModel, openOrtModel } from '@judge-decoding/ort-session';
import { type AdapterFacts, openGpu } from './gpu.ts';
import { GpuRuntime } from './gpu-runtime.ts';
import type { ModelDetails, OpenProgress, WorkerOptions } from './protocol.ts';
import { loadRuntime, mostThreads } from './runtime.ts';
import { testDevice } from './self-test.ts';
import { receivedSource } from './source.ts';

/** On wasm, as in `backend-cpu`: more are no faster, and attention's scores over a long past take more memory. */
const PREFILL_CHUNK = 64;

interface Opened {
  readonly model: Model & AsyncDisposable;
  readonly details: ModelDetails;
}

type OnProgress = (progress: OpenProgress) => void;

/** Opens a checkpoint, builds its graph in memory, and loads it in the calling thread. */
export async function openModel(options: WorkerOptions, onProgress: OnProgress): Promise<Opened> {
  const checkpoint = await openCheckpointFrom(await receivedSource(options.location));
  try {
    return options.device === 'wasm'
      ? await openOnWasm(checkpoint, options, onProgress)
      : await openOnGpu(checkpoint, options, onProgress);
  } finally {
    await checkpoint.dispose();
  }
}

const decoderOptions = ({ config }: Checkpoint, { contextLength, dtype }: WorkerOptions): DecoderOptions => ({
  contextLength: Math.min(contextLength ?? config.contextLength, config.contextLength),
  dtype: dtype ?? 'auto',
});

/** The graph and its weights as bytes. */
const graphOf = (model: Uint8Array, { weightsFile }: DecoderGraph, weights: Uint8Array) => ({
  model,
  weightsFile,
  weights,
});

/**
 * In WebAssembly products by blocks of few bits take several times as long as by floats, at every width
 * (docs/decisions/2026-11-29-floats-in-webassembly.md): also a quantised file is run in floats while they fit.
 */
const dtypeOnWasm = ({ config }: Checkpoint, { dtype = 'auto' }: WorkerOptions): DecoderDtype =>
  dtype === 'auto' && floatsFit(config) ? 'fp32' : dtype;

async function openOnWasm(
  checkpoint: Checkpoint,
  options: WorkerOptions,
  onProgress: OnProgress,
): Promise<Opened> {
  const most = mostThreads();
  const threads = Math.min(options.threads ?? defaultThreads(checkpoint.config, most), most);
  const runtime = loadRuntime({ device: 'wasm', threads, runtimeFiles: options.runtimeFiles });
  const dtype = dtypeOnWasm(checkpoint, options);
  const asked = { ...decoderOptions(checkpoint, { ...options, dtype }), provider: 'wasm' } as const;
  const graph = buildDecoder(checkpoint, asked);
  const weights = await weightsInMemory(graph, { onProgress });
  const prefillChunk = options.prefillChunk ?? PREFILL_CHUNK;
  const model = await openOrtModel({
    runtime: await runtime,
    graph: graphOf(graph.model, graph, weights),
    draftGraph: hasDraftLoop(graph)
      ? graphOf(buildDraftLoop(checkpoint, { ...asked, endsUnlikely: true }).model, graph, weights)
      : undefined,
    // rows of a verification are dear here
    endsUnlikely: true,
    shape: graph.shape,
    info: await decoderInfo(checkpoint, graph, { device: 'wasm', prefillChunk, exact: false }),
    sessionOptions: { executionProviders: ['wasm'], logSeverityLevel: 3 },
  });
  return { model, details: { weights: graph.report(), threads } };
}

async function openOnGpu(
  checkpoint: Checkpoint,
  options: WorkerOptions,
  onProgress: OnProgress,
): Promise<Opened> {
  const gpu = await openGpu();
  const loading = loadRuntime({ device: 'webgpu', threads: 1, runtimeFiles: options.runtimeFiles });
  const graph = buildDeviceDecoder(checkpoint, decoderOptions(checkpoint, options));
  checkLargest(graph, gpu.facts);
  const runtime = new GpuRuntime(await loading, gpu.device);
  const sessionOptions = {
    executionProviders: [{ name: 'webgpu', device: gpu.device }],
    logSeverityLevel: 3,
    // nothing runs on the processor without being asked to
    extra: { session: { disable_cpu_ep_fallback: '1' } },
  } as const;
  const hostOptions = { executionProviders: ['wasm'], logSeverityLevel: 3 } as const;
  const tested = await testDevice(checkpoint.config, graph.dtype, { runtime, sessionOptions, hostOptions });
  const weights = await weightsInMemory(graph, { onProgress });
  const { layersOffered: _, ...info } = await decoderInfo(checkpoint, graph, {
    device: 'webgpu',
    prefillChunk: Math.min(options.prefillChunk ?? deviceChunk(graph.shape.tokenCount), tested.mostRows),
    exact: false,
  });
  const model = await openDeviceModel({
    runtime,
    graph: graphOf(graph.model, graph, weights),
    shape: graph.shape,
    info,
    sessionOptions,
    hostOptions,
  });
  const details = { weights: graph.report(), threads: 1, adapter: gpu.facts, selfTest: tested };
  return { model, details };
}

/** Refuses, before any weight is read, what the GPU has no buffer for. */
function checkLargest({ weights, shape }: DecoderGraph, { maxStorageBufferBindingSize }: AdapterFacts): void {
  const perLayer = cacheBytes(shape) / (2 * shape.layers);
  const largest = weights.reduce((most, { byteLength }) => Math.max(most, byteLength), perLayer);
  if (largest <= maxStorageBufferBindingSize) return;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  throw new JudgeDecodingError(
    'unsupported',
    `Expected tensors of at most ${megabytes(maxStorageBufferBindingSize)}, which is what this GPU takes, the model has one of ${megabytes(largest)}. Use weights of fewer bits (\`dtype\`), a shorter context (\`contextLength\`), or the device wasm.`,
  );
}
