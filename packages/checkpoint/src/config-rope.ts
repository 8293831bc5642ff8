import { JudgeDecodingError } from '@judge-decoding/core';
import { type ConfigFields, fieldsOf } from './config-fields.ts';
import { isObject } from './json-file.ts';
import type { Rope, RopeScaling } from './model-config.ts';

export interface ConfigRope {
  /** Of the layers that see the whole text. */
  readonly whole: Rope;
  /** Of window layers; the same object where a family turns all layers alike. */
  readonly windowed: Rope;
}

/**
 * All spellings: `rope_theta` with `rope_scaling`, the newer `rope_parameters` that holds both, and
 * in a family whose window layers turn otherwise `rope_parameters` for each kind of layer.
 */
export function readRope(
  path: string,
  fields: ConfigFields,
  absentTheta: number,
  windowTheta?: (fields: ConfigFields) => number,
): ConfigRope {
  const newer = fields.any('rope_parameters');
  const older = fields.any('rope_scaling');
  const theta = fields.positive('rope_theta', absentTheta);
  if (windowTheta === undefined) {
    const name = newer === undefined ? 'rope_scaling' : 'rope_parameters';
    const whole = ropeFrom(path, fields, name, newer ?? older, theta);
    return { whole, windowed: whole };
  }
  const local = windowTheta(fields);
  if (newer === undefined) {
    const whole = ropeFrom(path, fields, 'rope_scaling', older, theta);
    return { whole, windowed: { theta: local, scaling: null } };
  }
  if (!isObject(newer)) throw fields.refuse('rope_parameters', newer, 'Expected an object of two kinds.');
  const kinds = fieldsOf(path, newer, 'rope_parameters.');
  const of = (kind: string, fallback: number) =>
    ropeFrom(path, kinds, kind, kinds.any(kind), fallback, `rope_parameters.${kind}`);
  const rope = { whole: of('full_attention', theta), windowed: of('sliding_attention', local) };
  const unread = kinds.unread()[0];
  if (unread === undefined) return rope;
  throw kinds.refuse(unread, newer[unread], 'Expected `full_attention` and `sliding_attention`.');
}

function ropeFrom(
  path: string,
  fields: ConfigFields,
  name: string,
  value: unknown,
  absentTheta: number,
  full = name,
): Rope {
  if (value === undefined) return { theta: absentTheta, scaling: null };
  if (!isObject(value)) throw fields.refuse(name, value, 'Expected an object with `rope_type`.');
  const inner = fieldsOf(path, value, `${full}.`);
  const theta = inner.positive('rope_theta', absentTheta);
  // files written before 2024 say `type`
  const type = inner.text('rope_type', inner.text('type', 'default'));
  if (inner.any('partial_rotary_factor') !== undefined && inner.any('partial_rotary_factor') !== 1) {
    throw inner.refuse(
      'partial_rotary_factor',
      value.partial_rotary_factor,
      'Use a model that rotates whole heads.',
    );
  }
  const scaling = readScaling(path, type, inner);
  const unread = inner.unread()[0];
  if (unread !== undefined) {
    throw inner.refuse(unread, value[unread], `Scaling of type \`${type}\` has no such field here.`);
  }
  return { theta, scaling };
}

function readScaling(path: string, type: string, fields: ConfigFields): RopeScaling | null {
  switch (type) {
    case 'default':
      return null;
    case 'linear':
      return { type: 'linear', factor: fields.positive('factor') };
    case 'llama3': {
      const scaling: RopeScaling = {
        type: 'llama3',
        factor: fields.positive('factor'),
        lowFrequencyFactor: fields.positive('low_freq_factor'),
        highFrequencyFactor: fields.positive('high_freq_factor'),
        originalContextLength: fields.count('original_max_position_embeddings'),
      };
      if (scaling.highFrequencyFactor > scaling.lowFrequencyFactor) return scaling;
      throw new JudgeDecodingError(
        'invalid-file',
        `\`${path}\` contradicts itself: high_freq_factor of the rope scaling must be above low_freq_factor.`,
      );
    }
    default:
      throw fields.refuse('rope_type', type, 'Supported are `default`, `linear` and `llama3`.');
  }
}
