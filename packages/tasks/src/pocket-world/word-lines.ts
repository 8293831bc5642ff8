import { type Knowledge, type Line, type Mistake, type Step, slipOf, takeBack } from './step.ts';
import { applied as exact, type WordFacts } from './word-facts.ts';
import type { Operation } from './word-phrases.ts';
import { agreed, fork, type Wording } from './wording.ts';

/** Wrong lines also go on in whole numbers, and never below nothing. */
export const applied = (operation: Operation, value: number, by: number): number =>
  Math.max(0, Math.floor(exact(operation, value, Math.max(1, by))));

const OPERATION_WORD: Readonly<Record<Operation, string>> = {
  '+': 'plus',
  '-': 'minus',
  '*': 'times',
  '/': 'divided by',
};

/** What is known, with one number changed. */
export const put = (known: Knowledge, at: number, value: number): Knowledge => {
  const now = [...known];
  while (now.length < at) now.push(0);
  now[at] = value;
  return now;
};

/** Who it is about; a story that "I" tells has no name for it, and of several only the name tells who is meant. */
export function subject({ holders }: WordFacts, who: number, name = holders[who]?.name): Wording {
  if (holders.length > 1) return name ?? fork('the teller', 'the one who tells it');
  const names = name === undefined ? [] : [name];
  return holders[who]?.frame === 'place'
    ? fork(...names, 'the place', 'this place', 'it')
    : fork(...names, 'our friend', 'the owner', 'this person');
}

export const close = (item: string): Wording => [
  item === '' ? '' : fork(` ${item}`, ''),
  fork('', ' in all', ' altogether', ' now'),
  '.\n',
];

export const opening: Wording = fork('Then', 'Next,', 'After that,', 'Now', 'Later,', 'From there');

export const first: Wording = fork('To begin,', 'First,', 'At the start,', 'Initially,');

export function equation(before: number, operation: Operation, by: number, equals: number): Wording {
  return [
    before,
    ' ',
    agreed(operation, OPERATION_WORD[operation]),
    ' ',
    by,
    ' ',
    fork('=', 'is', 'makes'),
    ' ',
    equals,
  ];
}

/** What takes a wrong sum back. */
export const rightSum = (left: number, operation: Operation, right: number): Wording => [
  takeBack,
  ' ',
  left,
  ` ${operation} `,
  right,
  ' ',
  fork('should be', 'has to be', 'is really'),
  ' ',
  applied(operation, left, right),
  '.\n',
];

export const OPPOSITE: Readonly<Record<Operation, Operation>> = { '+': '-', '-': '+', '*': '/', '/': '*' };

/** A line that works out `left operation right`, said with `lead`; known at `place` after it. */
export function sumStep(
  operands: (known: Knowledge) => readonly [left: number, operation: Operation, right: number],
  lead: Wording,
  item: string,
  place: number,
): Step {
  const line = (
    known: Knowledge,
    left: number,
    operation: Operation,
    right: number,
    equals: number,
  ): Line => ({
    wording: [lead, ' ', equation(left, operation, right, equals), close(item)],
    after: put(known, place, equals),
  });
  return {
    canBeSkipped: false,
    line: (known) => {
      const [left, operation, right] = operands(known);
      return line(known, left, operation, right, applied(operation, left, right));
    },
    correction: (known) => rightSum(...operands(known)),
    mistake: (known, random): Mistake => {
      const [left, operation, right] = operands(known);
      const way = random();
      const equals = applied(operation, left, right);
      if (way < 0.6) return { kind: 'slip', ...line(known, left, operation, right, slipOf(equals, random)) };
      if (way < 0.8) {
        const misread = slipOf(left, random);
        return {
          kind: 'misread',
          ...line(known, misread, operation, right, applied(operation, misread, right)),
        };
      }
      const turned = OPPOSITE[operation];
      return { kind: 'mix-up', ...line(known, left, turned, right, applied(turned, left, right)) };
    },
  };
}
