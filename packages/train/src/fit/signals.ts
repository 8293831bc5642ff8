import type { FeatureSet } from '../features/feature-set.ts';
import type { Examples } from './examples.ts';
import { rocAuc } from './roc-auc.ts';

/** What one number tells by itself. */
export interface SignalFigures {
  readonly name: string;
  /** The number, larger where a token is likelier correct by the rule that reads it. */
  readonly direction: string;
  /** ROC-AUC; NaN where the features lack it, or a class is missing. */
  readonly auc: number;
}

/** Numbers that rules without a head read, as scores of the tokens that they are asked about. */
export function signalFigures({ columns }: FeatureSet, examples: Examples): readonly SignalFigures[] {
  const of = (name: string, direction: string, score: (row: number) => number): SignalFigures => {
    const scores = Float64Array.from(examples.row, score);
    const known = scores.every((value) => !Number.isNaN(value));
    return { name, direction, auc: known ? rocAuc(scores, examples.correct) : Number.NaN };
  };
  return [
    of('top-1 probability', 'the smaller', (row) => -columns.topLogProb[row]!),
    of('entropy', 'the larger', (row) => columns.entropy[row]!),
    of('ln p(token)', 'the larger', (row) => columns.chosen[row]!),
    of('KL of target and draft', 'the smaller', (row) => -columns.divergence[row]!),
    of('second logit over first (MARS)', 'the larger', (row) => columns.topRatio[row]!),
  ];
}
