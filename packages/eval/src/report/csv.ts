import type { ArmSummary } from './summary.ts';

const COLUMNS: readonly (readonly [string, (summary: ArmSummary) => string | number | undefined])[] = [
  ['arm', ({ arm }) => arm],
  ['draft_length', ({ draftLength }) => draftLength],
  ['domain', ({ domain }) => domain],
  ['problems', ({ problems }) => problems],
  ['accuracy', ({ accuracy }) => accuracy],
  ['accuracy_low', ({ accuracyInterval }) => accuracyInterval.low],
  ['accuracy_high', ({ accuracyInterval }) => accuracyInterval.high],
  ['difference', ({ paired }) => paired?.difference],
  ['difference_low', ({ paired }) => paired?.interval.low],
  ['difference_high', ({ paired }) => paired?.interval.high],
  ['adjusted_low', ({ paired }) => paired?.adjusted.low],
  ['adjusted_high', ({ paired }) => paired?.adjusted.high],
  ['lost', ({ paired }) => paired?.lost],
  ['won', ({ paired }) => paired?.won],
  ['p', ({ paired }) => paired?.p],
  ['accepted_per_round', ({ accepted }) => accepted],
  ['accepted_of_drafted', ({ acceptedShare }) => acceptedShare],
  ['committed_per_round', ({ committed }) => committed],
  ['tokens_per_text', ({ tokensPerText }) => tokensPerText],
  ['tokens_per_second', ({ tokensPerSecond }) => tokensPerSecond],
];

/** Every summary as a line, for other people's plots. Shares are between 0 and 1; empty where there is none. */
export const summaryCsv = (summaries: readonly ArmSummary[]): string =>
  [COLUMNS.map(([name]) => name), ...summaries.map((summary) => COLUMNS.map(([, of]) => cell(of(summary))))]
    .map((cells) => `${cells.join(',')}\n`)
    .join('');

function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(Number(value.toPrecision(8)));
  return /[",\n]/.test(value) ? `"${value.replace(/"/g, '""')}"` : value;
}
