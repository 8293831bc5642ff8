import { type Checkpoint, isBlockType, type TensorInfo, type TensorType } from '@judge-decoding/checkpoint';
import { invalidOption, JudgeDecodingError } from '@judge-decoding/core';
import type { HeldAs } from '../engine.ts';

/** What weights can be run as. `auto`: what holds the file's as they are, else int8 where it is quantised, else bf16. */
export const CUDA_DTYPES = ['auto', 'bf16', 'fp16', 'fp8', 'int8', 'int4', 'q8_0', 'q4_0'] as const;
export type CudaDtype = (typeof CUDA_DTYPES)[number];

export function checkDtype(dtype: string): CudaDtype {
  const known = CUDA_DTYPES.find((name) => name === dtype);
  if (known === undefined) throw invalidOption('dtype', `one of ${CUDA_DTYPES.join(', ')}`, dtype);
  return known;
}

/** Stored types whose every value a type of weights holds. Steps of four bits are steps of eight bits, too. */
const HOLDS: Readonly<Partial<Record<HeldAs, readonly TensorType[]>>> = {
  bf16: ['BF16'],
  fp16: ['F16'],
  q8_0: ['Q8_0', 'Q4_0'],
  q4_0: ['Q4_0'],
};

export const holdsExactly = (heldAs: HeldAs, stored: TensorType): boolean =>
  HOLDS[heldAs]?.includes(stored) ?? false;

/** In the order in which `auto` looks for one that holds every layer as it is: fewer bits first. */
const EXACT_FIRST = ['q4_0', 'q8_0', 'fp16', 'bf16'] as const satisfies readonly HeldAs[];

/** Sixteen bits of one kind do not hold the other: bf16 drops bits of every float16 number, fp16 has not its range. */
const OTHER_HALF = { bf16: 'F16', fp16: 'BF16' } as const;

/**
 * How the linear layers of a checkpoint are to be held. Sixteen bits are not made other sixteen bits: that is refused
 * by name. Blocks that have no format of their own here are rounded anew, where eight bits a row keep them closest.
 */
export function heldAsFor({ name, tensors }: Pick<Checkpoint, 'name' | 'tensors'>, dtype: CudaDtype): HeldAs {
  const matrices = tensors.list().filter(({ shape }) => shape.length === 2);
  const heldAs = dtype === 'auto' ? closest(matrices) : dtype;
  if (heldAs !== 'bf16' && heldAs !== 'fp16') return heldAs;
  const other = matrices.find(({ type }) => type === OTHER_HALF[heldAs]);
  if (other === undefined) return heldAs;
  const [expected, is, lost, use] =
    heldAs === 'bf16'
      ? ['bfloat16 or float32', 'float16', 'bf16 would drop three bits of every number', 'fp16, int8']
      : ['float16 or float32', 'bfloat16', 'fp16 has not its range', 'bf16, int8'];
  throw new JudgeDecodingError(
    'unsupported',
    `Expected weights of ${name} in ${expected} to run as ${heldAs}, \`${other.name}\` is ${is}, and ${lost}. Use --dtype ${use}, fp8 or int4.`,
  );
}

function closest(matrices: readonly TensorInfo[]): HeldAs {
  // the embedding is looked up as it is stored; the output matrix of a file of blocks often has more bits than its layers
  const layers = matrices.filter(({ name }) => name.startsWith('model.layers.'));
  const all = layers.length > 0 ? layers : matrices;
  const exact = EXACT_FIRST.find((heldAs) => all.every(({ type }) => holdsExactly(heldAs, type)));
  return exact ?? (all.some(({ type }) => isBlockType(type)) ? 'int8' : 'bf16');
}
