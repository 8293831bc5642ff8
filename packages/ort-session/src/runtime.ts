import { JudgeDecodingError } from '@judge-decoding/core';
import type { InferenceSession, InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common';

/** The parts of onnxruntime-node or onnxruntime-web that are used; the caller chooses which. */
export interface OrtRuntime {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

/** A graph: its path, with the weights beside it, or its bytes and those of its weights file. */
export type GraphSource =
  | string
  | { readonly model: Uint8Array; readonly weightsFile: string; readonly weights: Uint8Array };

/** Loads a graph; what the runtime throws has the code `device`. */
export async function loadGraph(
  runtime: OrtRuntime,
  graph: GraphSource,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  try {
    if (typeof graph === 'string') return await runtime.InferenceSession.create(graph, options);
    const externalData = [{ path: graph.weightsFile, data: graph.weights }];
    return await runtime.InferenceSession.create(graph.model, { ...options, externalData });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : cause;
    throw new JudgeDecodingError(
      'device',
      typeof graph === 'string'
        ? `Expected ONNX Runtime to load ${graph}, got: ${message}. A damaged graph is written again once its folder is deleted.`
        : `Expected ONNX Runtime to load a decoder of ${graph.weights.byteLength} bytes, got: ${message}.`,
      { cause },
    );
  }
}

export type { InferenceSession };
