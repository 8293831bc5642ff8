import type { Model } from '../backend.ts';
import { median } from './costs.ts';

/** Where a draft runs, and what was measured of each place. Plain data. */
export interface Placement {
  readonly chosen: string;
  /** Milliseconds that a drafted token takes, by place. */
  readonly milliseconds: Readonly<Record<string, number>>;
}

const DRAFT = 16;
const PREFIX = 64;

/**
 * One draft, open in several places (a processor, a GPU): where a drafted token takes the least time. A pass
 * of a small model takes a processor a tenth of a millisecond, and a GPU some, which go into handing it over;
 * of a large one it is the other way round. Medians of `repeats` greedy drafts, in turn; `now` gives milliseconds.
 */
export async function placeDraft(
  places: Readonly<Record<string, Model>>,
  now: () => number,
  { repeats = 5 } = {},
): Promise<Placement> {
  const arms = await Promise.all(
    Object.entries(places).map(async ([name, model]) => {
      const { contextLength, vocabSize } = model.info;
      const prefix = Math.min(PREFIX, Math.max(1, contextLength - DRAFT));
      const session = await model.openSession();
      await session.forward(
        Array.from({ length: prefix }, (_, index) => (index * 7 + 3) % vocabSize),
        {},
      );
      return { name, session, prefix, times: [] as number[] };
    }),
  );
  // the first draft of each compiles and warms caches
  for (let repeat = 0; repeat <= repeats; repeat++) {
    for (const { session, prefix, times } of arms) {
      const start = now();
      const { tokens } = await session.propose([3], { count: DRAFT });
      if (repeat > 0) times.push((now() - start) / tokens.length);
      session.truncate(prefix);
    }
  }
  for (const { session } of arms) await session.dispose();
  const measured = arms.map(({ name, times }) => [name, median(times)] as const);
  const [chosen] = measured.reduce((best, each) => (each[1] < best[1] ? each : best));
  return { chosen, milliseconds: Object.fromEntries(measured) };
}
