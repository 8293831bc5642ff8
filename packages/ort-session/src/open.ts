import type { Model, ModelInfo, OutputName } from '@judge-decoding/core';
import type { DecoderShape } from '@judge-decoding/onnx/interface';
import type { InferenceSession } from 'onnxruntime-common';
import type { ExactPasses } from './decoder-run.ts';
import { DraftLoop } from './draft-loop.ts';
import { ortModel } from './model.ts';
import { RowTensors } from './row-tensors.ts';
import { type GraphSource, loadGraph, type OrtRuntime } from './runtime.ts';
import { Tails } from './tails.ts';

export interface OpenOptions {
  /** onnxruntime-node, onnxruntime-web …: whatever is passed in runs the graph. */
  readonly runtime: OrtRuntime;
  /** Made by `buildDecoder`. */
  readonly graph: GraphSource;
  /** One made by `buildDraftLoop` over the same weights, for greedy drafts. */
  readonly draftGraph?: GraphSource | undefined;
  readonly shape: DecoderShape;
  readonly info: ModelInfo;
  /** Given with a graph whose sums are exact. */
  readonly exact?: ExactPasses | undefined;
  /** Execution provider, threads and so on. */
  readonly sessionOptions?: InferenceSession.SessionOptions;
}

/** Everything a decoder graph can give. */
export const ORT_OUTPUTS: readonly OutputName[] = ['argmax', 'chosen', 'top', 'judge', 'hidden', 'logits'];

/** Loads a decoder graph; the sessions over it run in the calling thread. */
export async function openOrtModel(options: OpenOptions): Promise<Model> {
  const { runtime, graph, draftGraph, shape, info, exact, sessionOptions = {} } = options;
  const session = await loadGraph(runtime, graph, sessionOptions);
  const decoder = {
    runtime,
    session,
    shape,
    exact,
    rowTensors: new RowTensors(runtime, shape),
    draftLoop:
      draftGraph === undefined ? undefined : new DraftLoop(runtime, draftGraph, sessionOptions, shape),
  };
  const tools = {
    runtime,
    tails: new Tails(runtime, tailOptions(sessionOptions)),
  };
  return ortModel(decoder, tools, info);
}

/** Tails are too small to be worth a second thread, and an idle pool that spins costs the decoder its core. */
const tailOptions = (options: InferenceSession.SessionOptions): InferenceSession.SessionOptions => ({
  ...options,
  intraOpNumThreads: 1,
});
