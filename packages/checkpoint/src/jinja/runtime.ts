import type { Budget } from './budget.ts';
import type { Keywords, Value } from './values.ts';

export type FilterFunction = (
  runtime: Runtime,
  value: Value,
  args: readonly Value[],
  keywords: Keywords,
) => Value;
export type TestFunction = (
  runtime: Runtime,
  value: Value,
  args: readonly Value[],
  keywords: Keywords,
) => boolean;

/** What a rendering has at hand, wherever it is. */
export interface Runtime {
  readonly budget: Budget;
  /** What `strftime_now` reads. */
  readonly now: () => Date;
  /** `value.name` and `value[key]` in a template. */
  readonly getAttribute: (runtime: Runtime, value: Value, name: string) => Value;
  readonly getItem: (runtime: Runtime, value: Value, key: Value) => Value;
  readonly filters: ReadonlyMap<string, FilterFunction>;
  readonly tests: ReadonlyMap<string, TestFunction>;
}
