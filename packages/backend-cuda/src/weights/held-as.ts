import { type Checkpoint, isBlockType, type TensorType } from '@judge-decoding/checkpoint';
import { invalidOption, JudgeDecodingError } from '@judge-decoding/core';
import type { HeldAs } from '../engine.ts';

/** What weights can be run as. `auto`: bf16, or int8 where the file is quantised. */
export const CUDA_DTYPES = ['auto', 'bf16', 'fp8', 'int8', 'int4'] as const;
export type CudaDtype = (typeof CUDA_DTYPES)[number];

export function checkDtype(dtype: string): CudaDtype {
  const known = CUDA_DTYPES.find((name) => name === dtype);
  if (known === undefined) throw invalidOption('dtype', `one of ${CUDA_DTYPES.join(', ')}`, dtype);
  return known;
}

/**
 * How the linear layers of a checkpoint are to be held. float16 does not fit bf16 (three bits of every
 * number would go), so that is refused by name; what is quantised in blocks has no kernel of its own
 * here, and eight bits a row keep it closest.
 */
export function heldAsFor({ name, tensors }: Pick<Checkpoint, 'name' | 'tensors'>, dtype: CudaDtype): HeldAs {
  const matrices = tensors.list().filter(({ shape }) => shape.length === 2);
  const ofType = (is: (type: TensorType) => boolean) => matrices.find(({ type }) => is(type));
  const heldAs: HeldAs = dtype === 'auto' ? (ofType(isBlockType) ? 'int8' : 'bf16') : dtype;
  const half = ofType((type) => type === 'F16');
  if (heldAs === 'bf16' && half !== undefined) {
    throw new JudgeDecodingError(
      'unsupported',
      `Expected weights of ${name} in bfloat16 or float32 to run as bf16, \`${half.name}\` is float16, and bf16 would drop three bits of every number. Use --dtype int8, fp8 or int4, or a bfloat16 copy of the model.`,
    );
  }
  return heldAs;
}
