import { positionalOnly, requireInteger } from './arguments.ts';
import { bits } from './arithmetic.ts';
import { equal } from './compare.ts';
import { NotSupported, typeError, valueError } from './errors.ts';
import { repr } from './repr.ts';
import type { Runtime } from './runtime.ts';
import { toList } from './sequences.ts';
import {
  Dict,
  DictView,
  isList,
  isString,
  type Keywords,
  NativeFunction,
  Range,
  Tuple,
  typeName,
  type Value,
} from './values.ts';

type Method<Self> = (runtime: Runtime, self: Self, args: readonly Value[], keywords: Keywords) => Value;

const view =
  (kind: 'keys' | 'values' | 'items'): Method<Dict> =>
  (_, self, args, keywords) => {
    positionalOnly(`dict.${kind}`, args, keywords, [0, 0]);
    return new DictView(self, kind);
  };

const DICT: Readonly<Record<string, Method<Dict>>> = {
  keys: view('keys'),
  values: view('values'),
  items: view('items'),
  get(_, self, args, keywords) {
    positionalOnly('dict.get', args, keywords, [1, 2]);
    const value = self.get(args[0]!);
    return value === undefined ? (args[1] ?? null) : value;
  },
  copy: (_, self) => self,
  fromkeys: (runtime, _, args, keywords) => fromKeys(runtime, args, keywords),
};

export function fromKeys(runtime: Runtime, args: readonly Value[], keywords: Keywords): Dict {
  positionalOnly('fromkeys', args, keywords, [1, 2]);
  return Dict.of(toList(runtime, args[0]!).map((key) => [key, args[1] ?? null]));
}

/** `dict(*args, **keywords)`. */
export function makeDict(runtime: Runtime, args: readonly Value[], keywords: Keywords): Dict {
  if (args.length > 1) throw typeError(`dict expected at most 1 argument, got ${args.length}`);
  const [source] = args;
  const made = new Dict();
  if (source instanceof Dict) {
    for (const [key, value] of source.entries()) made.set(key, value);
  } else if (source !== undefined) {
    for (const [i, pair] of toList(runtime, source).entries()) {
      if (!isList(pair) && !(pair instanceof Tuple) && !isString(pair)) {
        throw typeError(`cannot convert dictionary update sequence element #${i} to a sequence`);
      }
      const items = toList(runtime, pair);
      if (items.length !== 2) {
        throw valueError(
          `dictionary update sequence element #${i} has length ${items.length}; 2 is required`,
        );
      }
      made.set(items[0]!, items[1]!);
    }
  }
  for (const [key, value] of keywords) made.set(key, value);
  return made;
}

const SEQUENCE: Readonly<Record<string, Method<Value>>> = {
  count(runtime, self, args, keywords) {
    positionalOnly(`${typeName(self)}.count`, args, keywords, [1, 1]);
    return BigInt(toList(runtime, self).filter((item) => equal(runtime, item, args[0]!)).length);
  },
  index(runtime, self, args, keywords) {
    positionalOnly(`${typeName(self)}.index`, args, keywords, [1, 3]);
    const items = toList(runtime, self);
    const place = (value: Value | undefined, otherwise: number) => {
      if (value === undefined) return otherwise;
      const at = requireInteger(value);
      return at < 0 ? Math.max(0, at + items.length) : at;
    };
    const [from, to] = [place(args[1], 0), place(args[2], items.length)];
    const at = items.findIndex((item, i) => i >= from && i < to && equal(runtime, item, args[0]!));
    if (at >= 0) return BigInt(at);
    throw valueError(
      isList(self) ? `${repr(runtime, args[0]!)} is not in list` : 'tuple.index(x): x not in tuple',
    );
  },
};

const DICT_MUTATORS = new Set(['clear', 'pop', 'popitem', 'setdefault', 'update']);
const LIST_MUTATORS = new Set(['append', 'clear', 'pop', 'reverse', 'insert', 'sort', 'extend', 'remove']);

/** A method that changes what it belongs to: transformers' sandbox lets none be called. */
export const isMutator = (value: Value, name: string): boolean =>
  (value instanceof Dict && DICT_MUTATORS.has(name)) || (isList(value) && LIST_MUTATORS.has(name));

const method = <Self extends Value>(self: Self, name: string, run: Method<Self>): NativeFunction =>
  new NativeFunction(name, (runtime, args, keywords) => run(runtime, self, args, keywords));

/** The attribute of a dict, list, tuple, range or view; `undefined` where Python has none of that name. */
export function containerAttribute(value: Value, name: string): Value | undefined {
  if (value instanceof Dict) return Object.hasOwn(DICT, name) ? method(value, name, DICT[name]!) : undefined;
  if (isList(value) || value instanceof Tuple) {
    if (value instanceof Tuple && value.names.includes(name)) return value.items[value.names.indexOf(name)];
    if (name === 'copy' && isList(value)) return method<Value>(value, name, (_, self) => self);
    return Object.hasOwn(SEQUENCE, name) ? method<Value>(value, name, SEQUENCE[name]!) : undefined;
  }
  if (value instanceof Range) {
    if (name === 'start' || name === 'stop' || name === 'step') return value[name];
    return Object.hasOwn(SEQUENCE, name) ? method<Value>(value, name, SEQUENCE[name]!) : undefined;
  }
  if (value instanceof DictView && (name === 'isdisjoint' || name === 'mapping')) {
    throw new NotSupported(`the attribute ${typeName(value)}.${name}`);
  }
  return undefined;
}

const BOTH_UNKNOWN = new Set(['as_integer_ratio']);
const INT_UNKNOWN = new Set(['to_bytes', 'from_bytes']);
const FLOAT_UNKNOWN = new Set(['hex', 'fromhex']);

/** The attribute of an int, a bool or a float. */
export function numberAttribute(value: boolean | bigint | number, name: string): Value | undefined {
  const number = typeof value === 'boolean' ? BigInt(value) : value;
  const answering = (answer: Value) => method<Value>(value, name, () => answer);
  const unknown = typeof number === 'bigint' ? INT_UNKNOWN : FLOAT_UNKNOWN;
  if (BOTH_UNKNOWN.has(name) || unknown.has(name)) {
    throw new NotSupported(`the method ${typeName(value)}.${name}`);
  }
  if (name === 'real') return number;
  if (name === 'imag') return typeof number === 'bigint' ? 0n : 0;
  if (name === 'conjugate') return answering(number);
  if (typeof number === 'number')
    return name === 'is_integer' ? answering(Number.isInteger(number)) : undefined;
  const binary = (number < 0n ? -number : number).toString(2);
  if (name === 'numerator') return number;
  if (name === 'denominator') return 1n;
  if (name === 'bit_length') return answering(number === 0n ? 0n : BigInt(bits(number)));
  if (name === 'bit_count') return answering(BigInt(binary.replaceAll('0', '').length));
  return undefined;
}
