import type { Interval } from './wilson.ts';

const Z = 1.959963984540054;

/**
 * 95 % interval of the difference of two paired shares, half a pair added to each of the four cells
 * (Agresti and Min 2005). Unlike the bootstrap's it has a width where no pair differs, or few do.
 */
export function agrestiMin(count: number, lost: number, won: number): Interval {
  const total = count + 2;
  const difference = (won - lost) / total;
  const half = (Z * Math.sqrt(lost + won + 1 - (won - lost) ** 2 / total)) / total;
  return { low: Math.max(-1, difference - half), high: Math.min(1, difference + half) };
}
