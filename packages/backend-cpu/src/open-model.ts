import type { Model } from '@judge-decoding/core';
import type { GraphProgress } from '@judge-decoding/onnx/cache';
import { openOrtModel } from '@judge-decoding/ort-session';
import { onnxRuntime } from './onnx-runtime.ts';
import { prepare } from './prepare.ts';
import type { CpuDetails, WorkerOptions } from './protocol.ts';

/**
 * Idle threads look for work so long before they sleep: within a step there is always some, and
 * waking them would cost a tenth of it. Microseconds.
 */
const SHORT_SPIN = '50';

/** Opens a checkpoint, finds or builds its graph, and loads it in the calling thread. */
export async function openModel(
  options: WorkerOptions,
  onProgress: (progress: GraphProgress) => void,
): Promise<{ readonly model: Model; readonly details: CpuDetails }> {
  // the runtime's library is loaded meanwhile
  const [{ info, graph, threads }, runtime] = await Promise.all([
    prepare(options, onProgress),
    onnxRuntime(),
  ]);
  const exact = info.exact === true;
  const model = await openOrtModel({
    runtime,
    graph: exact ? graph.exactGraphFile! : graph.graphFile,
    // a row of a draft made in one run is summed in another order than in a pass
    draftGraph: exact ? undefined : graph.draftGraphFile,
    shape: graph.shape,
    info,
    exact: exact ? { pairedOutput: graph.pairedOutput } : undefined,
    sessionOptions: {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      extra: { session: { intra_op: spinningOf(options.spinning) } },
    },
  });
  return { model, details: { weights: graph.weights } };
}

const spinningOf = (spinning: boolean | undefined) =>
  spinning === undefined
    ? { allow_spinning: '1', spin_duration_us: SHORT_SPIN }
    : { allow_spinning: spinning ? '1' : '0' };
