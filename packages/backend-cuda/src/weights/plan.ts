import {
  expectedTensors,
  isBlockType,
  type ModelConfig,
  type TensorInfo,
  type TensorType,
} from '@judge-decoding/checkpoint';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { HeldAs, SourceType, TensorRole } from '../engine.ts';
import { holdsExactly } from './held-as.ts';
import { roundedRows } from './quantise.ts';

/** What a matrix is for: its product in a layer, the logits, or the rows that tokens begin as. */
export type Use = 'layer' | 'output' | 'lookup';

/** As embeddings are looked up: as they are handed over, but float32, of which bf16 is kept. */
const LOOKED_UP: Readonly<Record<SourceType, HeldAs>> = {
  BF16: 'bf16',
  F16: 'fp16',
  F32: 'bf16',
  Q8_0: 'q8_0',
  Q4_0: 'q4_0',
};

/** The type in which a matrix for `use`, handed over as `source`, is held where layers are held as `heldAs`. */
export function heldFor(use: Use, heldAs: HeldAs, source: SourceType): HeldAs {
  if (use === 'lookup') return LOOKED_UP[source];
  if (use === 'layer') return heldAs;
  // four bits of the output matrix would cost more accuracy than they spare time
  return heldAs === 'int4' ? 'int8' : heldAs === 'q4_0' ? 'q8_0' : heldAs;
}

/** Rows of a matrix for `use` as the device holds them, as float32. [rows, cols] */
export const heldRows = (
  values: Float32Array,
  cols: number,
  use: Use,
  heldAs: HeldAs,
  stored: TensorType,
): Float32Array => {
  const held = heldFor(use, heldAs, sourceFor(stored));
  return holdsExactly(held, stored) ? values : roundedRows(values, cols, held);
};

/** One tensor of a checkpoint and what it is to the engine. */
export interface PlannedTensor {
  readonly info: TensorInfo;
  readonly role: TensorRole;
  readonly layer: number;
  readonly rows: number;
  readonly cols: number;
  /** As it is handed over: as stored, but for blocks that the engine does not read, which are widened. */
  readonly source: SourceType;
  /** What the device holds of it; an embedding that is the output matrix, too, is held twice. Vectors are float32. */
  readonly held: readonly Use[];
}

const OUTSIDE: Readonly<Record<string, TensorRole>> = {
  'model.embed_tokens.weight': 'embedding',
  'model.norm.weight': 'final-norm',
  'lm_head.weight': 'output',
};

const INSIDE: Readonly<Record<string, TensorRole>> = {
  'input_layernorm.weight': 'attention-norm',
  'post_attention_layernorm.weight': 'feed-forward-norm',
  'self_attn.q_proj.weight': 'q',
  'self_attn.k_proj.weight': 'k',
  'self_attn.v_proj.weight': 'v',
  'self_attn.o_proj.weight': 'o',
  'self_attn.q_proj.bias': 'q-bias',
  'self_attn.k_proj.bias': 'k-bias',
  'self_attn.v_proj.bias': 'v-bias',
  'self_attn.o_proj.bias': 'o-bias',
  'self_attn.q_norm.weight': 'q-norm',
  'self_attn.k_norm.weight': 'k-norm',
  'mlp.gate_proj.weight': 'gate',
  'mlp.up_proj.weight': 'up',
  'mlp.down_proj.weight': 'down',
};

const LAYER: ReadonlySet<TensorRole> = new Set(['q', 'k', 'v', 'o', 'gate', 'up', 'down']);

/** Every tensor of a model in the order of use; refuses one that the engine has no place or type for. */
export function planOf(config: ModelConfig, infoOf: (name: string) => TensorInfo): readonly PlannedTensor[] {
  return expectedTensors(config).map(({ name, shape }) => {
    const place = placeOf(name);
    if (place === undefined) {
      throw new JudgeDecodingError(
        'unsupported',
        `The CUDA engine has no place for the tensor \`${name}\`. Use --backend cpu for this model.`,
      );
    }
    const info = infoOf(name);
    return {
      ...place,
      info,
      rows: shape[0]!,
      cols: shape[1] ?? 1,
      source: sourceOf(info),
      held: usesOf(place.role, config.tiedEmbeddings),
    };
  });
}

function usesOf(role: TensorRole, tied: boolean): readonly Use[] {
  if (LAYER.has(role)) return ['layer'];
  if (role === 'output') return ['output'];
  if (role === 'embedding') return tied ? ['lookup', 'output'] : ['lookup'];
  return [];
}

function placeOf(name: string): { readonly role: TensorRole; readonly layer: number } | undefined {
  const inLayer = /^model\.layers\.(\d+)\.(.+)$/.exec(name);
  const role = inLayer === null ? OUTSIDE[name] : INSIDE[inLayer[2]!];
  return role === undefined ? undefined : { role, layer: inLayer === null ? 0 : Number(inLayer[1]) };
}

const READ: readonly TensorType[] = ['BF16', 'F16', 'F32', 'Q8_0', 'Q4_0'] satisfies SourceType[];

const sourceFor = (stored: TensorType): SourceType =>
  READ.includes(stored) ? (stored as SourceType) : 'F32';

function sourceOf({ name, type }: TensorInfo): SourceType {
  if (READ.includes(type) || isBlockType(type)) return sourceFor(type);
  throw new JudgeDecodingError(
    'unsupported',
    `Expected \`${name}\` to be stored as BF16, F16, F32 or in blocks, it is ${type}. Use another copy of the model.`,
  );
}
