import type { BootstrapOptions } from './bootstrap.ts';
import { bootstrapCounts } from './bootstrap-counts.ts';
import type { Interval } from './wilson.ts';

/** One problem under an arm, the target and the draft alone. */
export interface CorrectTriple {
  readonly arm: boolean;
  readonly target: boolean;
  readonly draft: boolean;
}

/** How much of what the target adds to the draft an arm keeps: (arm − draft) / (target − draft). */
export interface Retention {
  readonly retention: number;
  readonly interval: Interval;
  /** The gap that it is measured in, a share. Under 0.1 the retention says little. */
  readonly gap: number;
}

/** How much of the way from the draft’s accuracy to the target’s an arm keeps: 1 is the target’s, 0 the draft’s. */
export function retention(triples: readonly CorrectTriple[], options?: BootstrapOptions): Retention {
  const of = (counts: Float64Array) => {
    let [arm, target, draft] = [0, 0, 0];
    for (let kind = 0; kind < KINDS; kind++) {
      if (kind & 1) arm += counts[kind]!;
      if (kind & 2) target += counts[kind]!;
      if (kind & 4) draft += counts[kind]!;
    }
    return (arm - draft) / (target - draft);
  };
  const kinds = triples.map(({ arm, target, draft }) => Number(arm) + 2 * Number(target) + 4 * Number(draft));
  const counts = new Float64Array(KINDS);
  for (const kind of kinds) counts[kind]!++;
  const count = (side: keyof CorrectTriple) => triples.filter((triple) => triple[side]).length;
  return {
    retention: of(counts),
    interval: bootstrapCounts(kinds, KINDS, of, options),
    gap: (count('target') - count('draft')) / Math.max(1, triples.length),
  };
}

/** Right or wrong, three times over. */
const KINDS = 8;
