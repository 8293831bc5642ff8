import { type Checkpoint, expectedTensors, type ModelConfig } from '@judge-decoding/checkpoint/browser';
import { JudgeDecodingError } from '@judge-decoding/core';
import { STORED_BLOCKS } from './stored-blocks.ts';

/** What a graph's matrices may be asked to be. */
export const DECODER_DTYPES = ['auto', 'fp32', 'int8', 'int4'] as const;

/**
 * - `fp32`: every weight a float32.
 * - `int8`: matrices in blocks of at most eight bits. What a GGUF file has in blocks stays as it is, but
 *   for Q6_K, whose products go in longer blocks (0.6 %), and minimums of blocks (0.04 %). In WebAssembly
 *   products are of whole numbers, with one scale for each output (about 1 %), and inputs are rounded.
 * - `int4`: matrices in blocks of four bits. What a file has in blocks of four or less stays as it is.
 * - `auto`: a quantised file as `int8` says; float32 for a checkpoint of floats, `int8` where
 *   float32 would take more than a gigabyte.
 */
export type DecoderDtype = (typeof DECODER_DTYPES)[number];

/** The widest type that a graph multiplies by: with the weights' fingerprint it tells its numbers. */
export type RunDtype = Exclude<DecoderDtype, 'auto'>;

/** Above this a checkpoint of floats is not run in float32 unless asked. */
const LARGEST_FLOATS = 1 << 30;

const matricesOf = (config: ModelConfig) => expectedTensors(config).filter(({ shape }) => shape.length === 2);

const floatBytes = (config: ModelConfig): number =>
  matricesOf(config).reduce((sum, { shape }) => sum + 4 * shape[0]! * shape[1]!, 0);

/** Whether a model's matrices take no more than a gigabyte as float32. */
export const floatsFit = (config: ModelConfig): boolean => floatBytes(config) <= LARGEST_FLOATS;

/** Up to so many bytes as float32 a model's inputs are rounded to one digit in products of whole numbers. */
const ONE_DIGIT = 64e6;

/**
 * Digits of eight bits for the inputs of products of whole numbers: one where rows are bound by arithmetic, two in models whose
 * matrices are waited for. There the second costs a single row next to nothing, and one is not enough.
 */
export const inputDigits = (config: ModelConfig): 1 | 2 => (floatBytes(config) <= ONE_DIGIT ? 1 : 2);

/** Most bits of a matrix element, or 32 for floats. Refuses what the CPU cannot run. */
export function dtypeBits(
  { config, tensors }: Pick<Checkpoint, 'config' | 'tensors'>,
  dtype: DecoderDtype = 'auto',
): 4 | 8 | 32 {
  switch (dtype) {
    case 'fp32':
      return 32;
    case 'int8':
      return 8;
    case 'int4':
      return 4;
    case 'auto': {
      const stored = matricesOf(config).some(
        ({ name }) => STORED_BLOCKS[tensors.info(name).type] !== undefined,
      );
      return stored || !floatsFit(config) ? 8 : 32;
    }
    default:
      throw new JudgeDecodingError(
        'invalid-option',
        dtype === 'fp16' || dtype === 'bf16'
          ? `Expected \`dtype\` to be one of ${DECODER_DTYPES.join(', ')}, got ${dtype}: there is no graph of 16-bit floats for the CPU. Use fp32, which keeps every ${dtype} weight exactly, or int8, which reads half as much as ${dtype}.`
          : `Expected \`dtype\` to be one of ${DECODER_DTYPES.join(', ')}, got ${JSON.stringify(dtype)}.`,
      );
  }
}
