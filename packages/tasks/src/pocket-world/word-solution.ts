import { pick, type Random } from './random.ts';
import { conclusion, type Line, type Mistake, type Step, slipOf, takeBack } from './step.ts';
import { NAMES } from './things.ts';
import { asFinal, type Change, applied as exact, type WordFacts } from './word-facts.ts';
import type { Asked, Operation } from './word-phrases.ts';
import { agreed, fork, type Wording } from './wording.ts';

/** Wrong lines also go on in whole numbers, and never below nothing. */
const applied = (operation: Operation, value: number, by: number): number =>
  Math.max(0, Math.floor(exact(operation, value, Math.max(1, by))));

const OPERATION_WORD: Readonly<Record<Operation, string>> = {
  '+': 'plus',
  '-': 'minus',
  '*': 'times',
  '/': 'divided by',
};

export function wordSteps(facts: WordFacts): Step[] {
  const { changes, compare, asked, against } = facts;
  return [
    facts.startPacks === undefined ? startStep(facts) : packsStep(facts.startPacks, facts, true),
    ...changes.flatMap((change) =>
      change.packs === undefined
        ? [changeStep(change, facts)]
        : [packsStep(change.packs, facts, false), changeStep(change, facts)],
    ),
    ...(compare === undefined ? [] : compareSteps(compare, facts)),
    ...(asked === 'now' ? [] : [finalStep(asked, against ?? 0, facts)]),
    conclusion(([known]) => known!, ` ${facts.item}`),
  ];
}

/** Who it is about; a story that "I" tells has no name for it. */
const subject = ({ frame }: WordFacts, owner: string | undefined): Wording => {
  const names = owner === undefined ? [] : [owner];
  return frame === 'place'
    ? fork(...names, 'the place', 'this place', 'it')
    : fork(...names, 'our friend', 'the owner', 'this person');
};

const close = (item: string): Wording => [
  agreed(` ${item}`, ''),
  fork('', ' in all', ' altogether', ' now'),
  '.\n',
];

const opening: Wording = fork('Then', 'Next,', 'After that,', 'Now', 'Later,', 'From there');
const first: Wording = fork('To begin,', 'First,', 'At the start,', 'Initially,');

function startStep(facts: WordFacts): Step {
  const { owner, item, start } = facts;
  const line = (amount: number): Line => ({
    wording: [
      first,
      ' ',
      subject(facts, owner),
      ' ',
      fork('has', 'owns', 'holds', 'keeps'),
      ' ',
      amount,
      close(item),
    ],
    after: [amount],
  });
  return {
    line: () => line(start),
    correction: () => [takeBack, ' we ', fork('start', 'begin'), ' with ', start, '.\n'],
    mistake: (_, random) => ({ kind: 'misread', ...line(slipOf(start, random)) }),
    canBeSkipped: false,
  };
}

function equation(before: number, operation: Operation, by: number, equals: number): Wording {
  return [
    before,
    ' ',
    agreed(operation, OPERATION_WORD[operation]),
    ' ',
    by,
    ' ',
    agreed('=', 'is', 'makes'),
    ' ',
    equals,
  ];
}

/** What takes a wrong sum back. */
const rightSum = (left: number, operation: Operation, right: number): Wording => [
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

/** Known after it: what there is, and behind it how much a change will be. */
function packsStep([count, each]: readonly [number, number], { item }: WordFacts, opens: boolean): Step {
  const line = (before: readonly number[], often: number, made: number, total: number): Line => ({
    wording: [
      opens ? first : opening,
      ' ',
      often,
      ' ',
      fork('times', 'groups of', 'lots of', 'packs of'),
      ' ',
      made,
      ' ',
      fork('make', 'give', 'come to'),
      ' ',
      equation(Math.max(often, made), '*', Math.min(often, made), total),
      close(item),
    ],
    after: opens ? [total] : [...before.slice(0, 1), total],
  });
  const [high, low] = [Math.max(count, each), Math.min(count, each)];
  return {
    canBeSkipped: false,
    line: (before) => line(before, count, each, high * low),
    correction: () => rightSum(high, '*', low),
    mistake: (before, random) => {
      if (random() < 0.6) return { kind: 'slip', ...line(before, count, each, slipOf(high * low, random)) };
      const misread = Math.max(1, slipOf(each, random));
      return { kind: 'misread', ...line(before, count, misread, count * misread) };
    },
  };
}

/** What happens, up to and without the equation. */
function happening(change: Change, item: string): Wording {
  const { operation, by, other } = change;
  if (operation === '*') {
    return [
      fork('multiplies the pile by', 'scales the pile up by', 'grows the pile by a factor of'),
      ' ',
      by,
    ];
  }
  if (operation === '/') {
    return [fork('divides the pile by', 'splits the pile evenly by', 'shares the pile out by'), ' ', by];
  }
  const verb =
    operation === '+'
      ? fork('gets', 'receives', 'picks up', 'gains')
      : other === undefined
        ? fork('loses', 'sells', 'uses up', 'drops')
        : fork('gives away', 'hands over', 'passes on');
  const amount =
    operation === '+'
      ? [agreed('another', 'an extra', 'a further'), ' ', by]
      : [agreed('', 'exactly ', 'a total of '), by];
  const from = other === undefined ? '' : operation === '+' ? ` from ${other}` : ` to ${other}`;
  return [verb, ' ', amount, fork(` ${item}`, ' of them', ''), from === '' ? '' : fork('', from)];
}

function changeStep(change: Change, facts: WordFacts): Step {
  const { owner, item, changes } = facts;
  const line = (made: Change, who: string | undefined, before: number, equals: number): Line => ({
    wording: [
      opening,
      ' ',
      subject(facts, who),
      ' ',
      happening(made, item),
      agreed(', which makes', ', and that gives', ', so we reach', ', leading to'),
      ' ',
      equation(before, made.operation, made.by, equals),
      close(item),
    ],
    after: [equals],
  });
  /** A change by so many times so many goes on from what its packs were found to make. */
  const made = (known: readonly number[]): Change =>
    change.packs === undefined ? change : { ...change, by: known[1] ?? 0 };
  return {
    canBeSkipped: change.packs === undefined,
    line: (known) => {
      const now = made(known);
      return line(now, owner, known[0]!, applied(now.operation, known[0]!, now.by));
    },
    correction: (known) => rightSum(known[0]!, change.operation, made(known).by),
    mistake: (known, random): Mistake => {
      const before = known[0]!;
      const now = made(known);
      const { operation, by } = now;
      const equals = applied(operation, before, by);
      const way = random();
      if (way < 0.5) return { kind: 'slip', ...line(now, owner, before, slipOf(equals, random)) };
      if (way < 0.65) {
        const misread = slipOf(before, random);
        return { kind: 'misread', ...line(now, owner, misread, applied(operation, misread, by)) };
      }
      if (way < 0.8) {
        const other = { ...now, by: misreadBy(now, changes, random) };
        return { kind: 'misread', ...line(other, owner, before, applied(operation, before, other.by)) };
      }
      if (way < 0.88 && facts.frame === 'person') {
        return { kind: 'misread', ...line(now, pick(random, NAMES), before, equals) };
      }
      const turned: Change = { ...now, operation: OPPOSITE[operation] };
      return { kind: 'mix-up', ...line(turned, owner, before, applied(turned.operation, before, by)) };
    },
  };
}

const OPPOSITE: Readonly<Record<Operation, Operation>> = { '+': '-', '-': '+', '*': '/', '/': '*' };

function misreadBy(change: Change, changes: readonly Change[], random: Random): number {
  const elsewhere = random() < 0.5 ? pick(random, changes).by : slipOf(change.by, random);
  return Math.max(1, elsewhere);
}

/** A line that works out `left operation right`, said with `lead`; what else is known stays behind the result. */
function sumStep(
  operands: (known: readonly number[]) => readonly [left: number, operation: Operation, right: number],
  lead: (right: number, left: number) => Wording,
  item: string,
  keep: (result: number, known: readonly number[]) => readonly number[] = (result) => [result],
): Step {
  const line = (
    known: readonly number[],
    left: number,
    operation: Operation,
    right: number,
    equals: number,
  ): Line => ({
    wording: [lead(right, left), ' ', equation(left, operation, right, equals), close(item)],
    after: keep(equals, known),
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
      if (way < 0.6)
        return {
          kind: 'slip',
          ...line(known, left, operation, right, slipOf(applied(operation, left, right), random)),
        };
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

function compareSteps(
  { other, operation, by, both }: NonNullable<WordFacts['compare']>,
  { item }: WordFacts,
): Step[] {
  const said: Readonly<Record<Operation, Wording>> = {
    '+': [by, ' ', fork('more', 'extra', 'on top')],
    '-': [by, ' ', fork('fewer', 'less')],
    '*': [by, ' ', fork('times as many', 'times the number')],
    '/': [fork('one part in', 'the number divided by'), ' ', by],
  };
  const compared = sumStep(
    ([value]) => [value!, operation, by],
    () => [
      opening,
      ' ',
      fork(other, 'the other one', 'the other person'),
      ' ',
      fork('has', 'owns', 'holds'),
      ' ',
      said[operation],
      agreed(', which makes', ', and that gives', ', so we reach'),
    ],
    item,
    (result, [value]) => (both ? [result, value!] : [result]),
  );
  if (!both) return [compared];
  const together = sumStep(
    ([otherValue, value]) => [value!, '+', otherValue!],
    () => [
      fork('Together', 'Taken together', 'Added up'),
      ' ',
      fork('the two have', 'both have', 'they have'),
    ],
    item,
  );
  return [compared, together];
}

function finalStep(asked: Exclude<Asked, 'now'>, against: number, { item }: WordFacts): Step {
  const leads: Readonly<Record<Exclude<Asked, 'now'>, Wording>> = {
    missing: [
      fork('to reach', 'to get to', 'up to'),
      ' ',
      against,
      ' ',
      fork('there is a gap of', 'it takes', 'we count'),
    ],
    each: [
      fork('shared by', 'split by', 'dealt out by'),
      ' ',
      against,
      ' ',
      fork('each share is', 'everyone gets', 'one part is'),
    ],
    together: [
      fork('with the other', 'counting the other', 'adding the other'),
      ' ',
      against,
      ' ',
      fork('there are', 'we have', 'it makes'),
    ],
    ahead: [
      fork('against the other', 'beside the other', 'compared to the other'),
      ' ',
      against,
      ' ',
      fork('that is', 'we have', 'it makes'),
    ],
    behind: [
      fork('up to the other', 'short of the other', 'looking at the other'),
      ' ',
      against,
      ' ',
      fork('that is', 'we have', 'it makes'),
    ],
  };
  return sumStep(
    ([value]) => asFinal(asked, value!, against),
    () => [fork('For the answer,', 'At the end,', 'At last,'), ' ', leads[asked]],
    item,
  );
}
