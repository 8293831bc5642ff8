import { FEW_TOKENS, type FittedHead } from '@judge-decoding/train';
import type { Paint } from './paint.ts';
import { type Column, table } from './table.ts';
import { wrap } from './wrap.ts';

const COLUMNS: readonly Column[] = [
  { title: 'head', align: 'left' },
  { title: 'AUC', align: 'left' },
  { title: 'threshold', align: 'right' },
  { title: 'wrong stopped', align: 'right' },
  { title: 'let in', align: 'right' },
];

/** What heads are worth where a judge is asked, at a glance; the card says it in sentences. */
export function headTable(heads: readonly FittedHead[], paint: Paint, width: number): readonly string[] {
  const rows = heads.map(({ name, auc, figures, head }) => [
    name,
    `${area(auc.auc)} (${area(auc.low)} to ${area(auc.high)})`,
    head.threshold.toFixed(4),
    percent(figures.mismatches.recall),
    percent(figures.mismatches.admitted),
  ]);
  const [first] = heads;
  const { tokens = 0, wrong = 0 } = first?.figures.mismatches ?? {};
  const few = wrong < FEW_TOKENS ? ', which is few: label more before you believe it' : '';
  return [
    ...table(COLUMNS, rows, paint, width),
    '',
    ...wrap(
      `Measured where standard verification rejects, on problems that were neither fitted nor calibrated on: ${tokens} tokens, ${wrong} of them wrong${few}.`,
      width,
    ),
  ];
}

const area = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : '–');
const percent = (value: number): string => (Number.isFinite(value) ? `${(100 * value).toFixed(1)} %` : '–');
