import { typeError } from './errors.ts';
import type { Runtime } from './runtime.ts';
import { iterate } from './sequences.ts';
import {
  Dict,
  DictView,
  hashOf,
  isList,
  isString,
  PythonObject,
  Range,
  Tuple,
  textOf,
  typeName,
  Undefined,
  type Value,
} from './values.ts';

type Numeric = boolean | bigint | number;
export const isNumeric = (value: Value): value is Numeric =>
  typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean';

/** bool as the int it is. */
export const plain = (value: Numeric): bigint | number =>
  typeof value === 'boolean' ? (value ? 1n : 0n) : value;

export function isTrue(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value !== 0n;
  if (typeof value === 'number') return value !== 0;
  if (isString(value)) return textOf(value) !== '';
  if (isList(value)) return value.length > 0;
  if (value instanceof Tuple) return value.items.length > 0;
  if (value instanceof Dict) return value.size > 0;
  if (value instanceof DictView) return value.dict.size > 0;
  if (value instanceof Range) return value.length > 0;
  if (value instanceof PythonObject && value.length !== undefined) return value.length() > 0;
  return true;
}

/** `a == b`. */
export function equal(runtime: Runtime, a: Value, b: Value): boolean {
  runtime.budget.step();
  if (a instanceof Undefined || b instanceof Undefined)
    return a instanceof Undefined && b instanceof Undefined;
  // JavaScript compares bigint with number exactly, as Python does
  // biome-ignore lint/suspicious/noDoubleEquals: 1n == 1 is true, 1n === 1 is not
  if (isNumeric(a) && isNumeric(b)) return plain(a) == plain(b);
  if (isString(a) && isString(b)) return textOf(a) === textOf(b);
  if (isList(a) && isList(b)) return sameItems(runtime, a, b);
  if (a instanceof Tuple && b instanceof Tuple) return sameItems(runtime, a.items, b.items);
  if (a instanceof Dict && b instanceof Dict) {
    if (a.size !== b.size) return false;
    for (const [key, value] of a.entries()) {
      const other = b.get(key);
      if (other === undefined || !equal(runtime, value, other)) return false;
    }
    return true;
  }
  if (a instanceof Range && b instanceof Range) {
    const length = a.length;
    return (
      length === b.length && (length === 0 || (a.start === b.start && (length === 1 || a.step === b.step)))
    );
  }
  if (a instanceof DictView && b instanceof DictView && a.kind === b.kind && a.kind !== 'values') {
    const keys = new Set(b.list().map(hashOf));
    return a.dict.size === b.dict.size && a.list().every((item) => keys.has(hashOf(item)));
  }
  return a === b;
}

const sameItems = (runtime: Runtime, a: readonly Value[], b: readonly Value[]): boolean =>
  a.length === b.length &&
  runtime.budget.deeper(() => a.every((item, i) => item === b[i] || equal(runtime, item, b[i]!)));

export type Order = '<' | '<=' | '>' | '>=';

/** `a < b` and its kin. */
export function ordered(runtime: Runtime, a: Value, operator: Order, b: Value): boolean {
  runtime.budget.step();
  if (a instanceof Undefined) return a.raise();
  if (b instanceof Undefined) return b.raise();
  if (isNumeric(a) && isNumeric(b)) return holds(plain(a), operator, plain(b));
  if (isString(a) && isString(b)) return holds(compareText(textOf(a), textOf(b)), operator, 0);
  const [left, right] = [itemsOf(a), itemsOf(b)];
  if (left !== undefined && right !== undefined && isList(a) === isList(b)) {
    const at = left.findIndex((item, i) => i >= right.length || !equal(runtime, item, right[i]!));
    if (at < 0 || at >= right.length) return holds(left.length, operator, right.length);
    return ordered(runtime, left[at]!, operator, right[at]!);
  }
  throw typeError(`'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}

const itemsOf = (value: Value): readonly Value[] | undefined =>
  isList(value) ? value : value instanceof Tuple ? value.items : undefined;

function holds(a: bigint | number, operator: Order, b: bigint | number): boolean {
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

/** By code points, as Python has it; JavaScript puts an emoji before U+FFFF. */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) === b.charCodeAt(i)) continue;
    return rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
  }
  return a.length - b.length;
}

/** Surrogates stand for characters above all others. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/** `sorted`, which asks for nothing but `<`. */
export function sortedBy(
  runtime: Runtime,
  items: readonly Value[],
  keyOf: (item: Value) => Value,
  reverse: boolean,
): Value[] {
  const keyed = items.map((item) => ({ item, key: keyOf(item) }));
  const direction = reverse ? -1 : 1;
  keyed.sort((a, b) => {
    if (ordered(runtime, b.key, '<', a.key)) return direction;
    return ordered(runtime, a.key, '<', b.key) ? -direction : 0;
  });
  return keyed.map(({ item }) => item);
}

/** `item in container`. */
export function contains(runtime: Runtime, container: Value, item: Value): boolean {
  if (isString(container)) {
    if (isString(item)) return textOf(container).includes(textOf(item));
    throw typeError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
  }
  if (container instanceof Dict) return container.has(item);
  if (container instanceof DictView && container.kind === 'keys') return container.dict.has(item);
  if (container instanceof Range && typeof item === 'bigint') {
    const { start, step, length } = container;
    const offset = item - start;
    return offset % step === 0n && offset / step >= 0n && offset / step < BigInt(length);
  }
  const items = iterate(container, (type) => `argument of type '${type}' is not iterable`);
  for (let next = items.next(); next.done !== true; next = items.next()) {
    if (next.value === item || equal(runtime, next.value, item)) return true;
  }
  return false;
}
