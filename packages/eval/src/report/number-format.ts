import type { Interval } from '../statistics/wilson.ts';

/** "93.3 %" */
export const percent = (share: number): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : '–';

/** "93.3 % [90.1, 95.6]" */
export const percentWithin = (share: number, { low, high }: Interval): string =>
  `${percent(share)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;

const signed = (value: number) => `${value > 0 ? '+' : value < 0 ? '−' : ''}${Math.abs(value).toFixed(1)}`;

/** "−0.4 [−1.3, +0.5]", in points. */
export const pointsWithin = (difference: number, interval: Interval): string =>
  `${signed(100 * difference)} ${pointsInterval(interval)}`;

/** "[−1.3, +0.5]", in points. */
export const pointsInterval = ({ low, high }: Interval): string =>
  `[${signed(100 * low)}, ${signed(100 * high)}]`;

/** "3.52x [3.40, 3.61]", and "3.52x" where there is no interval. */
export const timesWithin = (ratio: number, { low, high }: Interval): string =>
  `${ratio.toFixed(2)}x${Number.isFinite(low) ? ` [${low.toFixed(2)}, ${high.toFixed(2)}]` : ''}`;

/** "1 point", "0.5 points" */
export const sayPoints = (share: number): string =>
  `${Number((100 * share).toFixed(3))} ${share === 0.01 ? 'point' : 'points'}`;

/** "0.031", and "<0.001" below that. */
export const chance = (p: number): string => (p < 0.001 ? '<0.001' : p.toFixed(3));

export const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
