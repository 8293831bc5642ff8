import type { SamplingOptions } from '../sampling/sampling.ts';
import { exactMatch } from './exact.ts';
import { lossless } from './lossless.ts';
import { type Rule, rule } from './rule.ts';

/** Standard verification alone: exact match under greedy decoding, speculative sampling otherwise. Lossless. */
export const strict = ({ temperature }: Pick<SamplingOptions, 'temperature'>): Rule =>
  rule(temperature === 0 ? exactMatch() : lossless());
