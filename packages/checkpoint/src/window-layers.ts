import { JudgeDecodingError } from '@judge-decoding/core';
import type { ConfigFields } from './config-fields.ts';

export interface LayerShape {
  readonly path: string;
  readonly layers: number;
}

export interface WindowLayers {
  readonly size: number;
  readonly layers: readonly number[];
}

export const allLayers = (layers: number): number[] => Array.from({ length: layers }, (_, layer) => layer);

const KINDS = ['full_attention', 'sliding_attention'];

/**
 * Which layers look back over a window: those that `layer_types` names, else those of the family's
 * own rule. `size` is the window's, `undefined` where the config has switched it off.
 */
export function windowLayers(
  fields: ConfigFields,
  { path, layers }: LayerShape,
  size: number | undefined,
  isWindowed: (layer: number) => boolean,
): WindowLayers | null {
  const types = fields.any('layer_types');
  if (types !== undefined) {
    const known = Array.isArray(types) && types.every((type) => KINDS.includes(type));
    if (!known) throw fields.refuse('layer_types', types, `Supported are ${KINDS.join(' and ')}.`);
    if (size === undefined && types.includes('sliding_attention')) {
      throw fields.refuse(
        'layer_types',
        types,
        'No `sliding_window` is on that its sliding layers could use.',
      );
    }
    if (types.length !== layers) {
      throw new JudgeDecodingError(
        'invalid-file',
        `\`${path}\` contradicts itself: layer_types has ${types.length} entries, num_hidden_layers is ${layers}.`,
      );
    }
  }
  const chosen = allLayers(layers).filter(
    types === undefined ? isWindowed : (layer) => types[layer] === 'sliding_attention',
  );
  return size === undefined || chosen.length === 0 ? null : { size, layers: chosen };
}
