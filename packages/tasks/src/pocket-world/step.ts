import type { Random } from './random.ts';
import { agreed, fork, type Wording } from './wording.ts';

/** What a solution knows between two lines; each domain says what its numbers mean. */
export type Knowledge = readonly number[];

/** How a line may go wrong. */
export type MistakeKind =
  /** A number worked out wrongly. */
  | 'slip'
  /** A number, name or thing taken over wrongly from the text or the table. */
  | 'misread'
  /** The wrong operation, or the wrong way round. */
  | 'mix-up'
  /** A step left out. */
  | 'skip';

/** One line of a solution, its line break included, and what is known after it. */
export interface Line {
  readonly wording: Wording;
  readonly after: Knowledge;
}

export interface Mistake extends Line {
  readonly kind: MistakeKind;
  /** How likely the text takes it back later, where that is not as usual for its kind. */
  readonly noticed?: number;
}

/** One step of a solution, as a function of what is known before it. */
export interface Step {
  /** The line that a solution without mistakes writes. */
  line(before: Knowledge): Line;
  /** The line that takes a mistake in this step back, and says what is right instead. */
  correction(before: Knowledge): Wording;
  /** A line with a mistake; it may by chance say the right thing, which the caller checks. */
  mistake(before: Knowledge, random: Random): Mistake | undefined;
  /** Whether the line after this one can be said without it. */
  readonly canBeSkipped: boolean;
}

/** Takes the word before it back, in the middle of a line; the text goes on with the right word. */
export const RETRACTION = ', no,';

/** Opens every correction; no other line begins like this. */
export const takeBack: Wording = fork('Wait,', 'Hold on,', 'Hmm,', 'Looking back,', 'Checking again,');

/** How the line before the answer is built. */
export interface Concluding {
  /** The answers, one or two, as they are written. */
  readonly said: (knowledge: Knowledge) => readonly string[];
  /** What is known instead, where it is taken over wrongly. */
  readonly slip: (knowledge: Knowledge, random: Random) => Knowledge;
  /** What is counted, where the answer is a number of it. */
  readonly unit?: string;
}

/** The line before the answer. */
export function conclusion({ said, slip, unit = '' }: Concluding): Step {
  const line = (known: Knowledge): Line => {
    const answers = said(known);
    return {
      wording:
        answers.length > 1
          ? [
              fork('So', 'Therefore', 'In the end', 'Thus', 'Finally'),
              ' ',
              fork('the answers', 'the results', 'what we get'),
              ' ',
              fork('are', 'come to', 'must be'),
              ' ',
              answers.join(' and '),
              '.\n',
            ]
          : [
              fork('So', 'Therefore', 'In the end', 'Thus', 'Finally'),
              ' ',
              fork('the answer', 'the result', 'what we get', 'the final one'),
              ' ',
              fork('is', 'comes to', 'must be'),
              ' ',
              answers[0] ?? '',
              agreed('', unit),
              '.\n',
            ],
      after: known,
    };
  };
  return {
    line,
    correction: (known) => {
      const answers = said(known);
      return [
        takeBack,
        answers.length > 1 ? ' the answers ' : ' the answer ',
        answers.length > 1 ? fork('are', 'should be', 'must be') : fork('is', 'should be', 'must be'),
        ' ',
        answers.join(' and '),
        '.\n',
      ];
    },
    mistake: (known, random) => ({ kind: 'misread', ...line(slip(known, random)) }),
    canBeSkipped: false,
  };
}

/** A number that someone might write instead of `value`. */
export function slipOf(value: number, random: Random): number {
  const digits = String(value);
  const way = random();
  if (way < 0.45) {
    const off = [1, -1, 2, -2, 10, -10, 9, -9, 11, 100][Math.floor(random() * 10)]!;
    return Math.max(0, value + off);
  }
  if (way < 0.6 && digits.length > 1) {
    const at = Math.floor(random() * (digits.length - 1));
    const swapped = digits.slice(0, at) + digits[at + 1]! + digits[at]! + digits.slice(at + 2);
    return Number(swapped);
  }
  const at = Math.floor(random() * digits.length);
  const digit = (Number(digits[at]) + 1 + Math.floor(random() * 9)) % 10;
  return Number(digits.slice(0, at) + String(digit) + digits.slice(at + 1));
}
