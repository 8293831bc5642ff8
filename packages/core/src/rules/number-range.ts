import { invalidOption } from '../errors.ts';

/** Which numbers a parameter may be, as data: checks, messages and help are made from it. */
export interface NumberRange {
  /** Whole numbers only. */
  readonly whole?: true;
  /** At least. */
  readonly least?: number;
  /** More than. */
  readonly above?: number;
  /** At most. */
  readonly most?: number;
  /** Less than. */
  readonly below?: number;
}

/** NaN is within no range, and infinity only within one that says so. */
export function isWithin(value: unknown, { whole, least, above, most, below }: NumberRange): value is number {
  return (
    typeof value === 'number' &&
    !Number.isNaN(value) &&
    (Number.isFinite(value) || most === value || least === value) &&
    !(whole && !Number.isInteger(value)) &&
    !(least !== undefined && value < least) &&
    !(above !== undefined && value <= above) &&
    !(most !== undefined && value > most) &&
    !(below !== undefined && value >= below)
  );
}

/** "a number above 0, at most 1": completes "expected … to be …". */
export function sayRange({ whole, least, above, most, below }: NumberRange): string {
  const number = whole ? 'a whole number' : 'a number';
  const upper = most !== undefined ? `at most ${most}` : below !== undefined ? `below ${below}` : undefined;
  if (least !== undefined && most !== undefined) return `${number} from ${least} to ${most}`;
  if (least !== undefined && upper !== undefined) return `${number} from ${least}, ${upper}`;
  if (least !== undefined) return `${number} of at least ${least}`;
  if (above !== undefined) return `${number} above ${above}${upper === undefined ? '' : `, ${upper}`}`;
  return upper === undefined ? number : `${number} of ${upper}`.replace('of below', 'below');
}

/** The value itself; outside the range an error of code `invalid-option`. */
export function checkNumber(name: string, range: NumberRange, value: number): number {
  if (!isWithin(value, range)) throw invalidOption(name, sayRange(range), value);
  return value;
}

/** Reads a decimal number; what JavaScript would also take (`0x10`, an empty text) is NaN. */
export const readNumber = (text: string): number =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
