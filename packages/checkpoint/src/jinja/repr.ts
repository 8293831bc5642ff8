import { NotSupported } from './errors.ts';
import type { Runtime } from './runtime.ts';
import {
  Dict,
  DictView,
  isList,
  Lazy,
  Markup,
  NativeFunction,
  PythonObject,
  Range,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values.ts';

/** `str(value)`. */
export function str(runtime: Runtime, value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof Undefined) return '';
  return repr(runtime, value);
}

/** `repr(value)`. What would be an address in memory, another one each time, is refused. */
export function repr(runtime: Runtime, value: Value): string {
  runtime.budget.step();
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return floatRepr(value);
  if (typeof value === 'string') return stringRepr(value);
  if (value instanceof Markup) return `Markup(${stringRepr(value.text)})`;
  if (value instanceof Undefined) return 'Undefined';
  return runtime.budget.deeper(() => containerRepr(runtime, value));
}

function containerRepr(runtime: Runtime, value: Value): string {
  const all = (items: Iterable<Value>) => {
    const parts = Array.from(items, (item) => repr(runtime, item));
    runtime.budget.text(parts.reduce((sum, part) => sum + part.length + 2, 0));
    return parts.join(', ');
  };
  if (isList(value)) return `[${all(value)}]`;
  if (value instanceof Tuple)
    return value.items.length === 1 ? `(${all(value.items)},)` : `(${all(value.items)})`;
  if (value instanceof Dict) {
    const parts = Array.from(
      value.entries(),
      ([key, item]) => `${repr(runtime, key)}: ${repr(runtime, item)}`,
    );
    runtime.budget.text(parts.reduce((sum, part) => sum + part.length + 2, 0));
    return `{${parts.join(', ')}}`;
  }
  if (value instanceof DictView) return `dict_${value.kind}([${all(value.list())}])`;
  if (value instanceof Range) {
    const step = value.step === 1n ? '' : `, ${value.step}`;
    return `range(${value.start}, ${value.stop}${step})`;
  }
  if (value instanceof PythonObject && value.text !== undefined) return value.text(runtime);
  if (value instanceof NativeFunction || value instanceof Lazy || value instanceof PythonObject) {
    throw new NotSupported(`printing a ${typeName(value)} (Python prints its address in memory)`);
  }
  throw new NotSupported('printing this value');
}

/** Python's shortest form: exponents from 1e16 and below 1e-4, always with a point or an exponent. */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa, exponentText] = value.toExponential().split('e') as [string, string];
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const sign = exponent < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
/** `str.isprintable` is false of these, the space apart. */
const UNPRINTABLE = /[\p{C}\p{Z}]/u;

export const isPrintable = (character: string): boolean => character === ' ' || !UNPRINTABLE.test(character);

export function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  return (
    quote +
    escaped(text, (character) => (character === quote ? `\\${quote}` : undefined), isPrintable) +
    quote
  );
}

/** `ascii(value)` of a text that `repr` gave. */
export const asciiOnly = (text: string): string =>
  escaped(
    text,
    (character) => (character.codePointAt(0)! < 0x80 ? character : undefined),
    () => false,
  );

function escaped(
  text: string,
  special: (character: string) => string | undefined,
  isPlain: (character: string) => boolean,
): string {
  let written = '';
  for (const character of text) {
    const known = special(character) ?? SIMPLE_ESCAPES[character];
    written += known ?? (isPlain(character) ? character : hexEscape(character));
  }
  return written;
}

function hexEscape(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
