import { meanAcceptedLength } from '@judge-decoding/core';
import type { Arm } from '../run/compare.ts';
import type { Paint } from './paint.ts';
import { perSecond } from './statistics.ts';
import { table } from './table.ts';

/** A row for each way of decoding. `verdicts` adds a column, such as whether the answer is right. */
export function comparisonLines(
  arms: readonly Arm[],
  paint: Paint,
  verdicts?: { readonly title: string; readonly of: (arm: Arm) => string },
): readonly string[] {
  const columns = [
    { title: '', align: 'left' },
    { title: 'tokens/s', align: 'right' },
    { title: 'x plain', align: 'right' },
    { title: 'target passes', align: 'right' },
    { title: 'accepted a round', align: 'right' },
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
      arm.name === 'plain' ? 'the target’s own' : arm.sameText ? 'the same' : 'another',
      ...(verdicts ? [verdicts.of(arm)] : []),
    ];
  });
  const lines = table(columns, rows, paint);
  // the row that is compared with the others
  return lines.map((line, index) => (index === rows.length ? paint.bold(line) : line));
}
