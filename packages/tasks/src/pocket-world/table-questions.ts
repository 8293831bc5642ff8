import { between, pick, pickSome, type Random } from './random.ts';
import { conclusion, type Line, type Step, slipOf, takeBack } from './step.ts';
import type { Task } from './task.ts';
import { ITEMS, TABLE_NAMES } from './things.ts';
import { agreed, fork, type Wording } from './wording.ts';

/** What is made of the numbers of one group of rows. */
type Reduction = 'sum' | 'largest';

interface Group {
  readonly rows: readonly number[];
  readonly reduction: Reduction;
}

interface Facts {
  readonly names: readonly string[];
  readonly item: string;
  /** What each name has of the item. */
  readonly cells: readonly number[];
  readonly first: Group;
  readonly second: Group;
  readonly question: 'difference' | 'total';
}

export function drawTableQuestion(random: Random): Task {
  const names = pickSome(random, TABLE_NAMES, 6);
  const item = pick(random, ITEMS);
  const cells = names.map(() => between(random, 11, 99));
  const size = between(random, 2, 3);
  const order = pickSome(random, [...names.keys()], names.length);
  const group = (rows: readonly number[]): Group => ({
    rows,
    reduction: random() < 0.65 ? 'sum' : 'largest',
  });
  const facts: Facts = {
    names,
    item,
    cells,
    first: group(order.slice(0, size)),
    second: group(order.slice(size, between(random, 5, 6))),
    question: random() < 0.5 ? 'difference' : 'total',
  };
  const results = [facts.first, facts.second].map((asked) => reduced(asked, cells)) as [number, number];
  // Ties would make "is more than" wrong and the gap ambiguous.
  if (results[0] === results[1] || hasTies(facts)) return drawTableQuestion(random);
  return {
    key: JSON.stringify(facts),
    prompt: tell(facts, random),
    answer: combined(facts.question, results),
    steps: [
      ...groupSteps(facts, facts.first, 0),
      ...groupSteps(facts, facts.second, 1),
      combineStep(facts),
      conclusion(([known]) => known!, ''),
    ],
  };
}

const hasTies = ({ cells, first, second }: Facts): boolean =>
  [first, second].some(({ rows }) => new Set(rows.map((row) => cells[row])).size < rows.length);

function reduced({ rows, reduction }: Group, cells: Facts['cells']): number {
  const values = rows.map((row) => cells[row]!);
  return reduction === 'largest' ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0);
}

const combined = (question: Facts['question'], [first, second]: readonly [number, number]): number =>
  question === 'total' ? first + second : Math.abs(first - second);

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

function tell({ names, item, cells, first, second, question }: Facts, random: Random): string {
  const table = [item, ...names.map((name, row) => entry(name, cells[row]!))].join(' | ');
  const groups = [first, second].map(({ rows, reduction }) => {
    const who = listed(rows.map((row) => names[row]!));
    return reduction === 'sum'
      ? pick(random, [`Add up the ${item} of ${who}.`, `Take the sum of the ${item} of ${who}.`])
      : pick(random, [
          `Take the largest number of ${item} among ${who}.`,
          `Find the most ${item} among ${who}.`,
        ]);
  });
  const asked =
    question === 'total'
      ? pick(random, ['What do the two make together?', 'What is the total of both?'])
      : pick(random, ['What is the gap between the two?', 'How far apart are the two?']);
  return `${table}\n${groups.join(' ')} ${asked}`;
}

/**
 * A name and its number, in the table and in every line that looks it up: the same tokens in the
 * same order, with forks around them but never between them, so that a small model can learn to copy.
 */
export const entry = (name: string, value: number): string => `${name} ${value}`;

const lookUp = (name: string, value: number, item: string): Wording => [
  fork('we check', 'we read', 'we look at', 'we take'),
  ' ',
  fork('the entry', 'the cell', 'the place', 'the pair'),
  ` ${entry(name, value)}`,
  fork('', ` ${item}`, ' of the table', ' as listed'),
];

const compared = (value: number, best: number, isMore: boolean): Wording => [
  value,
  ' ',
  isMore
    ? fork('is more than', 'beats', 'is above', 'exceeds')
    : fork('is less than', 'stays below', 'is under', 'does not reach'),
  ' ',
  best,
];

/**
 * Known after a line of the first group: [its result so far]; of the second: [the first group's
 * result, its result so far]; after the two were combined: [the answer].
 */
function groupSteps(facts: Facts, group: Group, at: 0 | 1): Step[] {
  const { names, item, cells } = facts;
  return group.rows.map((row, index) => {
    const opens = index === 0;
    const line = (
      before: readonly number[],
      name: string,
      value: number,
      { wrongSum, turned = false }: { readonly wrongSum?: number; readonly turned?: boolean } = {},
    ): Line => {
      const known = before.slice(0, at);
      if (opens) {
        const lead =
          at === 0
            ? fork('First,', 'To begin,', 'For a start,', 'Initially,')
            : fork('For the second part,', 'Turning to the other part,', 'As to the rest,');
        return {
          wording: [lead, ' ', lookUp(name, value, item), agreed('', ' to start from', ' so far'), '.\n'],
          after: [...known, value],
        };
      }
      const running = before[at]!;
      const next = fork('Then', 'Next,', 'After that,', 'Now', 'From there');
      if (group.reduction === 'sum') {
        const sum = wrongSum ?? running + value;
        return {
          wording: [
            [next, ' ', lookUp(name, value, item)],
            [
              fork(', so the sum', ', and the sum', ', which means the sum'),
              ' ',
              agreed('becomes', 'grows to', 'is now'),
            ],
            [
              ' ',
              running,
              ' ',
              agreed('+', 'plus'),
              ' ',
              value,
              ' ',
              fork('=', 'is', 'makes'),
              ' ',
              sum,
              '.\n',
            ],
          ],
          after: [...known, sum],
        };
      }
      const isMore = turned ? value < running : value > running;
      const larger = isMore ? value : running;
      return {
        wording: [
          [next, ' ', lookUp(name, value, item)],
          [fork(', and', ', where', ';'), ' ', compared(value, running, isMore)],
          [fork(', so the largest', ', and the largest', ', which means the largest'), ' '],
          [agreed('so far is', 'up to here is'), ' ', larger, '.\n'],
        ],
        after: [...known, larger],
      };
    };
    const name = names[row]!;
    const value = cells[row]!;
    return {
      canBeSkipped: !opens && index < group.rows.length - 1,
      line: (before) => line(before, name, value),
      correction: (before) => {
        const [result] = line(before, name, value).after.slice(at);
        return [
          takeBack,
          ' ',
          fork('the table says', 'it really says', 'it should be'),
          ` ${entry(name, value)}, `,
          fork('so it is', 'which gives', 'and we get'),
          ` ${result!}.\n`,
        ];
      },
      mistake: (before, random) => {
        const way = random();
        if (!opens && way < 0.5) {
          if (group.reduction === 'largest')
            return { kind: 'mix-up', ...line(before, name, value, { turned: true }) };
          const wrongSum = slipOf(before[at]! + value, random);
          return { kind: 'slip', ...line(before, name, value, { wrongSum }) };
        }
        if (way < 0.7) {
          const wrongRow = pick(random, [...names.keys()]);
          return { kind: 'misread', ...line(before, name, cells[wrongRow]!) };
        }
        if (way < 0.9) return { kind: 'misread', ...line(before, name, slipOf(value, random)) };
        const wrongRow = pick(random, [...names.keys()]);
        return { kind: 'misread', ...line(before, names[wrongRow]!, cells[wrongRow]!) };
      },
    };
  });
}

function combineStep({ question }: Facts): Step {
  const line = (first: number, second: number, result: number): Line => {
    const [high, low] = [Math.max(first, second), Math.min(first, second)];
    const [left, sign, right] = question === 'total' ? [first, '+', second] : [high, '-', low];
    const word = question === 'total' ? 'plus' : 'minus';
    return {
      wording: [
        question === 'total'
          ? fork('Together', 'Taken together', 'Added up')
          : fork('Comparing both,', 'Seen side by side,', 'Set against each other,'),
        ' ',
        question === 'total'
          ? fork('the two make', 'the parts come to', 'the results give')
          : fork('the gap is', 'the distance is', 'the two differ by'),
        [' ', left, ' ', agreed(sign, word), ' ', right, ' ', fork('=', 'is', 'makes'), ' ', result],
        agreed('', ' in all', ' at the end'),
        '.\n',
      ],
      after: [result],
    };
  };
  const right = (first: number, second: number) => combined(question, [first, second]);
  return {
    canBeSkipped: false,
    line: ([first, second]) => line(first!, second!, right(first!, second!)),
    correction: ([first, second]) => [
      takeBack,
      question === 'total' ? ' the two together ' : ' the gap ',
      fork('should be', 'has to be', 'is really'),
      ` ${right(first!, second!)}.\n`,
    ],
    mistake: ([first, second], random) => {
      if (random() < 0.7) {
        return { kind: 'slip', ...line(first!, second!, slipOf(right(first!, second!), random)) };
      }
      const misread = slipOf(first!, random);
      return { kind: 'misread', ...line(misread, second!, right(misread, second!)) };
    },
  };
}
