import {
  type CpuDetails,
  onnxRuntime,
  prepare,
  type WorkerOptions,
} from '@judge-decoding/backend-cpu/worker-parts';
import type { Model } from '@judge-decoding/core';
import type { GraphProgress } from '@judge-decoding/onnx/cache';
import { openDeviceModel } from '@judge-decoding/ort-session';
import { GPU_OPTIONS, HOST_OPTIONS } from './gpu-options.ts';
import { NodeGpuRuntime } from './gpu-runtime.ts';
import { testDevice } from './self-test.ts';

/** Opens a checkpoint, finds or builds its graph, and loads it in the calling thread. */
export async function openModel(
  options: WorkerOptions,
  onProgress: (progress: GraphProgress) => void,
): Promise<{ readonly model: Model; readonly details: CpuDetails }> {
  const [{ info, graph, config }, loaded] = await Promise.all([prepare(options, onProgress), onnxRuntime()]);
  const runtime = new NodeGpuRuntime(loaded);
  const { cacheFolder } = options;
  const { mostRows } = await testDevice(runtime, config, { dtype: graph.dtype, cacheFolder });
  const { layersOffered: _, ...facts } = info;
  const model = await openDeviceModel({
    runtime,
    graph: graph.graphFile,
    shape: graph.shape,
    info: { ...facts, prefillChunk: Math.min(facts.prefillChunk, mostRows) },
    sessionOptions: GPU_OPTIONS,
    hostOptions: HOST_OPTIONS,
  });
  return { model, details: { weights: graph.weights } };
}
