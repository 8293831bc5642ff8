import { between, type Random } from './random.ts';

/** How somebody types a problem: with or without care. */
export interface Typing {
  /** No capital letters, also not in names. */
  readonly lower: boolean;
  /** How likely a full stop, or the last question mark, is left out. */
  readonly dropsStops: number;
  /** The largest number that is written as a word. */
  readonly inWords: number;
  /** 1,200 instead of 1200. */
  readonly commas: boolean;
}

export function drawTyping(random: Random): Typing {
  const lower = random() < 0.15;
  const careless = random() < (lower ? 0.6 : 0.08);
  return {
    lower,
    dropsStops: careless ? 0.3 + 0.7 * random() : 0,
    inWords: random() < 0.2 ? [3, 10, 12, 20, 100][between(random, 0, 4)]! : 0,
    commas: random() < 0.15,
  };
}

const ONES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

/** Up to a hundred. */
function inWords(value: number): string {
  if (value === 100) return 'a hundred';
  if (value < 20) return ONES[value]!;
  const tens = TENS[Math.floor(value / 10) - 2]!;
  return value % 10 === 0 ? tens : `${tens}-${ONES[value % 10]}`;
}

export function typedNumber(value: number, { inWords: most, commas }: Typing): string {
  if (value > 0 && value <= most) return inWords(value);
  return commas && value >= 1000 ? value.toLocaleString('en-US') : String(value);
}

/** One sentence, from what it says: a capital letter and a full stop, where they are not dropped. */
export function sentence(text: string, stop: string, typing: Typing, random: Random): string {
  const said = typing.lower ? text.toLowerCase() : text.charAt(0).toUpperCase() + text.slice(1);
  return random() < typing.dropsStops ? said : said + stop;
}

const BELOW_HUNDRED = `(?:(?:${TENS.join('|')})(?:[- ](?:${ONES.slice(1, 10).join('|')}))?|${[...ONES].reverse().join('|')})`;

/** The source of a regular expression for a number as it is typed. */
const WORDS = `(?:(?:a|one|two|three|four|five|six|seven|eight|nine) hundred(?: and)? )?${BELOW_HUNDRED}\\b|(?:a|one|two|three|four|five|six|seven|eight|nine) hundred\\b|a dozen\\b`;
export const NUMBER = `\\d{1,3}(?:,\\d{3})+(?!\\d)|\\d+|${WORDS}`;

/** The value of what `NUMBER` reads. */
export function readNumber(text: string): number {
  if (/^[\d,]+$/.test(text)) return Number(text.replaceAll(',', ''));
  if (text === 'a dozen') return 12;
  let value = 0;
  for (const word of text.split(/[- ]/)) {
    if (word === 'hundred') value = Math.max(1, value) * 100;
    else if (TENS.includes(word)) value += 20 + 10 * TENS.indexOf(word);
    else if (ONES.includes(word)) value += ONES.indexOf(word);
  }
  return value;
}

const NUMBER_WORDS: readonly string[] = [...ONES, ...TENS, 'hundred', 'dozen'];

/** Shortens a source with `NUMBER` in it for a prompt that has no number in words. */
export const withoutWords = (source: string, words: ReadonlySet<string>): string =>
  NUMBER_WORDS.some((word) => words.has(word)) ? source : source.replaceAll(`|${WORDS}`, '');
