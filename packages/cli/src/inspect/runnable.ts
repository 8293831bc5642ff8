import type { Checkpoint } from '@judge-decoding/checkpoint';
import { JudgeDecodingError } from '@judge-decoding/core';
import { buildDecoder, DECODER_DTYPES, type DecoderDtype } from '@judge-decoding/onnx';
import { MOST_CONTEXT_BY_DEFAULT } from '../options/model-flags.ts';
import type { Backends } from '../pair/backends.ts';

/** What a backend makes of a model's weights when it is asked for one dtype. */
export type Runnable =
  | {
      readonly dtype: string;
      /** What `auto` comes to; otherwise the dtype itself. */
      readonly as: string;
      /** All weights, as the graph holds them. Bytes. */
      readonly weightBytes: number;
      /** Those that one token is multiplied by. Bytes. */
      readonly bytesPerToken: number;
      /** Stored type, bits in the graph, and how many matrices. */
      readonly matrices: readonly {
        readonly stored: string;
        readonly bits: number;
        readonly count: number;
      }[];
    }
  | { readonly dtype: string; readonly refused: string };

export interface RunnableOn {
  readonly backend: string;
  readonly dtypes: readonly Runnable[];
}

/** Plans the graph for every dtype of every backend, as opening the model would; reads no weights. */
export function runnableOn(checkpoint: Checkpoint, backends: Backends): readonly RunnableOn[] {
  return Object.entries(backends).map(([backend, { dtypes }]) => ({
    backend,
    dtypes: dtypes.filter(isDecoderDtype).map((dtype) => runnable(checkpoint, dtype)),
  }));
}

const isDecoderDtype = (dtype: string): dtype is DecoderDtype =>
  (DECODER_DTYPES as readonly string[]).includes(dtype);

function runnable(checkpoint: Checkpoint, dtype: DecoderDtype): Runnable {
  try {
    const contextLength = Math.min(checkpoint.config.contextLength, MOST_CONTEXT_BY_DEFAULT);
    const graph = buildDecoder(checkpoint, { dtype, contextLength });
    const { carried, bytesPerToken } = graph.report();
    return {
      dtype,
      as: graph.dtype,
      weightBytes: graph.weights.reduce((sum, { byteLength }) => sum + byteLength, 0),
      bytesPerToken,
      matrices: carried.map(({ stored, bits, matrices }) => ({ stored, bits, count: matrices })),
    };
  } catch (error) {
    if (!JudgeDecodingError.is(error)) throw error;
    return { dtype, refused: error.message };
  }
}
