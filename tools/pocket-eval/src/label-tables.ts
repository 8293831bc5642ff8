import type { Domain } from '@judge-decoding/tasks';
import type { Ablation, FittedHead, LabelComparison, SignalFigures } from '@judge-decoding/train';

/** A head of one label source, with or without one domain. */
export interface SourceFigures {
  readonly name: string;
  readonly source: string;
  readonly left: Domain | undefined;
  readonly fitted?: FittedHead;
  readonly examples?: number;
  readonly signals?: readonly SignalFigures[];
  readonly failed?: string;
}

export interface LabelResult {
  readonly figures: readonly SourceFigures[];
  readonly comparisons: readonly {
    readonly name: string;
    /** Of the score that the labels are cut from, where there is one. */
    readonly scoreAuc: number;
    readonly solutions: number;
    /** How often two continuations of one mismatch say the same; NaN where each has one. */
    readonly withItself: number;
    readonly all: LabelComparison;
  }[];
  readonly ablations: readonly Ablation[];
}

const auc = (value: number) => (Number.isFinite(value) ? value.toFixed(3) : '–');
const share = (value: number) => (Number.isFinite(value) ? `${(100 * value).toFixed(1)} %` : '–');
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Everything as Markdown. */
export function labelTables({ figures, comparisons, ablations }: LabelResult): string {
  const whole = figures.filter(({ left }) => left === undefined);
  const parts = figures.filter(({ left }) => left !== undefined);
  return `${[
    '## Heads by their labels',
    table(
      [
        'labels',
        'fitted on',
        'AUC where strict rejects',
        'AUC, all tokens',
        'threshold',
        'wrong tokens stopped',
        'let in',
      ],
      whole.map(({ source, fitted, examples = 0, failed }) =>
        fitted === undefined
          ? [source, failed ?? '', '', '', '', '', '']
          : [
              source,
              examples,
              auc(fitted.figures.mismatches.auc),
              auc(fitted.figures.all.auc),
              fitted.head.threshold.toFixed(3),
              share(fitted.figures.mismatches.recall),
              share(fitted.figures.mismatches.admitted),
            ],
      ),
    ),
    '## A domain left out (AUC where strict rejects, on the domain that was left out)',
    table(
      ['labels', 'left out', 'with it', 'without it'],
      parts.map(({ source, left, fitted, failed }) => [
        source,
        left!,
        auc(
          whole.find((one) => one.source === source)?.fitted?.byDomain[left!]?.mismatches.auc ?? Number.NaN,
        ),
        fitted === undefined ? (failed ?? '') : auc(fitted.byDomain[left!]?.mismatches.auc ?? Number.NaN),
      ]),
    ),
    '## What one number of the target’s distribution tells (AUC where strict rejects)',
    table(
      ['number', 'likelier correct', 'AUC'],
      (whole.find(({ signals }) => signals !== undefined)?.signals ?? []).map((one) => [
        one.name,
        one.direction,
        auc(one.auc),
      ]),
    ),
    '## Cheap labels against the exact ones',
    table(
      [
        'labels',
        'answers',
        'tokens',
        'agree',
        'kappa',
        'wrong called correct',
        'of them taken back later',
        'correct called wrong',
        'after a mistake',
        'agree with themselves',
        'AUC of the score',
      ],
      comparisons.map(({ name, solutions, withItself, all, scoreAuc }) => [
        name,
        solutions,
        all.tokens,
        share((all.bothCorrect + all.bothWrong) / all.tokens),
        auc(all.kappa),
        `${all.calledCorrect} of ${all.calledCorrect + all.bothWrong}`,
        all.takenBack,
        `${all.calledWrong} of ${all.calledWrong + all.bothCorrect}`,
        all.afterMistake,
        share(withItself),
        auc(scoreAuc),
      ]),
    ),
    ...(ablations.length === 0
      ? []
      : [
          '## Ablations (exact labels, logistic regression; 95 % intervals over problems)',
          table(
            ['what', 'head', 'fitted on', 'numbers read', 'AUC where strict rejects', 'AUC, all tokens'],
            ablations.map(({ group, name, fitted, inputs, mismatches, all }) => [
              group,
              name,
              fitted,
              inputs,
              `${auc(mismatches.auc)} (${auc(mismatches.low)} to ${auc(mismatches.high)})`,
              `${auc(all.auc)} (${auc(all.low)} to ${auc(all.high)})`,
            ]),
          ),
        ]),
  ].join('\n\n')}\n`;
}
