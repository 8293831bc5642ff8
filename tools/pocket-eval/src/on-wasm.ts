import { openCheckpoint } from '@judge-decoding/checkpoint';
import type { Model } from '@judge-decoding/core';
import { buildDecoder, decoderInfo, type RunDtype, weightsInMemory } from '@judge-decoding/onnx';
import { openOrtModel } from '@judge-decoding/ort-session';

/** Asks for a dtype as pages have it on the device `wasm`: `int8-wasm`. */
const ON_WASM = /^(fp32|int8|int4)-wasm$/;

/** The type of a dtype that is to run in WebAssembly; `undefined` for others. */
export const dtypeOnWasm = (dtype: string): RunDtype | undefined =>
  ON_WASM.exec(dtype)?.[1] as RunDtype | undefined;

/** A checkpoint as a page runs it on the device `wasm`, in this process and on one thread. */
export async function openOnWasm(folder: string, dtype: RunDtype): Promise<Model & AsyncDisposable> {
  const runtime = await import('onnxruntime-web/wasm');
  runtime.env.wasm.numThreads = 1;
  const checkpoint = await openCheckpoint(folder);
  try {
    const graph = buildDecoder(checkpoint, { dtype, provider: 'wasm' });
    const { model, weightsFile, shape } = graph;
    return await openOrtModel({
      runtime,
      graph: { model, weightsFile, weights: await weightsInMemory(graph) },
      shape,
      info: await decoderInfo(checkpoint, graph, { device: 'wasm', prefillChunk: 64, exact: false }),
      sessionOptions: { executionProviders: ['wasm'], logSeverityLevel: 3 },
    });
  } finally {
    await checkpoint.dispose();
  }
}
