import type { Checkpoint } from '@judge-decoding/checkpoint';
import { JudgeDecodingError } from '@judge-decoding/core';
import { buildDecoder, type DecoderDtype } from '@judge-decoding/onnx';
import { MOST_CONTEXT_BY_DEFAULT } from '../options/model-flags.ts';
import type { Runnable } from './runnable.ts';

/** Plans the graph that ONNX Runtime would run. */
export function runnableGraph(checkpoint: Checkpoint, dtype: DecoderDtype): Runnable {
  try {
    const contextLength = Math.min(checkpoint.config.contextLength, MOST_CONTEXT_BY_DEFAULT);
    const graph = buildDecoder(checkpoint, { dtype, contextLength });
    const { carried, bytesPerToken } = graph.report();
    return {
      dtype,
      as: graph.dtype,
      weightBytes: graph.weights.reduce((sum, { byteLength }) => sum + byteLength, 0),
      bytesPerToken,
      matrices: carried.map(({ stored, bits, matrices }) => ({
        stored,
        held: bits === 32 ? '32-bit floats' : `blocks of ${bits} bits`,
        bits,
        count: matrices,
      })),
    };
  } catch (error) {
    if (!JudgeDecodingError.is(error)) throw error;
    return { dtype, refused: error.message };
  }
}
