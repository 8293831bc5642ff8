import { exactMatch } from './base-exact.ts';
import { lossless } from './base-lossless.ts';
import { type Rule, rule } from './rule.ts';
import type { SamplingOptions } from './sampling.ts';

/** Standard verification alone: exact match under greedy decoding, speculative sampling otherwise. Lossless. */
export const strict = ({ temperature }: Pick<SamplingOptions, 'temperature'>): Rule =>
  rule(temperature === 0 ? exactMatch() : lossless());
