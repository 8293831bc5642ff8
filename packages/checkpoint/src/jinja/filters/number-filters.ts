import { bind, requireInteger } from '../arguments.ts';
import { calculate, toFloat } from '../arithmetic.ts';
import { isNumeric, isTrue, plain } from '../compare.ts';
import { fixed, roundFloat } from '../decimal.ts';
import { PythonError, typeError, valueError } from '../errors.ts';
import { parseFloatText, parseIntegerText } from '../parse-number.ts';
import { str } from '../repr.ts';
import type { FilterFunction } from '../runtime.ts';
import { isString, textOf, typeName, Undefined, type Value } from '../values.ts';

/** `float(value)`; `undefined` where Python raises TypeError or ValueError. */
function toPythonFloat(value: Value): number | undefined {
  if (value instanceof Undefined) return value.raise();
  if (isNumeric(value)) return toFloat(plain(value));
  return isString(value) ? parseFloatText(textOf(value)) : undefined;
}

/** `int(value)` of a float; `undefined` of nan. */
function truncated(value: number): bigint | undefined {
  if (Number.isNaN(value)) return undefined;
  if (!Number.isFinite(value)) {
    throw new PythonError('OverflowError', 'cannot convert float infinity to integer');
  }
  return BigInt(Math.trunc(value));
}

const SIZES = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];

export const numberFilters: Readonly<Record<string, FilterFunction>> = {
  int(_, value, args, keywords) {
    const parameters = ['default', 'base'];
    const [otherwise = 0n, base = 10n] = bind({ name: 'do_int', parameters, required: 0 }, args, keywords);
    if (value instanceof Undefined) return value.raise();
    if (isString(value)) {
      const whole = parseIntegerText(textOf(value), requireInteger(base));
      if (whole !== undefined) return whole;
      const float = parseFloatText(textOf(value));
      return float === undefined || !Number.isFinite(float) ? otherwise : BigInt(Math.trunc(float));
    }
    if (!isNumeric(value)) return otherwise;
    const number = plain(value);
    if (typeof number === 'bigint') return number;
    const whole = truncated(number);
    return whole === undefined ? otherwise : whole;
  },
  float(_, value, args, keywords) {
    const [otherwise = 0] = bind({ name: 'do_float', parameters: ['default'], required: 0 }, args, keywords);
    const float = toPythonFloat(value);
    return float === undefined ? otherwise : float;
  },
  abs(_, value) {
    if (!isNumeric(value)) throw typeError(`bad operand type for abs(): '${typeName(value)}'`);
    const number = plain(value);
    return typeof number === 'number' ? Math.abs(number) : number < 0n ? -number : number;
  },
  round(runtime, value, args, keywords) {
    const parameters = ['precision', 'method'];
    const [precision = 0n, method = 'common'] = bind(
      { name: 'do_round', parameters, required: 0 },
      args,
      keywords,
    );
    if (!isString(method) || !['common', 'ceil', 'floor'].includes(textOf(method))) {
      throw new PythonError('FilterArgumentError', 'method must be common, ceil or floor');
    }
    if (textOf(method) === 'common') {
      if (!isNumeric(value)) throw typeError(`type ${typeName(value)} doesn't define __round__ method`);
      const places = requireInteger(precision);
      const number = plain(value);
      return typeof number === 'number' ? roundFloat(number, places) : roundInteger(number, places);
    }
    const scale = calculate(runtime, 10n, '**', precision);
    const scaled = calculate(runtime, value, '*', scale);
    if (!isNumeric(scaled)) throw typeError(`must be real number, not ${typeName(scaled)}`);
    const number = plain(scaled);
    if (typeof number === 'bigint') return calculate(runtime, number, '/', scale);
    if (Number.isNaN(number)) throw valueError('cannot convert float NaN to integer');
    const whole = truncated(textOf(method) === 'ceil' ? Math.ceil(number) : Math.floor(number));
    return calculate(runtime, whole!, '/', scale);
  },
  filesizeformat(runtime, value, args, keywords) {
    const [binary = false] = bind(
      { name: 'do_filesizeformat', parameters: ['binary'], required: 0 },
      args,
      keywords,
    );
    const bytes = toPythonFloat(value);
    if (bytes === undefined) {
      throw isString(value)
        ? valueError(`could not convert string to float: '${str(runtime, value)}'`)
        : typeError(`float() argument must be a string or a real number, not '${typeName(value)}'`);
    }
    const isBinary = isTrue(binary);
    const base = isBinary ? 1024 : 1000;
    if (bytes === 1) return '1 Byte';
    if (bytes < base) return `${truncated(bytes)} Bytes`;
    const step = SIZES.findIndex((_, i) => bytes < base ** (i + 2));
    const at = step < 0 ? SIZES.length - 1 : step;
    const name = isBinary ? `${SIZES[at]![0]!.toUpperCase()}iB` : SIZES[at]!;
    return `${fixed((base * bytes) / base ** (at + 2), 1)} ${name}`;
  },
};

/** `round(int, places)`: below zero to tens, hundreds …, halves to even. */
function roundInteger(value: bigint, places: number): bigint {
  if (places >= 0) return value;
  const unit = 10n ** BigInt(Math.min(-places, 400));
  const rest = ((value % unit) + unit) % unit;
  const below = value - rest;
  const isUp = rest * 2n > unit || (rest * 2n === unit && (below / unit) % 2n !== 0n);
  return isUp ? below + unit : below;
}
