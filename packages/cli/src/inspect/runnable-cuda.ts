import { type CudaDtype, type HeldAs, plannedOnCuda } from '@judge-decoding/backend-cuda';
import type { Checkpoint } from '@judge-decoding/checkpoint';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { Runnable } from './runnable.ts';

const BITS: Readonly<Record<HeldAs, number>> = {
  ...{ bf16: 16, fp16: 16 },
  ...{ fp8: 8, int8: 8, q8_0: 8 },
  ...{ int4: 4, q4_0: 4 },
};

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
