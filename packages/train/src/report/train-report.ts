import type { HeadTerm } from '@judge-decoding/core';
import type { Ablation } from '../fit/ablations.ts';
import { type AucEstimate, FEW_TOKENS } from '../fit/auc-interval.ts';
import type { FitReport, FittedHead } from '../fit/fit-heads.ts';

/** Everything that a training ended in, as it is shown and kept. */
export interface TrainReport {
  readonly title: string;
  /** How it was made, in pairs: target, draft, labels, questions … */
  readonly facts: readonly (readonly [string, string])[];
  readonly fit: FitReport;
  readonly ablations: readonly Ablation[];
  /** Heads of one domain each, called as it is: in one file. */
  readonly domains?: readonly FittedHead[];
  /** What this does not show. */
  readonly notes: readonly string[];
}

/** The file with a head for each domain. */
export const DOMAINS_FILE = 'by-domain.safetensors';

/** As JSON: heads without their weights, which are in their files. */
export function reportJson({ title, facts, fit, ablations, notes, domains }: TrainReport): string {
  const plain = (key: string, value: unknown) =>
    key === 'weights' && ArrayBuffer.isView(value) ? undefined : Number.isNaN(value) ? null : value;
  return `${JSON.stringify({ title, facts: Object.fromEntries(facts), notes, ...fit, domains, ablations }, plain, 1)}\n`;
}

const COLUMNS = [
  'group',
  'head',
  'fitted_on',
  'inputs',
  'auc',
  'auc_low',
  'auc_high',
  'auc_all',
  'auc_all_low',
  'auc_all_high',
];

/** Heads and ablations as lines, for other people's plots; empty where there is nothing. */
export function reportCsv({ fit, ablations }: TrainReport): string {
  const number = (value: number) => (Number.isFinite(value) ? String(Number(value.toPrecision(8))) : '');
  const text = (value: string) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const lines = [
    COLUMNS,
    ...fit.heads.map(({ name, auc, figures, head }) => [
      'head',
      text(name),
      String(fit.examples.fitted),
      String(inputsOf(head.terms)),
      number(auc.auc),
      number(auc.low),
      number(auc.high),
      number(figures.all.auc),
      '',
      '',
    ]),
    ...fit.controls.signals.map(({ name, auc }) => [
      'signal',
      text(name),
      '',
      '1',
      number(auc),
      '',
      '',
      '',
      '',
      '',
    ]),
    ...ablations.map(({ group, name, fitted, inputs, mismatches, all }) => [
      text(group),
      text(name),
      String(fitted),
      String(inputs),
      ...[mismatches, all].flatMap(({ auc, low, high }) => [number(auc), number(low), number(high)]),
    ]),
  ];
  return lines.map((cells) => `${cells.join(',')}\n`).join('');
}

export const inputsOf = (terms: readonly HeadTerm[]): number =>
  terms.reduce((sum, { weights }) => sum + weights.length, 0);

export const percent = (value: number): string =>
  Number.isFinite(value) ? `${(100 * value).toFixed(1)} %` : '–';
export const area = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : '–');
export const between = (low: number, high: number, say: (value: number) => string): string =>
  Number.isFinite(low) ? `${say(low)} to ${say(high)}` : '–';

/** What heads made in this way are worth where no single part has enough wrong tokens. */
export const sayFolds = ({ auc, low, high, tokens, wrong }: AucEstimate, problems: number): string =>
  `Held-out problems alone have too few wrong tokens. Over five folds of all ${problems} problems, each scored by a head (pre-norm, logistic regression) that has seen nothing of it, the AUC is ${area(auc)} (${between(low, high, area)}) on ${tokens} tokens that standard verification rejects, ${wrong} of them wrong.`;

/** What a head is worth, in a few sentences. */
export function sayHead({ name, auc, figures, head, loss }: FittedHead): string {
  const { mismatches } = figures;
  const few =
    mismatches.wrong < FEW_TOKENS
      ? ` That rests on ${mismatches.wrong} wrong ${mismatches.wrong === 1 ? 'token' : 'tokens'}: label more before you believe it.`
      : '';
  return (
    `\`${name}\` tells a correct from a wrong token with an AUC of ${area(auc.auc)} (${between(auc.low, auc.high, area)}) where standard verification rejects. ` +
    `At its threshold ${head.threshold.toFixed(3)} it lets in ${percent(mismatches.admitted)} of those tokens and stops ${percent(mismatches.recall)} of the ${mismatches.wrong} wrong ones; ` +
    `wrong tokens get into ${percent(loss.byAnswers.share)} of the answers (${between(loss.byAnswers.low, loss.byAnswers.high, percent)}).${few}`
  );
}
