import { meanAcceptedLength, readBacksPerRound, type Stats } from '@judge-decoding/core';
import type { GenerationRun } from '../run/generation-run.ts';
import type { PrintedRun } from '../run/print-run.ts';
import type { Paint } from './paint.ts';
import { hanging, joinWithin } from './wrap.ts';

/** Two lines where they fit: how fast, and who wrote it. */
export function statisticsLines(
  run: GenerationRun & Pick<PrintedRun, 'stopString'>,
  draftLength: number | 'auto',
  paint: Paint,
  columns = Number.POSITIVE_INFINITY,
): readonly string[] {
  const { stats, total, firstToken } = run;
  const speed = [
    `${stats.committed} ${stats.committed === 1 ? 'token' : 'tokens'} in ${seconds(total)}`,
    ...(stats.committed > 1 ? [`${perSecond(stats.committed, total)} tokens/s`] : []),
    `first after ${seconds(firstToken)}`,
    ...endedBy(run),
  ];
  const rounds = [...(stats.drafted === 0 ? [] : roundsParts(stats, draftLength)), ...deviceParts(stats)];
  const lines = [speed, rounds].flatMap((parts) => joinWithin(parts, ' · ', columns));
  return [...lines.map((line) => paint.dim(line)), ...offLines(stats, paint, columns)];
}

/** Why a text ended, unless the model ended it. */
function endedBy({ finish, stopString }: GenerationRun & Pick<PrintedRun, 'stopString'>): readonly string[] {
  switch (finish.reason) {
    case 'length':
      return ['ended by --max-tokens'];
    case 'context':
      return ['ended because the context is full'];
    case 'interrupted':
      return ['interrupted'];
    case 'stop-string':
      return [`ended by the stop string${stopString === undefined ? '' : ` ${JSON.stringify(stopString)}`}`];
    case 'stop-token':
      return ['ended by a stop token'];
    default:
      return [];
  }
}

function roundsParts(stats: Stats, draftLength: number | 'auto'): readonly string[] {
  const { rounds, drafted, acceptedBySource, recovered, bonus } = stats;
  // the last drafts of a text are cut by its end; where they are less than half, what was asked for says little
  const isShorter = draftLength !== 'auto' && 2 * drafted < rounds * draftLength;
  const length =
    draftLength === 'auto' ? 'an adaptive number of' : `${isShorter ? 'up to ' : ''}${draftLength}`;
  const { standard = 0, ...admitted } = acceptedBySource;
  const sources = Object.entries({ standard, ...admitted, target: recovered + bonus });
  return [
    `${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${length} drafted ${draftLength === 1 ? 'token' : 'tokens'}${isShorter ? ` (${(drafted / rounds).toFixed(1)} on average)` : ''}`,
    `${meanAcceptedLength(stats).accepted.toFixed(1)} accepted a round`,
    sources.map(([name, count]) => `${name} ${count}`).join(', '),
  ];
}

/** What a GPU hands over, and where each model ran. */
function deviceParts(stats: Stats): readonly string[] {
  const readBacks = readBacksPerRound(stats);
  if (readBacks === undefined) return [];
  const { count, bytes } = readBacks;
  return [
    ...Object.keys(stats.placements).map((placement) => `on ${placement}`),
    `${count.toFixed(1)} read-backs and ${Math.round(bytes)} bytes a round`,
  ];
}

const offLines = ({ speculationOff }: Stats, paint: Paint, columns: number): readonly string[] =>
  Object.keys(speculationOff).flatMap((reason) =>
    hanging(`${paint.yellow('note:')} `, `Speculation was off: ${reason}.`, columns),
  );

export const seconds = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;

/** Three figures say enough. */
export function perSecond(count: number, milliseconds: number): string {
  const rate = (1000 * count) / milliseconds;
  return rate >= 100 ? String(Math.round(rate)) : rate.toPrecision(3);
}
