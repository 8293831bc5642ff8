import { meanAcceptedLength } from '@judge-decoding/core';
import type { Arm } from '../run/compare.ts';
import type { Paint } from './paint.ts';
import { perSecond } from './statistics.ts';
import { table } from './table.ts';

/** Below this the table has short titles: then 60 columns are enough. */
const NARROW = 100;

/** A row for each way of decoding. `verdicts` adds a column, such as whether the answer is right. */
export function comparisonLines(
  arms: readonly Arm[],
  paint: Paint,
  width: number,
  verdicts?: { readonly title: string; readonly of: (arm: Arm) => string },
): readonly string[] {
  const narrow = width < NARROW;
  const columns = [
    { title: '', align: 'left' },
    { title: 'tokens/s', align: 'right' },
    { title: 'x plain', align: 'right' },
    { title: narrow ? 'passes' : 'target passes', align: 'right' },
    { title: narrow ? 'accepted' : 'accepted a round', align: 'right' },
    { title: 'text', align: 'left' },
    ...(verdicts ? [{ title: verdicts.title, align: 'left' } as const] : []),
  ] as const;
  const rows = arms.map((arm) => {
    const { stats } = arm.run;
    return [
      arm.name,
      perSecond(arm.tokens.length, arm.decoding),
      arm.speedup.toFixed(2),
      String(stats.rounds),
      stats.drafted === 0 ? '–' : meanAcceptedLength(stats).accepted.toFixed(1),
      arm.name === 'plain'
        ? narrow
          ? 'its own'
          : 'the target’s own'
        : arm.sameText
          ? 'the same'
          : 'another',
      ...(verdicts ? [verdicts.of(arm)] : []),
    ];
  });
  // the row that is compared with the others
  const last = rows.at(-1)?.[0];
  return table(columns, rows, paint, width).map((line) =>
    last !== undefined && (line === last || line.startsWith(`${last} `)) ? paint.bold(line) : line,
  );
}
