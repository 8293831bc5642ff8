import type { Stats } from '../decode/stats.ts';
import { invalidOption, JudgeDecodingError } from '../errors.ts';

/**
 * How many drafted tokens get through, assumed or measured. Bonus and recovered tokens are not
 * counted: an acceptance length of 4 in vLLM or SGLang is `length: 3` here.
 */
export type Acceptance =
  /** Every drafted token with the same chance, given that all before it were accepted. */
  | { readonly kind: 'rate'; readonly rate: number }
  /**
   * So many a round on average, with as little spread as can be: `length: 3.25` accepts three
   * always and a fourth in every fourth round, which is what vLLM and SGLang simulate.
   */
  | { readonly kind: 'length'; readonly length: number }
  /** [i]: share of the rounds in which position i was accepted; never rising. */
  | { readonly kind: 'profile'; readonly rates: readonly number[] };

/** `0.8` or `length:19`; nothing where the text is neither, which may then be a file's name. */
export function parseAcceptance(text: string): Acceptance | undefined {
  const length = /^length:(.*)$/.exec(text)?.[1];
  if (length !== undefined) {
    const value = length.trim() === '' ? Number.NaN : Number(length);
    if (!(value >= 0 && Number.isFinite(value)))
      throw invalidOption('synthetic acceptance', 'a length of at least 0, as in `length:19`', text);
    return { kind: 'length', length: value };
  }
  if (!/^[+-]?(\d|\.\d)/.test(text) || Number.isNaN(Number(text))) return undefined;
  const rate = Number(text);
  if (!(rate >= 0 && rate <= 1))
    throw invalidOption(
      'synthetic acceptance',
      'a rate from 0 to 1, as in `0.8`, or a length, as in `length:19`',
      text,
    );
  return { kind: 'rate', rate };
}

const MOST_POSITIONS = 1024;

/**
 * A profile from the text of a file: a JSON list of shares by position, an object with such a list
 * as `per_position_acceptance` (as vLLM's speculators write it), or CSV whose last column named
 * `acceptance_rate` holds them. `where` names the file in errors.
 */
export function parseAcceptanceProfile(text: string, where: string): Acceptance {
  const rates = /^\s*[[{]/.test(text) ? ratesOfJson(text, where) : ratesOfCsv(text, where);
  if (rates.length === 0 || rates.length > MOST_POSITIONS)
    throw bad(where, `between 1 and ${MOST_POSITIONS} positions`, `${rates.length}`);
  let before = 1;
  for (const [position, rate] of rates.entries()) {
    if (!(rate >= 0 && rate <= before + 1e-9))
      throw bad(
        where,
        `a share from 0 to ${before} at position ${position}: no position is accepted more often than the one before it`,
        String(rate),
      );
    before = rate;
  }
  return { kind: 'profile', rates };
}

function ratesOfJson(text: string, where: string): readonly number[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw bad(where, 'JSON or CSV', 'neither', cause);
  }
  const list = Array.isArray(value)
    ? value
    : (value as { readonly per_position_acceptance?: unknown }).per_position_acceptance;
  if (!Array.isArray(list) || !list.every((one) => typeof one === 'number'))
    throw bad(
      where,
      'a list of numbers, or an object with one as `per_position_acceptance`',
      'something else',
    );
  return list;
}

function ratesOfCsv(text: string, where: string): readonly number[] {
  const [head = '', ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const column = head
    .split(',')
    .map((name) => name.trim())
    .lastIndexOf('acceptance_rate');
  if (column < 0) throw bad(where, 'a column `acceptance_rate`', `the columns ${head.slice(0, 80)}`);
  return lines.map((line, at) => {
    const cell = line.split(',')[column]?.trim() ?? '';
    const rate = cell === '' ? Number.NaN : Number(cell);
    if (Number.isNaN(rate)) throw bad(where, `a number as acceptance_rate in line ${at + 2}`, cell);
    return rate;
  });
}

function bad(where: string, expected: string, got: string, cause?: unknown): JudgeDecodingError {
  return new JudgeDecodingError(
    'invalid-file',
    `Expected ${expected} in the acceptance profile ${where}, got ${got}.`,
    { cause },
  );
}

/**
 * [i]: chance that position i is accepted given that all before it were, for a draft of
 * `draftLength` tokens. A profile goes on beyond its end at its last step.
 */
export const conditionalRates = (acceptance: Acceptance, draftLength: number): readonly number[] =>
  Array.from({ length: draftLength }, (_, position) => conditionalRate(acceptance, position));

function conditionalRate(acceptance: Acceptance, position: number): number {
  switch (acceptance.kind) {
    case 'rate':
      return acceptance.rate;
    case 'length':
      return Math.min(1, Math.max(0, acceptance.length - position));
    case 'profile': {
      const at = Math.min(position, acceptance.rates.length - 1);
      const before = at === 0 ? 1 : acceptance.rates[at - 1]!;
      return before === 0 ? 0 : Math.min(1, acceptance.rates[at]! / before);
    }
  }
}

/** Drafted tokens that a round accepts on average. */
export function expectedAccepted(acceptance: Acceptance, draftLength: number): number {
  let all = 1;
  let sum = 0;
  for (const rate of conditionalRates(acceptance, draftLength)) {
    all *= rate;
    sum += all;
  }
  return sum;
}

/** What a run accepted by position, as a profile; nothing where it drafted nothing. */
export function measuredAcceptance({
  draftedByPosition,
  acceptedByPosition,
}: Pick<Stats, 'draftedByPosition' | 'acceptedByPosition'>): Acceptance | undefined {
  if ((draftedByPosition[0] ?? 0) === 0) return undefined;
  // near the end of a text drafts are short: chances are taken among rounds that drafted so far
  let share = 1;
  const rates = draftedByPosition.map((drafted, position) => {
    const reached = position === 0 ? drafted : Math.min(drafted, acceptedByPosition[position - 1] ?? 0);
    share *= reached === 0 ? 0 : Math.min(1, (acceptedByPosition[position] ?? 0) / reached);
    return share;
  });
  return { kind: 'profile', rates };
}

/** As a person would write it. */
export function sayAcceptance(acceptance: Acceptance): string {
  switch (acceptance.kind) {
    case 'rate':
      return `${acceptance.rate} of the drafted tokens each accepted`;
    case 'length':
      return `${acceptance.length} drafted tokens accepted a round`;
    case 'profile':
      return `a profile of ${acceptance.rates.length} positions`;
  }
}
