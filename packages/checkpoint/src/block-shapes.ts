import { ELEMENT_BYTES } from './number-formats.ts';
import type { BlockType, ElementType, TensorType } from './tensor-source.ts';

/** How quantised elements are stored: so many share a block of so many bytes. */
export interface BlockShape {
  /** Elements of a row that share a block. */
  readonly elements: number;
  readonly bytes: number;
}

/** Blocks never cross the end of a row: a row has a whole number of them. */
export const BLOCK_SHAPES: Readonly<Record<BlockType, BlockShape>> = {
  Q4_0: { elements: 32, bytes: 18 },
  Q4_1: { elements: 32, bytes: 20 },
  Q5_0: { elements: 32, bytes: 22 },
  Q5_1: { elements: 32, bytes: 24 },
  Q8_0: { elements: 32, bytes: 34 },
  Q2_K: { elements: 256, bytes: 84 },
  Q3_K: { elements: 256, bytes: 110 },
  Q4_K: { elements: 256, bytes: 144 },
  Q5_K: { elements: 256, bytes: 176 },
  Q6_K: { elements: 256, bytes: 210 },
};

/** Whether elements of this type come in blocks (GGUF’s quantised types). */
export const isBlockType = (type: TensorType): type is BlockType => Object.hasOwn(BLOCK_SHAPES, type);

/** Elements and bytes of the smallest part that can be read alone: of an element type, one element. */
export const blockShape = (type: TensorType): BlockShape =>
  isBlockType(type) ? BLOCK_SHAPES[type] : { elements: 1, bytes: ELEMENT_BYTES[type as ElementType] };
