import { NotSupported, valueError } from './errors.ts';

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const DAY_MS = 86_400_000;
const MAX_WIDTH = 1000;

/** A number with how many columns it has and what fills them. */
interface Padded {
  readonly value: number;
  readonly width: number;
  readonly fill: '0' | ' ';
}

/** Days are counted without hours, so that no change of clocks moves them. */
const dayNumber = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS;

const dayOfYear = (date: Date) => dayNumber(date) - Date.UTC(date.getFullYear(), 0, 1) / DAY_MS + 1;

/** Weeks since the year's first `weekday`. */
const weekFrom = (date: Date, weekday: number) =>
  Math.floor((dayOfYear(date) + 6 - ((date.getDay() - weekday + 7) % 7)) / 7);

/** ISO 8601's week and the year it belongs to: the one its Thursday is in. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date((dayNumber(date) - ((date.getDay() + 6) % 7) + 3) * DAY_MS);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / DAY_MS / 7) + 1;
  return { year, week };
}

const two = (value: number): Padded => ({ value, width: 2, fill: '0' });
const spaced = (value: number): Padded => ({ value, width: 2, fill: ' ' });
const bare = (value: number): Padded => ({ value, width: 1, fill: '0' });
const hour12 = (date: Date) => date.getHours() % 12 || 12;

/** Directives that stand for others. */
const COMPOUND: Readonly<Record<string, string>> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  r: '%I:%M:%S %p',
  R: '%H:%M',
  T: '%H:%M:%S',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
};

const DIRECTIVES: Readonly<Record<string, (date: Date) => string | Padded>> = {
  a: (date) => DAYS[date.getDay()]!.slice(0, 3),
  A: (date) => DAYS[date.getDay()]!,
  b: (date) => MONTHS[date.getMonth()]!.slice(0, 3),
  B: (date) => MONTHS[date.getMonth()]!,
  C: (date) => two(Math.floor(date.getFullYear() / 100)),
  d: (date) => two(date.getDate()),
  e: (date) => spaced(date.getDate()),
  f: (date) => ({ value: date.getMilliseconds() * 1000, width: 6, fill: '0' }),
  g: (date) => two(isoWeek(date).year % 100),
  G: (date) => bare(isoWeek(date).year),
  h: (date) => MONTHS[date.getMonth()]!.slice(0, 3),
  H: (date) => two(date.getHours()),
  I: (date) => two(hour12(date)),
  j: (date) => ({ value: dayOfYear(date), width: 3, fill: '0' }),
  k: (date) => spaced(date.getHours()),
  l: (date) => spaced(hour12(date)),
  m: (date) => two(date.getMonth() + 1),
  M: (date) => two(date.getMinutes()),
  n: () => '\n',
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  P: (date) => (date.getHours() < 12 ? 'am' : 'pm'),
  s: (date) => bare(Math.floor(date.getTime() / 1000)),
  S: (date) => two(date.getSeconds()),
  t: () => '\t',
  u: (date) => bare(date.getDay() || 7),
  U: (date) => two(weekFrom(date, 0)),
  V: (date) => two(isoWeek(date).week),
  w: (date) => bare(date.getDay()),
  W: (date) => two(weekFrom(date, 1)),
  y: (date) => two(date.getFullYear() % 100),
  Y: (date) => bare(date.getFullYear()),
  // Python's clock has no zone, so there is nothing to write
  z: () => '',
  Z: () => '',
  '%': () => '%',
};

/**
 * `datetime.now().strftime(format)` of Python under Linux in the C locale: every directive with the
 * flags and widths of its library. One that is not known is refused by name.
 */
export function strftime(date: Date, format: string): string {
  if (format.includes('\0')) throw valueError('embedded null character');
  let written = '';
  let at = 0;
  for (const found of format.matchAll(/%([-_0^#]*)(\d*)([EO]?)([\s\S]?)/gu)) {
    const [whole, flags = '', width = '', , letter = ''] = found;
    written += format.slice(at, found.index) + directive(date, { whole, flags, width, letter });
    at = found.index + whole.length;
  }
  return written + format.slice(at);
}

interface Directive {
  readonly whole: string;
  readonly flags: string;
  readonly width: string;
  readonly letter: string;
}

function directive(date: Date, { whole, flags, width, letter }: Directive): string {
  if (whole === '%') return '%';
  const compound = Object.hasOwn(COMPOUND, letter) ? COMPOUND[letter] : undefined;
  const simple = Object.hasOwn(DIRECTIVES, letter) ? DIRECTIVES[letter] : undefined;
  if (Number(width) > MAX_WIDTH || (compound === undefined && simple === undefined)) {
    throw new NotSupported(`strftime's ${whole}`);
  }
  if (compound !== undefined) return dressed(strftime(date, compound), flags, width, letter);
  const value = simple!(date);
  return typeof value === 'string' ? dressed(value, flags, width, letter) : numbered(value, flags, width);
}

function numbered({ value, width, fill }: Padded, flags: string, asked: string): string {
  const flag = [...flags].filter((each) => '-_0'.includes(each)).at(-1);
  if (flag === '-') return String(value).padStart(Number(asked), '0');
  const columns = asked === '' ? width : Math.max(width, Number(asked));
  return String(value).padStart(columns, flag === '_' ? ' ' : flag === '0' ? '0' : fill);
}

/** `^` writes capitals; `#` the other case, where a directive has one. */
function dressed(text: string, flags: string, width: string, letter: string): string {
  const isOther = flags.includes('#') && 'aAbBhpZ'.includes(letter);
  const other = letter === 'p' || letter === 'Z' ? text.toLowerCase() : text.toUpperCase();
  const cased = isOther ? other : flags.includes('^') ? text.toUpperCase() : text;
  return cased.padStart(Number(width), flags.includes('0') ? '0' : ' ');
}
