import { fixed, scientific } from './decimal.ts';
import { floatRepr } from './repr.ts';

export type FloatType = 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%' | '';

export interface FloatStyle {
  readonly type: FloatType;
  /** Python's default where it is left out. */
  readonly precision?: number | undefined;
  /** `#`: a point even without digits after it, and no zeros taken away. */
  readonly alternate?: boolean;
}

/** A float's absolute value in one of Python's presentation types. */
export function floatText(value: number, { type, precision, alternate = false }: FloatStyle): string {
  const isUpper = type === 'E' || type === 'F' || type === 'G';
  const cased = (text: string) => (isUpper ? text.toUpperCase() : text);
  if (!Number.isFinite(value)) {
    return cased(Number.isNaN(value) ? 'nan' : 'inf') + (type === '%' ? '%' : '');
  }
  const size = Math.abs(value);
  switch (type) {
    case 'e':
    case 'E':
      return cased(exponential(size, precision ?? 6, alternate));
    case 'f':
    case 'F':
      return withPoint(fixed(size, precision ?? 6), alternate);
    case '%':
      return `${withPoint(fixed(size * 100, precision ?? 6), alternate)}%`;
    case '':
      return precision === undefined
        ? floatRepr(size)
        : general(size, { precision, alternate, pointed: true });
    default:
      return cased(general(size, { precision: precision ?? 6, alternate, pointed: false }));
  }
}

const withPoint = (text: string, alternate: boolean) =>
  alternate && !text.includes('.') ? `${text}.` : text;

function exponential(size: number, places: number, alternate: boolean): string {
  const { digits, exponent } = scientific(size, places);
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  return withPoint(mantissa, alternate) + exponentText(exponent);
}

const exponentText = (exponent: number) =>
  `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;

interface GeneralStyle {
  readonly precision: number;
  readonly alternate: boolean;
  /** At least one digit after the point, as a float without a type has it. */
  readonly pointed: boolean;
}

function general(size: number, { precision, alternate, pointed }: GeneralStyle): string {
  const places = Math.max(precision, 1);
  const { digits, exponent } = scientific(size, places - 1);
  const trimmed = alternate ? digits : digits.replace(/0+$/, '') || '0';
  const limit = pointed ? places - 1 : places;
  if (exponent < -4 || exponent >= limit) {
    const mantissa = trimmed.length > 1 ? `${trimmed[0]}.${trimmed.slice(1)}` : trimmed;
    return withPoint(mantissa, alternate) + exponentText(exponent);
  }
  const text =
    exponent < 0
      ? `0.${'0'.repeat(-exponent - 1)}${trimmed}`
      : pointedAt(trimmed.padEnd(exponent + 1, '0'), exponent + 1);
  if (pointed && !text.includes('.')) return `${text}.0`;
  return withPoint(text, alternate);
}

const pointedAt = (digits: string, at: number) =>
  digits.length > at ? `${digits.slice(0, at)}.${digits.slice(at)}` : digits;

/** An int's absolute value with what `#` puts in front. */
export function integerText(
  value: bigint,
  type: string,
): { readonly prefix: string; readonly digits: string } {
  const size = value < 0n ? -value : value;
  const bases: Readonly<Record<string, readonly [number, string]>> = {
    b: [2, '0b'],
    o: [8, '0o'],
    x: [16, '0x'],
    X: [16, '0X'],
  };
  const [base, prefix] = bases[type] ?? [10, ''];
  const digits = size.toString(base);
  return { prefix, digits: type === 'X' ? digits.toUpperCase() : digits };
}
