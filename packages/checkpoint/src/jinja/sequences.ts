import { PythonError, typeError, valueError } from './errors.ts';
import type { Runtime } from './runtime.ts';
import {
  Dict,
  DictView,
  isList,
  isString,
  Lazy,
  Markup,
  PythonObject,
  Range,
  Tuple,
  textOf,
  typeName,
  Undefined,
  type Value,
} from './values.ts';

const NO_SURROGATES = /^[^\ud800-\udfff]*$/;

/** A text's code points: what Python counts and cuts. */
export const characters = (text: string): readonly string[] =>
  NO_SURROGATES.test(text) ? text.split('') : [...text];

export function codePointCount(text: string): number {
  return NO_SURROGATES.test(text) ? text.length : [...text].length;
}

/** `iter(value)`. */
export function iterate(
  value: Value,
  refusal: (type: string) => string = (type) => `'${type}' object is not iterable`,
): Iterator<Value> {
  if (value instanceof Lazy) return value.iterator;
  if (value instanceof PythonObject && value.iterate !== undefined) return value.iterate();
  const items = itemsOf(value);
  if (items === undefined) throw typeError(refusal(typeName(value)));
  return items[Symbol.iterator]();
}

/** The items of what can be gone through again and again. */
function itemsOf(value: Value): Iterable<Value> | undefined {
  if (isList(value)) return value;
  if (isString(value)) return textOf(value);
  if (value instanceof Tuple) return value.items;
  if (value instanceof Dict) return new DictView(value, 'keys').list();
  if (value instanceof DictView) return value.list();
  if (value instanceof Range) return Array.from({ length: value.length }, (_, i) => value.at(i));
  if (value instanceof Undefined) return [];
  return undefined;
}

/** `list(value)`. */
export function toList(runtime: Runtime, value: Value): readonly Value[] {
  if (isList(value)) return value;
  const iterator = iterate(value);
  const list: Value[] = [];
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
    runtime.budget.step();
    list.push(next.value);
  }
  return list;
}

/** `len(value)`, `undefined` where Python refuses. */
export function lengthOf(value: Value): number | undefined {
  if (isString(value)) return codePointCount(textOf(value));
  if (isList(value)) return value.length;
  if (value instanceof Tuple) return value.items.length;
  if (value instanceof Dict) return value.size;
  if (value instanceof DictView) return value.dict.size;
  if (value instanceof Range) return value.length;
  if (value instanceof Undefined) return 0;
  return value instanceof PythonObject ? value.length?.() : undefined;
}

export function requireLength(value: Value): number {
  const length = lengthOf(value);
  if (length === undefined) throw typeError(`object of type '${typeName(value)}' has no len()`);
  return length;
}

/** `reversed(value)`, `undefined` where Python refuses. */
export function reversedIterator(runtime: Runtime, value: Value): Lazy | undefined {
  if (value instanceof Markup) {
    return new Lazy(
      characters(value.text)
        .map((part) => new Markup(part))
        .reverse()
        [Symbol.iterator](),
      'reversed',
    );
  }
  const isSequence =
    isList(value) ||
    isString(value) ||
    value instanceof Tuple ||
    value instanceof Range ||
    value instanceof Dict ||
    value instanceof DictView ||
    value instanceof Undefined;
  if (!isSequence) return undefined;
  const type = isList(value) ? 'list_reverseiterator' : 'reversed';
  return new Lazy([...toList(runtime, value)].reverse()[Symbol.iterator](), type);
}

/** An int that indexes: bools are ints, floats are not. */
export function asIndex(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'boolean' ? (value ? 1n : 0n) : undefined;
}

/** `sequence[index]`; `undefined` outside. */
export function itemAt(sequence: Value, index: bigint): Value | undefined {
  const length = lengthOf(sequence) ?? 0;
  const at = Number(index < 0n ? index + BigInt(length) : index);
  if (at < 0 || at >= length) return undefined;
  if (isList(sequence)) return sequence[at];
  if (sequence instanceof Tuple) return sequence.items[at];
  if (sequence instanceof Range) return sequence.at(at);
  if (sequence instanceof Markup) return new Markup(characters(sequence.text)[at]!);
  return typeof sequence === 'string' ? characters(sequence)[at] : undefined;
}

export interface SliceBounds {
  readonly start: Value;
  readonly stop: Value;
  readonly step: Value;
}

/** `sequence[start:stop:step]`. */
export function slice(runtime: Runtime, sequence: Value, bounds: SliceBounds): Value {
  if (sequence instanceof Undefined) return sequence.raise();
  if (sequence instanceof Dict) throw unhashableSlice();
  const isSequence =
    isList(sequence) || isString(sequence) || sequence instanceof Tuple || sequence instanceof Range;
  if (!isSequence) throw typeError(`'${typeName(sequence)}' object is not subscriptable`);
  const { start, stop, step, count } = positions(bounds, requireLength(sequence));
  runtime.budget.step(count);
  const pick = <T>(items: readonly T[]): T[] =>
    Array.from({ length: count }, (_, i) => items[start + i * step]!);
  if (isList(sequence)) return pick(sequence);
  if (sequence instanceof Tuple) return new Tuple(pick(sequence.items));
  if (sequence instanceof Range) {
    const stride = sequence.step * BigInt(step);
    const first = sequence.at(start);
    return new Range(first, sequence.at(stop), stride);
  }
  const text = pick(characters(textOf(sequence))).join('');
  return sequence instanceof Markup ? new Markup(text) : text;
}

const unhashableSlice = () => typeError("unhashable type: 'slice'");

/** Where a slice begins, how it strides, and how many items it has (`slice.indices`). */
function positions(bounds: SliceBounds, length: number) {
  const read = (value: Value): bigint | undefined => {
    if (value === null) return undefined;
    const index = asIndex(value);
    if (index === undefined) {
      throw typeError('slice indices must be integers or None or have an __index__ method');
    }
    return index;
  };
  const step = Number(read(bounds.step) ?? 1n);
  if (step === 0) throw valueError('slice step cannot be zero');
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (value: bigint | undefined, otherwise: number): number => {
    if (value === undefined) return otherwise;
    const at = value < 0n ? value + BigInt(length) : value;
    if (at < BigInt(low)) return low;
    return at > BigInt(high) ? high : Number(at);
  };
  const start = clamp(read(bounds.start), step > 0 ? low : high);
  const stop = clamp(read(bounds.stop), step > 0 ? high : low);
  return { start, stop, step, count: Math.max(0, Math.ceil((stop - start) / step)) };
}

export const indexError = (message: string) => new PythonError('IndexError', message);
