import { expectedTensors, isBlockType, type ModelConfig, type TensorInfo } from '@judge-decoding/checkpoint';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { HeldAs, SourceType, TensorRole } from '../engine.ts';
import { roundedRows } from './quantise.ts';

/** What a matrix is for: its product in a layer, the logits, or the rows that tokens begin as. */
export type Use = 'layer' | 'output' | 'lookup';

/** The type in which a matrix for `use` is held where layers are held as `heldAs`. */
export function heldFor(use: Use, heldAs: HeldAs): HeldAs {
  if (use === 'lookup') return 'bf16';
  // four bits of the output matrix would cost more accuracy than they spare time
  return use === 'output' && heldAs === 'int4' ? 'int8' : heldAs;
}

/** Rows of a matrix for `use` as the device holds them, as float32. [rows, cols] */
export const heldRows = (values: Float32Array, cols: number, use: Use, heldAs: HeldAs): Float32Array =>
  roundedRows(values, cols, heldFor(use, heldAs));

/** One tensor of a checkpoint and what it is to the engine. */
export interface PlannedTensor {
  readonly info: TensorInfo;
  readonly role: TensorRole;
  readonly layer: number;
  readonly rows: number;
  readonly cols: number;
  /** As it is handed over: as stored, but for blocks, which are widened. */
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

function sourceOf({ name, type }: TensorInfo): SourceType {
  if (type === 'BF16' || type === 'F16' || type === 'F32') return type;
  if (isBlockType(type)) return 'F32';
  throw new JudgeDecodingError(
    'unsupported',
    `Expected \`${name}\` to be stored as BF16, F16, F32 or in blocks, it is ${type}. Use another copy of the model.`,
  );
}
