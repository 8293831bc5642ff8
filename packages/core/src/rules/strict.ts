import type { SamplingOptions } from '../sampling/sampling.ts';
import { exactMatch } from './exact.ts';
import { lossless } from './lossless.ts';
import { type Rule, rule } from './rule.ts';
import { baseRow } from './rule-row.ts';

/** Standard verification alone: exact match under greedy decoding, speculative sampling otherwise. Lossless. */
export const strict = ({ temperature }: Pick<SamplingOptions, 'temperature'>): Rule =>
  rule(temperature === 0 ? exactMatch() : lossless());

export const STRICT = baseRow({
  name: 'strict',
  parameters: [],
  sentence: 'the target’s own text: exact match when greedy, speculative sampling otherwise',
  source: 'Leviathan et al. 2023',
  lossless: true,
  build: (_, { sampling }) => strict(sampling).base,
});
