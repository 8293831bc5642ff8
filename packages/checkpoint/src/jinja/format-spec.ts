import { isNumeric, plain } from './compare.ts';
import { typeError, valueError } from './errors.ts';
import { type FloatType, floatText, integerText } from './number-text.ts';
import { str } from './repr.ts';
import type { Runtime } from './runtime.ts';
import { characters, codePointCount } from './sequences.ts';
import { isString, textOf, typeName, type Value } from './values.ts';

interface Spec {
  readonly fill: string;
  readonly align: string | undefined;
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | undefined;
  readonly type: string;
}

const SPEC = /^(?:([\s\S])?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u;

/** `format(value, spec)`: Python's mini-language. */
export function formatValue(runtime: Runtime, value: Value, specText: string): string {
  if (specText === '') return str(runtime, value);
  if (!isString(value) && !isNumeric(value)) {
    throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`);
  }
  const spec = parse(specText, typeName(value));
  runtime.budget.text(spec.width + (spec.precision ?? 0));
  if (isString(value)) return ofText(textOf(value), spec);
  const number = plain(value);
  return typeof number === 'bigint' ? ofInteger(number, spec, typeName(value)) : ofFloat(number, spec);
}

function parse(text: string, type: string): Spec {
  const found = SPEC.exec(text);
  if (found === null) {
    throw valueError(`Invalid format specifier '${text}' for object of type '${type}'`);
  }
  const [, fill, align, sign, , alternate, zero, width, grouping, precision, presentation] = found;
  return {
    fill: fill ?? (zero === undefined || align !== undefined ? (zero ?? ' ') : '0'),
    align: align ?? (zero === undefined ? undefined : '0'),
    sign: sign ?? '',
    alternate: alternate !== undefined,
    width: width === undefined ? 0 : Number(width),
    grouping: grouping ?? '',
    precision: precision === undefined ? undefined : Number(precision),
    type: presentation ?? '',
  };
}

function unknownCode(type: string, of: string) {
  return valueError(`Unknown format code '${type}' for object of type '${of}'`);
}

function ofText(text: string, spec: Spec): string {
  if (spec.type !== '' && spec.type !== 's') throw unknownCode(spec.type, 'str');
  if (spec.sign !== '') throw valueError('Sign not allowed in string format specifier');
  if (spec.alternate) throw valueError('Alternate form (#) not allowed in string format specifier');
  if (spec.align === '=') throw valueError("'=' alignment not allowed in string format specifier");
  if (spec.grouping !== '') throw valueError(`Cannot specify '${spec.grouping}' with 's'.`);
  const cut = spec.precision === undefined ? text : characters(text).slice(0, spec.precision).join('');
  return aligned('', cut, spec, '<');
}

function ofInteger(value: bigint, spec: Spec, typeOf: string): string {
  const { type } = spec;
  if ('eEfFgG%'.includes(type) && type !== '') return ofFloat(Number(value), spec);
  if (!['', 'b', 'c', 'd', 'n', 'o', 'x', 'X'].includes(type)) throw unknownCode(type, typeOf);
  if (spec.precision !== undefined) throw valueError('Precision not allowed in integer format specifier');
  if (type === 'c') {
    if (spec.sign !== '') throw valueError("Sign not allowed with integer format specifier 'c'");
    return aligned('', String.fromCodePoint(Number(value)), spec, '<');
  }
  const { prefix, digits } = integerText(value, type);
  const front = signOf(spec, value < 0n) + (spec.alternate ? prefix : '');
  const size = ['b', 'o', 'x', 'X'].includes(type) ? 4 : 3;
  return aligned(front, grouped(digits, '', front, spec, size), spec, '>');
}

function ofFloat(value: number, spec: Spec): string {
  if (!['', 'e', 'E', 'f', 'F', 'g', 'G', 'n', '%'].includes(spec.type))
    throw unknownCode(spec.type, 'float');
  const text = floatText(value, {
    type: spec.type as FloatType,
    precision: spec.precision,
    alternate: spec.alternate,
  });
  const front = signOf(spec, value < 0 || Object.is(value, -0));
  const [, whole, rest] = /^(\d*)([\s\S]*)$/.exec(text)!;
  return aligned(front, grouped(whole!, rest!, front, spec, 3), spec, '>');
}

const signOf = ({ sign }: Spec, isNegative: boolean): string => (isNegative ? '-' : sign === '-' ? '' : sign);

/** Separators every three or four digits; zeros that fill the width get theirs, too. */
function grouped(digits: string, rest: string, front: string, spec: Spec, size: number): string {
  const { grouping, width } = spec;
  if (grouping === '' || digits === '') return digits + rest;
  const split = (text: string) => text.replace(new RegExp(`\\B(?=(?:.{${size}})+$)`, 'g'), grouping);
  let whole = digits;
  if (spec.align === '0' || (spec.align === '=' && spec.fill === '0')) {
    while (split(whole).length + rest.length + front.length < width) whole = `0${whole}`;
    const filled = split(whole);
    return (filled.startsWith(grouping) ? `0${filled}` : filled) + rest;
  }
  return split(whole) + rest;
}

function aligned(front: string, body: string, { fill, align, width }: Spec, usual: '<' | '>'): string {
  const missing = Math.max(0, width - codePointCount(front + body));
  // a zero before the width fills between sign and digits, and texts at their end
  const where = align === '0' ? (usual === '>' ? '=' : '<') : (align ?? usual);
  if (where === '<') return front + body + fill.repeat(missing);
  if (where === '=') return front + fill.repeat(missing) + body;
  if (where === '>') return fill.repeat(missing) + front + body;
  const left = Math.floor(missing / 2);
  return fill.repeat(left) + front + body + fill.repeat(missing - left);
}
