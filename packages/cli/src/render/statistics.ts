import { meanAcceptedLength, type Stats } from '@judge-decoding/core';
import type { GenerationRun } from '../run/generation-run.ts';
import type { Paint } from './paint.ts';

/** Two lines: how fast, and who wrote it. */
export function statisticsLines(
  run: GenerationRun,
  draftLength: number | 'auto',
  paint: Paint,
): readonly string[] {
  const { stats, total, firstToken } = run;
  const speed = [
    `${stats.committed} ${stats.committed === 1 ? 'token' : 'tokens'} in ${seconds(total)}`,
    ...(stats.committed > 1 ? [`${perSecond(stats.committed, total)} tokens/s`] : []),
    `first after ${seconds(firstToken)}`,
    ...(run.finish.reason === 'length' ? ['ended by --max-tokens'] : []),
    ...(run.finish.reason === 'context' ? ['ended because the context is full'] : []),
    ...(run.finish.reason === 'interrupted' ? ['interrupted'] : []),
  ].join(' · ');
  if (stats.drafted === 0) return [paint.dim(speed), ...offLines(stats, paint)];
  return [paint.dim(speed), paint.dim(roundsLine(stats, draftLength)), ...offLines(stats, paint)];
}

function roundsLine(stats: Stats, draftLength: number | 'auto'): string {
  const { rounds, drafted, accepted, acceptedBySource, recovered, bonus } = stats;
  const mean = meanAcceptedLength(stats).accepted.toFixed(1);
  const sources = Object.entries(acceptedBySource);
  const split =
    sources.length > 1 || (sources.length === 1 && sources[0]![0] !== 'standard')
      ? ` (${sources.map(([name, count]) => `${name} ${count}`).join(', ')})`
      : '';
  const length = draftLength === 'auto' ? 'an adaptive number of' : String(draftLength);
  return [
    `${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${length} drafted tokens`,
    `${mean} accepted a round: ${accepted} of ${drafted}${split}`,
    `the target wrote ${recovered + bonus}`,
  ].join(' · ');
}

const offLines = ({ speculationOff }: Stats, paint: Paint): readonly string[] =>
  Object.keys(speculationOff).map((reason) => `${paint.yellow('note:')} Speculation was off: ${reason}.`);

export const seconds = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;

/** Three figures say enough. */
export function perSecond(count: number, milliseconds: number): string {
  const rate = (1000 * count) / milliseconds;
  return rate >= 100 ? String(Math.round(rate)) : rate.toPrecision(3);
}
