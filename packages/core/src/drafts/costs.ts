import type { Model, Session, TokenId } from '../backend.ts';

/**
 * What passes cost on one machine, in milliseconds. Plain data: measure once per model, dtype and
 * machine, and keep it.
 */
export interface Costs {
  /** [rows, milliseconds] of a target pass by width, ascending; the first entry is one row. */
  readonly verify: readonly (readonly [rows: number, milliseconds: number])[];
  /** One drafted token. */
  readonly draftToken: number;
  /** Reading one token of the prompt with the draft. */
  readonly draftPrefillToken: number;
}

/** Milliseconds of a target pass of `rows` rows, on straight lines between the measured widths. */
export function verifyCost({ verify }: Costs, rows: number): number {
  const above = verify.findIndex(([width]) => width >= rows);
  if (above === 0) return verify[0]![1];
  const end = above < 0 ? verify.length - 1 : above;
  const [low, lowCost] = verify[end - 1] ?? verify[end]!;
  const [high, highCost] = verify[end]!;
  return high === low ? highCost : lowCost + ((rows - low) / (high - low)) * (highCost - lowCost);
}

const WIDTHS = [1, 2, 3, 5, 9, 17, 33] as const;

/**
 * Measures both models as a round uses them, medians of `repeats`, with the arms interleaved. The
 * two sessions must be empty and are left empty. `now` gives milliseconds.
 */
export async function measureCosts(
  target: { readonly model: Model; readonly session: Session },
  draft: { readonly model: Model; readonly session: Session } | undefined,
  now: () => number,
  { repeats = 7, prefix = 64 } = {},
): Promise<Costs> {
  const most = Math.min(
    target.model.info.contextLength,
    draft?.model.info.contextLength ?? Number.POSITIVE_INFINITY,
  );
  const start = Math.min(prefix, Math.max(1, most - 34));
  const widths = WIDTHS.filter((width) => start + width <= most);
  const vocabSize = Math.min(
    target.model.info.vocabSize,
    draft?.model.info.vocabSize ?? Number.POSITIVE_INFINITY,
  );
  const tokens = (count: number): TokenId[] =>
    Array.from({ length: count }, (_, i) => (i * 7 + 3) % vocabSize);
  const text = tokens(start);
  const timed = async (work: () => Promise<unknown>) => {
    const from = now();
    await work();
    return now() - from;
  };
  const verify = new Map<number, number[]>(widths.map((width) => [width, []]));
  const drafting: number[] = [];
  const prefill: number[] = [];
  await target.session.forward(text, {});
  await draft?.session.forward(text, {});
  const draftCount = Math.min(16, most - start);
  // the first pass of each kind warms caches and is thrown away
  for (let repeat = 0; repeat <= repeats; repeat++) {
    for (const width of widths) {
      const time = await timed(() => target.session.forward(tokens(width), { argmax: true }));
      target.session.truncate(start);
      if (repeat > 0) verify.get(width)!.push(time);
    }
    if (draft === undefined || draftCount < 1) continue;
    const time = await timed(() => draft.session.propose([3], { count: draftCount }));
    draft.session.truncate(0);
    const reading = await timed(() => draft.session.forward(text, {}));
    if (repeat > 0) {
      drafting.push(time / draftCount);
      prefill.push(reading / start);
    }
  }
  target.session.truncate(0);
  draft?.session.truncate(0);
  return {
    verify: widths.map((width) => [width, median(verify.get(width)!)] as const),
    draftToken: drafting.length > 0 ? median(drafting) : 0,
    draftPrefillToken: prefill.length > 0 ? median(prefill) : 0,
  };
}

/** The middle of some values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
