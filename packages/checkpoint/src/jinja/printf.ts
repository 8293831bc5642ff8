import { isNumeric, plain } from './compare.ts';
import { NotSupported, PythonError, typeError, valueError } from './errors.ts';
import { escapeText } from './markup.ts';
import { type FloatType, floatText, integerText } from './number-text.ts';
import { asciiOnly, repr, str, stringRepr } from './repr.ts';
import type { Runtime } from './runtime.ts';
import { characters } from './sequences.ts';
import {
  Dict,
  isList,
  isString,
  Markup,
  Range,
  Tuple,
  textOf,
  typeName,
  Undefined,
  type Value,
} from './values.ts';

const DIRECTIVE = /%(?:\(((?:[^()]|\([^()]*\))*)\))?([-+ #0]*)(\*|\d+)?(\.(\*|\d+)?)?[hlL]?([\s\S])?/gu;

interface Directive {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly type: string;
}

/** `format % values`. In Markup every value is escaped. */
export function printf(runtime: Runtime, format: string | Markup, values: Value): string | Markup {
  const isMarkup = format instanceof Markup;
  const source = textOf(format);
  const list = values instanceof Tuple ? values.items : [values];
  // whatever can be subscripted counts as a mapping, and need not be used up
  const isMapping =
    values instanceof Dict || isList(values) || values instanceof Range || values instanceof Undefined;
  let next = 0;
  const take = (): Value => {
    if (next >= list.length) throw typeError('not enough arguments for format string');
    return list[next++]!;
  };
  const takeNumber = (text: string | undefined): number | undefined => {
    if (text !== '*') return text === undefined ? undefined : Number(text);
    const value = take();
    if (typeof value !== 'bigint') throw typeError('* wants int');
    return Number(value);
  };
  const written = source.replace(DIRECTIVE, (whole, key, flags: string, width, dot, precision, type, at) => {
    const given = key === undefined ? undefined : mapped(values, key);
    const columns = takeNumber(width) ?? 0;
    const places = dot === undefined ? undefined : (takeNumber(precision) ?? 0);
    if (type === undefined) throw valueError('incomplete format');
    if (type === '%') return '%';
    const directive = {
      flags: columns < 0 ? `${flags}-` : flags,
      width: Math.abs(columns),
      precision: places,
      type: type as string,
    };
    runtime.budget.text(directive.width + (directive.precision ?? 0));
    const index = characters(source.slice(0, at + whole.length)).length - 1;
    return oneValue(runtime, directive, given ?? take(), { index, isMarkup });
  });
  if (next < list.length && !isMapping)
    throw typeError('not all arguments converted during string formatting');
  runtime.budget.text(written.length);
  return isMarkup ? new Markup(written) : written;
}

function mapped(values: Value, key: string): Value {
  if (values instanceof Undefined) return values.raise();
  if (!(values instanceof Dict)) throw typeError('format requires a mapping');
  const value = values.get(key);
  if (value === undefined) throw new PythonError('KeyError', stringRepr(key));
  return value;
}

interface Place {
  readonly index: number;
  readonly isMarkup: boolean;
}

function oneValue(runtime: Runtime, directive: Directive, value: Value, { index, isMarkup }: Place): string {
  const { type, precision } = directive;
  switch (type) {
    case 's':
    case 'r':
    case 'a': {
      const plainText = type === 's' ? str(runtime, value) : repr(runtime, value);
      const text = type === 'a' ? asciiOnly(plainText) : plainText;
      const safe = isMarkup && !(type === 's' && value instanceof Markup) ? escapeText(text) : text;
      return padded(
        directive,
        '',
        precision === undefined ? safe : characters(safe).slice(0, precision).join(''),
        ' ',
      );
    }
    case 'c':
      return padded(directive, '', oneCharacter(value), ' ');
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
      return wholeNumber(directive, value);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': {
      if (isMarkup && isString(value)) throw new NotSupported('a float format of a str in Markup');
      const float = asFloat(value);
      const isNegative = float < 0 || Object.is(float, -0);
      const alternate = directive.flags.includes('#');
      const digits = floatText(float, { type: type as FloatType, precision, alternate });
      return padded(directive, signOf(directive.flags, isNegative), digits, '0');
    }
    default: {
      const code = type.codePointAt(0)!.toString(16);
      throw valueError(`unsupported format character '${type}' (0x${code}) at index ${index}`);
    }
  }
}

function oneCharacter(value: Value): string {
  if (typeof value === 'bigint') {
    if (value < 0n || value > 0x10ffffn)
      throw new PythonError('OverflowError', '%c arg not in range(0x110000)');
    return String.fromCodePoint(Number(value));
  }
  if (isString(value) && characters(textOf(value)).length === 1) return textOf(value);
  throw typeError('%c requires int or char');
}

function wholeNumber(directive: Directive, value: Value): string {
  const { flags, precision, type } = directive;
  if (value instanceof Undefined) return value.raise();
  const isHex = type === 'x' || type === 'X' || type === 'o';
  if (isHex && typeof value === 'number')
    throw typeError(`%${type} format: an integer is required, not float`);
  if (!isNumeric(value)) {
    const wanted = isHex ? 'an integer' : 'a real number';
    throw typeError(`%${type} format: ${wanted} is required, not ${typeName(value)}`);
  }
  const number = plain(value);
  const whole = typeof number === 'bigint' ? number : BigInt(Math.trunc(number));
  const { prefix, digits } = integerText(whole, type);
  const front = signOf(flags, whole < 0n) + (flags.includes('#') ? prefix : '');
  return padded(directive, front, digits.padStart(precision ?? 0, '0'), '0');
}

const signOf = (flags: string, isNegative: boolean): string => {
  if (isNegative) return '-';
  return flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
};

function padded({ flags, width }: Directive, front: string, body: string, zero: '0' | ' '): string {
  const missing = Math.max(0, width - characters(front + body).length);
  if (flags.includes('-')) return front + body + ' '.repeat(missing);
  if (flags.includes('0') && zero === '0') return front + '0'.repeat(missing) + body;
  return ' '.repeat(missing) + front + body;
}

export function asFloat(value: Value): number {
  if (value instanceof Undefined) return value.raise();
  if (!isNumeric(value)) throw typeError(`must be real number, not ${typeName(value)}`);
  return Number(plain(value));
}
