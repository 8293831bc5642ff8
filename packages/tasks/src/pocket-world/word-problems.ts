import { between, pick, pickSome, type Random } from './random.ts';
import { conclusion, type Line, type Mistake, type Step, slipOf, takeBack } from './step.ts';
import type { Task } from './task.ts';
import { ITEMS, NAMES } from './things.ts';
import { agreed, fork, type Wording } from './wording.ts';

type Operation = '+' | '-' | '*' | '/';

interface Change {
  readonly operation: Operation;
  readonly by: number;
  /** Who gives to, or takes from, the owner. */
  readonly other?: string;
}

interface Facts {
  readonly owner: string;
  readonly item: string;
  readonly start: number;
  readonly changes: readonly Change[];
}

const LARGEST = 400;
const CHANGES = 6;

export function drawWordProblem(random: Random): Task {
  const [owner, ...others] = pickSome(random, NAMES, 4) as [string, ...string[]];
  const item = pick(random, ITEMS);
  const start = between(random, 11, 99);
  const changes: Change[] = [];
  let value = start;
  while (changes.length < CHANGES) {
    const change = drawChange(value, others, random);
    changes.push(change);
    value = applied(change, value);
  }
  const facts: Facts = { owner, item, start, changes };
  return {
    key: JSON.stringify(facts),
    prompt: tell(facts, random),
    answer: value,
    steps: [
      startStep(facts),
      ...changes.map((change) => changeStep(change, facts)),
      conclusion(([known]) => known!, ` ${item}`),
    ],
  };
}

function drawChange(value: number, others: readonly string[], random: Random): Change {
  const divisors = [2, 3, 4, 5, 6, 7, 8, 9].filter((divisor) => value % divisor === 0 && value > divisor);
  const operations: Operation[] = ['+', '+', '-', '-'];
  if (value <= 60) operations.push('*');
  if (divisors.length > 0 && value > 20) operations.push('/');
  const operation = pick(random, operations);
  const given = random() < 0.5 ? { other: pick(random, others) } : {};
  if (operation === '*') return { operation, by: between(random, 2, 6) };
  if (operation === '/') return { operation, by: pick(random, divisors) };
  if (operation === '-' && value > 12)
    return { operation, by: between(random, 3, Math.min(99, value - 2)), ...given };
  return {
    operation: '+',
    by: between(random, 3, Math.min(99, LARGEST - Math.min(value, LARGEST - 9))),
    ...given,
  };
}

function applied({ operation, by }: Change, value: number): number {
  if (operation === '+') return value + by;
  if (operation === '-') return Math.max(0, value - by);
  return operation === '*' ? value * by : Math.floor(value / by);
}

function tell({ owner, item, start, changes }: Facts, random: Random): string {
  const sentences = changes.map(({ operation, by, other }) => {
    if (operation === '*') {
      return pick(random, [
        `The ${item} become ${by} times as many.`,
        `${owner} multiplies the ${item} by ${by}.`,
      ]);
    }
    if (operation === '/') {
      return pick(random, [
        `The ${item} are shared among ${by} people and ${owner} keeps one share.`,
        `${owner} keeps one of ${by} equal parts.`,
      ]);
    }
    if (operation === '+') {
      return other === undefined
        ? pick(random, [`${owner} buys ${by} ${item}.`, `${owner} finds ${by} more ${item}.`])
        : pick(random, [
            `${other} gives ${owner} ${by} ${item}.`,
            `${owner} gets ${by} ${item} from ${other}.`,
          ]);
    }
    return other === undefined
      ? pick(random, [`${owner} loses ${by} ${item}.`, `${owner} sells ${by} ${item}.`])
      : pick(random, [
          `${owner} gives ${other} ${by} ${item}.`,
          `${other} takes ${by} ${item} from ${owner}.`,
        ]);
  });
  return `${owner} has ${start} ${item}. ${sentences.join(' ')} How many ${item} does ${owner} have now?`;
}

const OPERATION_WORD: Readonly<Record<Operation, string>> = {
  '+': 'plus',
  '-': 'minus',
  '*': 'times',
  '/': 'divided by',
};

const subject = (owner: string): Wording => fork(owner, 'our friend', 'the owner', 'this person');

const close = (item: string): Wording => [
  agreed(` ${item}`, ''),
  fork('', ' in all', ' altogether', ' now'),
  '.\n',
];

function startStep({ owner, item, start }: Facts): Step {
  const line = (who: string, amount: number): Line => ({
    wording: [
      fork('To begin,', 'First,', 'At the start,', 'Initially,'),
      ' ',
      subject(who),
      ' ',
      fork('has', 'owns', 'holds', 'keeps'),
      ' ',
      amount,
      close(item),
    ],
    after: [amount],
  });
  return {
    line: () => line(owner, start),
    correction: () => [takeBack, ' we ', fork('start', 'begin'), ' with ', start, '.\n'],
    mistake: (_, random) => ({ kind: 'misread', ...line(owner, slipOf(start, random)) }),
    canBeSkipped: false,
  };
}

function equation(before: number, { operation, by }: Change, result: number): Wording {
  return [
    before,
    ' ',
    agreed(operation, OPERATION_WORD[operation]),
    ' ',
    by,
    ' ',
    agreed('=', 'is', 'makes'),
    ' ',
    result,
  ];
}

/** What happens, up to and without the equation. */
function happening(change: Change, who: string, item: string): Wording {
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
  const from =
    other === undefined || other === who ? '' : operation === '+' ? ` from ${other}` : ` to ${other}`;
  return [verb, ' ', amount, fork(` ${item}`, ' of them', ''), from === '' ? '' : fork('', from)];
}

function changeStep(change: Change, { owner, item, changes }: Facts): Step {
  const line = (made: Change, who: string, before: number, result: number): Line => ({
    wording: [
      fork('Then', 'Next,', 'After that,', 'Now', 'Later,', 'From there'),
      ' ',
      subject(who),
      ' ',
      happening(made, who, item),
      agreed(', which makes', ', and that gives', ', so we reach', ', leading to'),
      ' ',
      equation(before, made, result),
      close(item),
    ],
    after: [result],
  });
  return {
    canBeSkipped: true,
    line: ([known]) => line(change, owner, known!, applied(change, known!)),
    correction: ([known]) => [
      takeBack,
      ' ',
      known!,
      ` ${change.operation} `,
      change.by,
      ' ',
      fork('should be', 'has to be', 'is really'),
      ' ',
      applied(change, known!),
      '.\n',
    ],
    mistake: ([known], random): Mistake => {
      const before = known!;
      const result = applied(change, before);
      const way = random();
      if (way < 0.5) return { kind: 'slip', ...line(change, owner, before, slipOf(result, random)) };
      if (way < 0.65) {
        const misread = slipOf(before, random);
        return { kind: 'misread', ...line(change, owner, misread, applied(change, misread)) };
      }
      if (way < 0.8) {
        const made = { ...change, by: misreadBy(change, changes, random) };
        return { kind: 'misread', ...line(made, owner, before, applied(made, before)) };
      }
      if (way < 0.9) {
        const other = pick(random, NAMES);
        return { kind: 'misread', ...line(change, other, before, result) };
      }
      const made: Change = { ...change, operation: OPPOSITE[change.operation] };
      return { kind: 'mix-up', ...line(made, owner, before, applied(made, before)) };
    },
  };
}

const OPPOSITE: Readonly<Record<Operation, Operation>> = { '+': '-', '-': '+', '*': '/', '/': '*' };

function misreadBy(change: Change, changes: readonly Change[], random: Random): number {
  const elsewhere = random() < 0.5 ? pick(random, changes).by : slipOf(change.by, random);
  return Math.max(1, elsewhere);
}
