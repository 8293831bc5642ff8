import { type BootstrapOptions, bootstrap } from './bootstrap.ts';
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

export function retention(triples: readonly CorrectTriple[], options?: BootstrapOptions): Retention {
  const of = (indices: Iterable<number>) => {
    let [arm, target, draft] = [0, 0, 0];
    for (const i of indices) {
      const triple = triples[i]!;
      arm += Number(triple.arm);
      target += Number(triple.target);
      draft += Number(triple.draft);
    }
    return (arm - draft) / (target - draft);
  };
  const count = (side: keyof CorrectTriple) => triples.filter((triple) => triple[side]).length;
  return {
    retention: of(triples.keys()),
    interval: bootstrap(triples.length, of, options),
    gap: (count('target') - count('draft')) / Math.max(1, triples.length),
  };
}
