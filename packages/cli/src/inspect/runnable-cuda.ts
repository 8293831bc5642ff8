import { type CudaDtype, plannedOnCuda } from '@judge-decoding/backend-cuda';
import type { Checkpoint } from '@judge-decoding/checkpoint';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { Runnable } from './runnable.ts';

const BITS = { bf16: 16, fp8: 8, int8: 8, int4: 4 } as const;

/** What the CUDA engine would hold; told without a GPU. */
export function runnableOnCuda(checkpoint: Checkpoint, dtype: CudaDtype): Runnable {
  try {
    const { heldAs, weightBytes, bytesPerToken, matrices } = plannedOnCuda(checkpoint, dtype);
    return {
      dtype,
      as: heldAs,
      weightBytes,
      bytesPerToken,
      matrices: matrices.map(({ stored, held, count }) => ({ stored, held, bits: BITS[held], count })),
    };
  } catch (error) {
    if (!JudgeDecodingError.is(error)) throw error;
    return { dtype, refused: error.message };
  }
}
