import { isNumeric, plain } from './compare.ts';
import { NotSupported, PythonError, typeError } from './errors.ts';
import { escapeValue } from './markup.ts';
import { printf } from './printf.ts';
import type { Runtime } from './runtime.ts';
import { asIndex } from './sequences.ts';
import { isList, isString, Markup, Tuple, textOf, typeName, Undefined, type Value } from './values.ts';

export type Operator = '+' | '-' | '*' | '/' | '//' | '%' | '**';

/** `a operator b` as Python does it. */
export function calculate(runtime: Runtime, a: Value, operator: Operator, b: Value): Value {
  runtime.budget.step();
  if (isNumeric(a) && isNumeric(b)) return ofNumbers(runtime, plain(a), operator, plain(b));
  const made = ofTexts(runtime, a, operator, b) ?? ofLists(runtime, a, operator, b);
  if (made !== undefined) return made;
  if (a instanceof Undefined) return a.raise();
  if (b instanceof Undefined) return b.raise();
  throw unsupported(a, operator, b);
}

function unsupported(a: Value, operator: Operator, b: Value): PythonError {
  if (operator === '+' && typeof a === 'string') {
    return typeError(`can only concatenate str (not "${typeName(b)}") to str`);
  }
  if (operator === '+' && isList(a))
    return typeError(`can only concatenate list (not "${typeName(b)}") to list`);
  if (operator === '+' && a instanceof Tuple) {
    return typeError(`can only concatenate tuple (not "${typeName(b)}") to tuple`);
  }
  if (operator === '*') {
    const [sequence, other] = isSequence(a) ? [a, b] : [b, a];
    if (isSequence(sequence))
      return typeError(`can't multiply sequence by non-int of type '${typeName(other)}'`);
  }
  const name = operator === '**' ? '** or pow()' : operator;
  return typeError(`unsupported operand type(s) for ${name}: '${typeName(a)}' and '${typeName(b)}'`);
}

const isSequence = (value: Value) => isList(value) || isString(value) || value instanceof Tuple;

function ofTexts(runtime: Runtime, a: Value, operator: Operator, b: Value): Value | undefined {
  if (operator === '%' && isString(a)) return printf(runtime, a, b);
  if (operator === '+' && isString(a) && isString(b)) {
    const isMarkup = a instanceof Markup || b instanceof Markup;
    const [left, right] = isMarkup
      ? [escapeValue(runtime, a).text, escapeValue(runtime, b).text]
      : [textOf(a), textOf(b)];
    runtime.budget.text(left.length + right.length);
    return isMarkup ? new Markup(left + right) : left + right;
  }
  if (operator !== '*') return undefined;
  const [text, times] = isString(a)
    ? [a, asIndex(b)]
    : isString(b)
      ? [b, asIndex(a)]
      : [undefined, undefined];
  if (text === undefined || times === undefined) return undefined;
  const count = repeatCount(times);
  runtime.budget.text(textOf(text).length * count);
  const repeated = textOf(text) === '' ? '' : textOf(text).repeat(count);
  return text instanceof Markup ? new Markup(repeated) : repeated;
}

function ofLists(runtime: Runtime, a: Value, operator: Operator, b: Value): Value | undefined {
  const itemsOf = (value: Value) =>
    isList(value) ? value : value instanceof Tuple ? value.items : undefined;
  const [left, right] = [itemsOf(a), itemsOf(b)];
  if (operator === '+' && left !== undefined && right !== undefined && isList(a) === isList(b)) {
    runtime.budget.items(left.length + right.length);
    const joined = [...left, ...right];
    return isList(a) ? joined : new Tuple(joined);
  }
  if (operator !== '*') return undefined;
  const [items, model, times] = left !== undefined ? [left, a, asIndex(b)] : [right, b, asIndex(a)];
  if (items === undefined || times === undefined) return undefined;
  const count = repeatCount(times);
  runtime.budget.items(items.length * count);
  const repeated = items.length === 0 ? [] : Array.from({ length: count }, () => items).flat();
  return isList(model) ? repeated : new Tuple(repeated);
}

function repeatCount(times: bigint): number {
  if (times >= 2n ** 63n || times < -(2n ** 63n))
    throw overflow("cannot fit 'int' into an index-sized integer");
  return times > 0n ? Number(times) : 0;
}

function ofNumbers(runtime: Runtime, a: bigint | number, operator: Operator, b: bigint | number): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return ofIntegers(runtime, a, operator, b);
  const [x, y] = [toFloat(a), toFloat(b)];
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      if (y === 0) throw divisionByZero('float division by zero');
      return x / y;
    case '//':
      if (y === 0) throw divisionByZero('float floor division by zero');
      return floorDivide(x, y);
    case '%':
      if (y === 0) throw divisionByZero('float modulo');
      return floatModulo(x, y);
    case '**':
      return power(x, y);
  }
}

function ofIntegers(runtime: Runtime, a: bigint, operator: Operator, b: bigint): Value {
  switch (operator) {
    case '+':
      runtime.budget.integer(Math.max(bits(a), bits(b)) + 1);
      return a + b;
    case '-':
      runtime.budget.integer(Math.max(bits(a), bits(b)) + 1);
      return a - b;
    case '*':
      runtime.budget.integer(bits(a) + bits(b));
      return a * b;
    case '/':
      if (b === 0n) throw divisionByZero('division by zero');
      return trueDivide(a, b);
    case '//':
      if (b === 0n) throw divisionByZero('integer division or modulo by zero');
      return (a - integerModulo(a, b)) / b;
    case '%':
      if (b === 0n) throw divisionByZero('integer modulo by zero');
      return integerModulo(a, b);
    case '**':
      if (b < 0n) return power(toFloat(a), toFloat(b));
      if (a === 0n || a === 1n) return b === 0n ? 1n : a;
      runtime.budget.integer(bits(a) * Number(b));
      return a ** b;
  }
}

const divisionByZero = (message: string) => new PythonError('ZeroDivisionError', message);
const overflow = (message: string) => new PythonError('OverflowError', message);

export const bits = (value: bigint): number => (value < 0n ? -value : value).toString(2).length;

/** The result has the divisor's sign. */
function integerModulo(a: bigint, b: bigint): bigint {
  const rest = a % b;
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
}

function floatModulo(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

function floorDivide(a: number, b: number): number {
  const rest = a % b;
  const quotient = (a - rest) / b - (rest !== 0 && b < 0 !== rest < 0 ? 1 : 0);
  if (quotient === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

/** An int as a float; refused beyond the largest. */
export function toFloat(value: bigint | number): number {
  const float = Number(value);
  if (typeof value === 'bigint' && !Number.isFinite(float))
    throw overflow('int too large to convert to float');
  return float;
}

/** Rounded once, as Python does it, also where neither operand fits into a float. */
function trueDivide(a: bigint, b: bigint): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isSafeInteger(x) && Number.isSafeInteger(y)) return x / y;
  const negative = a < 0n !== b < 0n;
  const [top, bottom] = [a < 0n ? -a : a, b < 0n ? -b : b];
  // 66 bits of the quotient and one that says whether more follow: enough to round right
  const shift = BigInt(66 - (bits(top) - bits(bottom)));
  const [n, d] = shift > 0n ? [top << shift, bottom] : [top, bottom << -shift];
  const quotient = ((n / d) << 1n) | (n % d === 0n ? 0n : 1n);
  const scale = -Number(shift) - 1;
  const float = Number(quotient) * 2 ** Math.trunc(scale / 2) * 2 ** (scale - Math.trunc(scale / 2));
  if (!Number.isFinite(float)) throw overflow('integer division result too large for a float');
  return negative ? -float : float;
}

const MAX_EXACT_POWER = 64;

/** Whole powers are exact and rounded once; of others only the square root is the same everywhere. */
function power(a: number, b: number): number {
  if (a === 0 && b < 0) throw divisionByZero('0.0 cannot be raised to a negative power');
  if (a < 0 && !Number.isInteger(b) && Number.isFinite(b)) throw new NotSupported('a complex number');
  if (a === 1 || b === 0) return 1;
  if (!Number.isFinite(a) || !Number.isFinite(b) || a === 0) return a ** b;
  if (b === 0.5) return Math.sqrt(a);
  if (!Number.isInteger(b)) throw new NotSupported('a power that is no whole number');
  const result = a ** b;
  if (!Number.isFinite(result)) throw overflow("(34, 'Numerical result out of range')");
  if (Math.abs(b) > MAX_EXACT_POWER)
    throw new NotSupported(`a float to the power of more than ${MAX_EXACT_POWER}`);
  const { numerator, denominator } = ratioOf(a);
  const [top, bottom] = b > 0 ? [numerator, denominator] : [denominator, numerator];
  const exponent = BigInt(Math.abs(b));
  return trueDivide(top ** exponent, bottom ** exponent);
}

/** A float as the fraction that it is. */
function ratioOf(value: number): { readonly numerator: bigint; readonly denominator: bigint } {
  let denominator = 1n;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    denominator *= 2n;
  }
  return { numerator: BigInt(scaled), denominator };
}

/** `-value`, `+value`. */
export function signed(value: Value, sign: '-' | '+'): Value {
  if (value instanceof Undefined) return value.raise();
  if (!isNumeric(value)) throw typeError(`bad operand type for unary ${sign}: '${typeName(value)}'`);
  const number = plain(value);
  return sign === '-' ? -number : number;
}

/** `a ~ b`: their texts, one after the other. */
export function joinTexts(runtime: Runtime, texts: readonly string[]): string {
  runtime.budget.text(texts.reduce((sum, text) => sum + text.length, 0));
  return texts.join('');
}
