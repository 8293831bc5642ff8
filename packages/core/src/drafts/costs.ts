import type { OutputName } from '../backend.ts';

/** [rows or tokens, milliseconds], ascending. */
export type CostTable = readonly (readonly [count: number, milliseconds: number])[];

/**
 * What passes cost on one machine, in milliseconds. Plain data: measure once per model, dtype and
 * machine, and keep it.
 */
export interface Costs {
  /** A target pass by its rows; the first entry is one row, as plain decoding reads it. */
  readonly verify: CostTable;
  /** One more drafted token. */
  readonly draftToken: number;
  /** Reading one token of the prompt with the draft. */
  readonly draftPrefillToken: number;
  /** A round's draft by its tokens, the first of which is dearest; where absent each costs `draftToken`. */
  readonly drafts?: CostTable;
  /** Tokens in the caches when this was measured. */
  readonly context?: number;
  /** The same behind a longer text. */
  readonly longer?: { readonly context: number; readonly verify: CostTable; readonly drafts: CostTable };
  /** What a row of the target costs more where it returns more than argmax. */
  readonly outputs?: Readonly<Partial<Record<OutputName, number>>>;
  /** What a draft costs more behind one that was accepted whole: it has two tokens to read, its last and the bonus. */
  readonly draftCatchUp?: number;
  /** What a drafted token costs more where its logits are asked for. */
  readonly draftLogits?: number;
}

/** Whether a value from a file is costs that every function here can reckon with. */
export function isCosts(value: unknown): value is Costs {
  if (typeof value !== 'object' || value === null) return false;
  const { verify, drafts, longer, ...rest } = value as Record<string, unknown>;
  const numbers = [rest.context, rest.draftCatchUp, rest.draftLogits];
  return (
    isTable(verify) &&
    (drafts === undefined || isTable(drafts)) &&
    isTime(rest.draftToken) &&
    isTime(rest.draftPrefillToken) &&
    numbers.every((one) => one === undefined || isTime(one)) &&
    (rest.outputs === undefined || areTimes(rest.outputs)) &&
    (longer === undefined || isLonger(longer, drafts !== undefined))
  );
}

function isLonger(value: unknown, drafts: boolean): boolean {
  const longer = (value ?? {}) as Record<string, unknown>;
  return isTime(longer.context) && isTable(longer.verify) && (!drafts || isTable(longer.drafts));
}

const isTime = (value: unknown): boolean => typeof value === 'number' && value >= 0;
const areTimes = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every(isTime);
const isTable = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((point) => Array.isArray(point) && point.length === 2 && point.every(isTime));

/** Milliseconds of a target pass of `rows` rows, on straight lines between the measured widths. */
export const verifyCost = ({ verify }: Costs, rows: number): number => onLines(verify, rows);

/** Milliseconds of drafting `tokens` tokens in a round. */
export const draftCost = ({ drafts, draftToken }: Costs, tokens: number): number =>
  tokens === 0 ? 0 : drafts === undefined ? tokens * draftToken : onLines(drafts, tokens);

/** The costs behind a text of so many tokens, on a straight line between the two texts that were measured. */
export function costsAt(costs: Costs, context: number): Costs {
  const { context: short, longer, verify, drafts, ...rest } = costs;
  if (short === undefined || longer === undefined || longer.context === short) return costs;
  const share = (context - short) / (longer.context - short);
  const between = (near: CostTable, far: CostTable): CostTable =>
    near.map(([count, cost]) => [count, Math.max(0, cost + share * (onLines(far, count) - cost))] as const);
  return {
    ...rest,
    context,
    verify: between(verify, longer.verify),
    ...(drafts === undefined ? {} : { drafts: between(drafts, longer.drafts) }),
  };
}

function onLines(table: CostTable, count: number): number {
  const above = table.findIndex(([width]) => width >= count);
  if (above === 0) return table[0]![1];
  const end = above < 0 ? table.length - 1 : above;
  const [low, lowCost] = table[end - 1] ?? table[end]!;
  const [high, highCost] = table[end]!;
  return high === low ? highCost : lowCost + ((count - low) / (high - low)) * (highCost - lowCost);
}

/** The middle of some values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
