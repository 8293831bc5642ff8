import type { Model, ModelInfo, OutputName } from '@judge-decoding/core';
import type { DecoderShape } from '@judge-decoding/onnx/interface';
import type { InferenceSession } from 'onnxruntime-common';
import type { Decoder, ExactPasses } from './decoder-run.ts';
import { DraftLoop } from './draft-loop.ts';
import { ortModel } from './model.ts';
import { RowTensors } from './row-tensors.ts';
import { type GraphSource, loadGraph, type OrtRuntime } from './runtime.ts';
import { sameAlone } from './same-alone.ts';
import { Tails } from './tails.ts';

export interface OpenOptions {
  /** onnxruntime-node, onnxruntime-web …: whatever is passed in runs the graph. */
  readonly runtime: OrtRuntime;
  /** Made by `buildDecoder`. */
  readonly graph: GraphSource;
  /** One made by `buildDraftLoop` over the same weights, for greedy drafts. */
  readonly draftGraph?: GraphSource | undefined;
  /** Whether `draftGraph` was made with `endsUnlikely`. */
  readonly endsUnlikely?: boolean;
  readonly shape: DecoderShape;
  readonly info: ModelInfo;
  /**
   * Given with a graph whose sums are exact: whether its output matrix is known to need two rows. Where a row alone
   * is found to have its bits anyway, nothing is read twice.
   */
  readonly exact?: Pick<ExactPasses, 'pairedOutput'> | undefined;
  /** Execution provider, threads and so on. */
  readonly sessionOptions?: InferenceSession.SessionOptions;
}

/** Everything a decoder graph can give. */
export const ORT_OUTPUTS: readonly OutputName[] = ['argmax', 'chosen', 'top', 'judge', 'hidden', 'logits'];

/** Loads a decoder graph; the sessions over it run in the calling thread. */
export async function openOrtModel(options: OpenOptions): Promise<Model & AsyncDisposable> {
  const { runtime, graph, draftGraph, endsUnlikely, shape, info, exact, sessionOptions = {} } = options;
  const session = await loadGraph(runtime, graph, sessionOptions);
  const decoder: Decoder = {
    runtime,
    session,
    shape,
    exact: exact === undefined ? undefined : { pairedRows: true, ...exact },
    rowTensors: new RowTensors(runtime, shape),
    draftLoop:
      draftGraph === undefined
        ? undefined
        : new DraftLoop(runtime, draftGraph, sessionOptions, shape, endsUnlikely),
  };
  const tools = {
    runtime,
    tails: new Tails(runtime, tailOptions(sessionOptions)),
  };
  const alone = exact !== undefined && (await sameAlone(decoder));
  return ortModel(alone ? { ...decoder, exact: SINGLE } : decoder, tools, info);
}

const SINGLE: ExactPasses = { pairedRows: false, pairedOutput: false };

/** Tails are too small to be worth a second thread, and an idle pool that spins costs the decoder its core. */
const tailOptions = (options: InferenceSession.SessionOptions): InferenceSession.SessionOptions => ({
  ...options,
  intraOpNumThreads: 1,
});
