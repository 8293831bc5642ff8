import type { TokenProblem } from '@judge-decoding/tasks';
import { type ExactOptions, exactLabels } from './exact.ts';
import { estimateLabels, type LabelEstimate, type LabelWithOptions, labelWith } from './labeller.ts';

export interface LabelOptions extends ExactOptions, Omit<LabelWithOptions<TokenProblem>, 'source'> {}

/** `labelWith` by `exactLabels`. */
export const labelSolutions = (options: LabelOptions): Promise<void> =>
  labelWith({ ...options, source: exactLabels(options) });

/** `estimateLabels` by `exactLabels`. */
export const estimateLabelling = (
  options: LabelOptions,
  how: { readonly now: () => number; readonly tried?: number },
): Promise<LabelEstimate> => estimateLabels({ ...options, source: exactLabels(options) }, how);
