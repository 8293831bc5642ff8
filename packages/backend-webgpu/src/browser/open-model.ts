import { openCheckpointFrom } from '@judge-decoding/checkpoint/browser';
import type { Model } from '@judge-decoding/core';
import {
  buildDecoder,
  buildDraftLoop,
  type DecoderOptions,
  decoderInfo,
  defaultThreads,
  hasDraftLoop,
  weightsInMemory,
} from '@judge-decoding/onnx';
import { openOrtModel } from '@judge-decoding/ort-session';
import type { ModelDetails, OpenProgress, WorkerOptions } from './protocol.ts';
import { loadRuntime, mostThreads } from './runtime.ts';
import { receivedSource } from './source.ts';

/** As in `backend-cpu`: more are no faster, and attention's scores over a long past take more memory. */
const PREFILL_CHUNK = 64;

/** Opens a checkpoint, builds its graph in memory, and loads it in the calling thread. */
export async function openModel(
  options: WorkerOptions,
  onProgress: (progress: OpenProgress) => void,
): Promise<{ readonly model: Model; readonly details: ModelDetails }> {
  const checkpoint = await openCheckpointFrom(await receivedSource(options.location));
  try {
    const { config } = checkpoint;
    const threads = Math.min(options.threads ?? defaultThreads(config, mostThreads()), mostThreads());
    const runtime = loadRuntime({ device: options.device, threads, runtimeFiles: options.runtimeFiles });
    const contextLength = Math.min(options.contextLength ?? config.contextLength, config.contextLength);
    const decoderOptions: DecoderOptions = { contextLength, dtype: options.dtype ?? 'auto' };
    const plain = buildDecoder(checkpoint, decoderOptions);
    const exact = options.exact === true || (options.exact === 'quantised' && plain.dtype !== 'fp32');
    const graph = exact ? buildDecoder(checkpoint, { ...decoderOptions, exact }) : plain;
    const weights = await weightsInMemory(graph, { onProgress });
    const source = (model: Uint8Array) => ({ model, weightsFile: graph.weightsFile, weights });
    const info = await decoderInfo(checkpoint, graph, {
      device: options.device,
      prefillChunk: options.prefillChunk ?? PREFILL_CHUNK,
      exact,
    });
    const model = await openOrtModel({
      runtime: await runtime,
      graph: source(graph.model),
      // a row of a draft made in one run is summed in another order than in a pass
      draftGraph:
        exact || !hasDraftLoop(graph) ? undefined : source(buildDraftLoop(checkpoint, decoderOptions).model),
      shape: graph.shape,
      info,
      exact: exact ? { pairedOutput: graph.pairedOutput } : undefined,
      sessionOptions: { executionProviders: ['wasm'], logSeverityLevel: 3 },
    });
    return { model, details: { weights: graph.report(), threads } };
  } finally {
    await checkpoint.dispose();
  }
}
