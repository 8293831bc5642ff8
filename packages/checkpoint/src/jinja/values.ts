import { PythonError, typeError } from './errors.ts';
import type { Runtime } from './runtime.ts';

/**
 * Python's values: None, bool, int (bigint), float (number), str (string or Markup), list (array),
 * tuple, dict, and what jinja2 adds. Lists and dicts never change: transformers' sandbox forbids it.
 */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly Value[]
  | Markup
  | Undefined
  | Tuple
  | Dict
  | DictView
  | Range
  | Lazy
  | NativeFunction
  | PythonObject;

/** A str that is marked as escaped HTML: printed as it is, but what is added to it gets escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value that is not there; most uses of it raise its message. */
export class Undefined {
  readonly message: string;
  readonly kind: string;

  constructor(message: string, kind = 'UndefinedError') {
    this.message = message;
    this.kind = kind;
  }

  raise(): never {
    throw new PythonError(this.kind, this.message);
  }
}

export class Tuple {
  readonly items: readonly Value[];
  /** Names of the items, where it is what `groupby` gives. */
  readonly names: readonly string[];

  constructor(items: readonly Value[], names: readonly string[] = []) {
    this.items = items;
    this.names = names;
  }
}

/** Keys are found by Python's equality: 1, 1.0 and True are one key. */
export class Dict {
  readonly #entries = new Map<unknown, readonly [Value, Value]>();

  static of(entries: Iterable<readonly [Value, Value]>): Dict {
    const made = new Dict();
    for (const [key, value] of entries) made.set(key, value);
    return made;
  }

  /** Only while it is being made. */
  set(key: Value, value: Value): void {
    const hashed = hashOf(key);
    // the first spelling of a key stays, as in Python
    this.#entries.set(hashed, [this.#entries.get(hashed)?.[0] ?? key, value]);
  }

  get(key: Value): Value | undefined {
    return this.#entries.get(hashOf(key))?.[1];
  }

  has(key: Value): boolean {
    return this.#entries.has(hashOf(key));
  }

  get size(): number {
    return this.#entries.size;
  }

  entries(): Iterable<readonly [Value, Value]> {
    return this.#entries.values();
  }
}

export type ViewKind = 'keys' | 'values' | 'items';

export class DictView {
  readonly dict: Dict;
  readonly kind: ViewKind;

  constructor(dict: Dict, kind: ViewKind) {
    this.dict = dict;
    this.kind = kind;
  }

  list(): Value[] {
    const entries = [...this.dict.entries()];
    if (this.kind === 'keys') return entries.map(([key]) => key);
    if (this.kind === 'values') return entries.map(([, value]) => value);
    return entries.map((entry) => new Tuple(entry));
  }
}

export class Range {
  readonly start: bigint;
  readonly stop: bigint;
  readonly step: bigint;

  constructor(start: bigint, stop: bigint, step: bigint) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  get length(): number {
    const span = this.step > 0n ? this.stop - this.start : this.start - this.stop;
    const step = this.step > 0n ? this.step : -this.step;
    return span <= 0n ? 0 : Number((span + step - 1n) / step);
  }

  at(index: number): bigint {
    return this.start + BigInt(index) * this.step;
  }
}

/** A Python iterator or generator: gone through once, always true, without a length. */
export class Lazy {
  readonly iterator: Iterator<Value>;
  /** Python's name of its type. */
  readonly type: string;

  constructor(iterator: Iterator<Value>, type = 'generator') {
    this.iterator = iterator;
    this.type = type;
  }
}

export type Keywords = ReadonlyMap<string, Value>;
export type Call = (runtime: Runtime, args: readonly Value[], keywords: Keywords) => Value;

export class NativeFunction {
  readonly name: string;
  readonly call: Call;
  readonly type: string;

  constructor(name: string, call: Call, type = 'builtin_function_or_method') {
    this.name = name;
    this.call = call;
    this.type = type;
  }
}

/** An object of jinja2's with attributes: a macro, a loop, a namespace, a cycler. */
export abstract class PythonObject {
  /** Python's type with its module, as error messages name it. */
  abstract readonly type: string;
  /** `undefined` where there is no such attribute. */
  abstract attribute(name: string): Value | undefined;
  call?(runtime: Runtime, args: readonly Value[], keywords: Keywords): Value;
  /** What `str` gives; none where it is an address in memory. */
  text?(runtime: Runtime): string;
  iterate?(): Iterator<Value>;
  length?(): number;
}

export const isString = (value: Value): value is string | Markup =>
  typeof value === 'string' || value instanceof Markup;

export const textOf = (value: string | Markup): string => (typeof value === 'string' ? value : value.text);

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

/** A key for JavaScript's Map under which Python's equal keys are one. */
export function hashOf(value: Value): unknown {
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'bigint') return `n${value}`;
  if (typeof value === 'boolean') return value ? 'n1' : 'n0';
  if (typeof value === 'number') return Number.isInteger(value) ? `n${BigInt(value)}` : `n${value}`;
  if (value === null) return 'N';
  if (value instanceof Markup) return `s${value.text}`;
  if (value instanceof Undefined) return 'u';
  if (value instanceof Tuple) return `(${value.items.map((item) => quoted(hashOf(item))).join(',')})`;
  if (value instanceof Range) return `r${value.start},${value.length},${value.step}`;
  if (isList(value) || value instanceof Dict) {
    throw typeError(`unhashable type: '${typeName(value)}'`);
  }
  return value;
}

const quoted = (hash: unknown): string => {
  if (typeof hash === 'string') return JSON.stringify(hash);
  throw typeError("unhashable type: 'object'");
};

/** `type(value).__name__`. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'str';
  if (value instanceof Markup) return 'Markup';
  if (value instanceof Undefined) return 'Undefined';
  if (isList(value)) return 'list';
  if (value instanceof Tuple) return value.names.length > 0 ? '_GroupTuple' : 'tuple';
  if (value instanceof Dict) return 'dict';
  if (value instanceof DictView) return `dict_${value.kind}`;
  if (value instanceof Range) return 'range';
  return (value as Lazy | NativeFunction | PythonObject).type.split('.').at(-1)!;
}

/** How error messages of jinja2 name a value's type. */
export function objectTypeName(value: Value): string {
  if (value === null) return 'None';
  if (value instanceof Markup) return 'markupsafe.Markup object';
  if (value instanceof Undefined) return 'jinja2.runtime.Undefined object';
  if (value instanceof Tuple && value.names.length > 0) return 'jinja2.filters._GroupTuple object';
  if (value instanceof PythonObject) return `${value.type} object`;
  return `${typeName(value)} object`;
}

/** A value of JSON, as `json.loads` reads it: integers are ints. */
export function fromJson(json: unknown): Value {
  if (json === null || json === undefined) return null;
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : json;
  if (typeof json === 'string' || typeof json === 'boolean') return json;
  if (Array.isArray(json)) return json.map(fromJson);
  return Dict.of(Object.entries(json as object).map(([key, value]) => [key, fromJson(value)]));
}
