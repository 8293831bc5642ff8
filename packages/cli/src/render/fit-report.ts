import type { Figures, FitReport, HeadFigures } from '@judge-decoding/train';
import type { Paint } from './paint.ts';
import { type Column, table } from './table.ts';
import { wrap } from './wrap.ts';

const COLUMNS: readonly Column[] = [
  { title: 'head', align: 'left' },
  { title: 'threshold', align: 'right' },
  { title: 'AUC', align: 'right' },
  { title: 'wrong stopped', align: 'right' },
  { title: 'right stopped', align: 'right' },
];

/** Below this many wrong tokens a threshold is little more than a guess. */
const FEWEST_WRONG = 30;

/** What fitting came to, the prose broken to `width`; `train`'s own Markdown has every figure. */
export function fitReportLines(
  { heads, controls, examples }: FitReport,
  paint: Paint,
  width: number,
): readonly string[] {
  const rows = [
    ...heads.map(({ name, head, figures }) => row(name, head.threshold, figures)),
    ...controls.logits.map(({ withChosen, threshold, figures }) =>
      row(withChosen ? 'logits and the token’s' : 'logits', threshold, figures),
    ),
  ];
  const lines: string[] = [];
  const [first] = heads;
  if (first !== undefined) {
    const { tokens, wrong } = first.figures.mismatches;
    lines.push(
      `Where standard verification rejects, on the calibration problems: ${tokens} tokens, ${wrong} of them wrong. ` +
        'They chose the thresholds, too: on other problems expect a little less.',
    );
  }
  lines.push(
    'The rows of logits are no heads: they show how far the target’s own probabilities go, without its hidden states.',
  );
  lines.push(
    `Fitted on ${examples.fitted} tokens of training problems, ${examples.validation} more to stop in time.`,
  );
  const { shuffledAucs, shuffledMean, shuffledStandardError } = controls;
  if (shuffledAucs.length > 1) {
    const within = Math.abs(shuffledMean - 0.5) <= 2 * shuffledStandardError;
    lines.push(
      `The same on shuffled labels (${shuffledAucs.length} heads): AUC ${shuffledMean.toFixed(2)} ± ${(2 * shuffledStandardError).toFixed(2)}, ${
        within
          ? 'chance, as it must be.'
          : 'where chance is 0.5: with few problems that happens, with many something leaks.'
      }`,
    );
  }
  return [...table(COLUMNS, rows, paint, width), '', ...lines.flatMap((line) => wrap(line, width))];
}

const row = (name: string, threshold: number, { mismatches }: HeadFigures): readonly string[] => [
  name,
  threshold.toFixed(4),
  Number.isFinite(mismatches.auc) ? mismatches.auc.toFixed(3) : '–',
  share(mismatches, 'recall'),
  share(mismatches, 'falseRejections'),
];

const share = (figures: Figures, name: 'recall' | 'falseRejections'): string =>
  `${(100 * figures[name]).toFixed(1)} %`;

/** What to say where too few wrong tokens chose the thresholds. */
export function fewWrong({ heads }: FitReport, problems: number): string | undefined {
  const wrong = heads[0]?.figures.mismatches.wrong ?? FEWEST_WRONG;
  if (wrong >= FEWEST_WRONG) return undefined;
  const tokens = wrong === 1 ? 'one wrong token' : `${wrong} wrong tokens`;
  return `Only ${tokens} chose the thresholds: these heads may let in too much. ${moreProblems(problems, wrong)}`;
}

/** As many as would probably bring enough wrong tokens. */
export const moreProblems = (problems: number, wrong: number): string =>
  `Ask for more: --problems ${Math.ceil((problems * FEWEST_WRONG * 1.2) / Math.max(1, wrong) / 10) * 10}, say.`;
