import { pick, type Random } from './random.ts';
import {
  conclusion,
  conclusionOfTwo,
  type Knowledge,
  type Line,
  type Step,
  slipOf,
  takeBack,
} from './step.ts';
import { combined, type Group, type TableFacts } from './table-facts.ts';
import type { Combination } from './table-phrases.ts';
import { agreed, fork, type Wording } from './wording.ts';

export function tableSteps(facts: TableFacts): Step[] {
  const { first, second, combination } = facts;
  if (second === undefined) return [...groupSteps(facts, first, 0), conclusion(([known]) => known!, '')];
  return [
    ...groupSteps(facts, first, 0),
    ...groupSteps(facts, second, 1),
    ...(combination === 'both'
      ? [conclusionOfTwo(([one, other]) => [one!, other!])]
      : [combineStep(combination ?? 'total'), conclusion(([known]) => known!, '')]),
  ];
}

/**
 * A name and its number, in the table and in every line that looks it up: the same tokens in the
 * same order, with forks around them but never between them, so that a small model can learn to copy.
 */
export const entry = (name: string, separator: string, value: number): string =>
  `${name}${separator}${value}${separator.endsWith('(') ? ')' : ''}`;

const lookUp = (name: string, value: number, { item, separator }: TableFacts): Wording => [
  fork('we check', 'we read', 'we look at', 'we take'),
  ' ',
  fork('the entry', 'the cell', 'the place', 'the pair'),
  ` ${entry(name, separator, value)}`,
  item === undefined
    ? fork('', ' of the table', ' as listed')
    : fork('', ` ${item}`, ' of the table', ' as listed'),
];

const comparison = (value: number, best: number): number => Math.sign(value - best);

const compared = (value: number, sign: number, best: number): Wording => [
  value,
  ' ',
  sign > 0
    ? fork('is more than', 'beats', 'is above', 'exceeds')
    : sign < 0
      ? fork('is less than', 'stays below', 'is under', 'does not reach')
      : fork('is the same as', 'equals', 'is just like'),
  ' ',
  best,
];

/**
 * Known after a line of the first group: [its result so far]; of the second: [the first group's
 * result, its result so far]; after the two were combined: [the answer].
 */
function groupSteps(facts: TableFacts, group: Group, at: 0 | 1): Step[] {
  const { names, cells, separator } = facts;
  return group.rows.map((row, index) => {
    const opens = index === 0;
    const line = (
      before: Knowledge,
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
          wording: [lead, ' ', lookUp(name, value, facts), agreed('', ' to start from', ' so far'), '.\n'],
          after: [...known, value],
        };
      }
      const running = before[at]!;
      const next = fork('Then', 'Next,', 'After that,', 'Now', 'From there');
      if (group.reduction === 'sum') {
        const sum = wrongSum ?? running + value;
        return {
          wording: [
            [next, ' ', lookUp(name, value, facts)],
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
      const sign = comparison(value, running) * (turned ? -1 : 1);
      const takes = group.reduction === 'largest' ? sign > 0 : sign < 0;
      const best = takes ? value : running;
      const word = group.reduction;
      return {
        wording: [
          [next, ' ', lookUp(name, value, facts)],
          [fork(', and', ', where', ';'), ' ', compared(value, sign, running)],
          [fork(`, so the ${word}`, `, and the ${word}`, `, which means the ${word}`), ' '],
          [agreed('so far is', 'up to here is'), ' ', best, '.\n'],
        ],
        after: [...known, best],
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
          ` ${entry(name, separator, value)}, `,
          fork('so it is', 'which gives', 'and we get'),
          ` ${result!}.\n`,
        ];
      },
      mistake: (before, random) => {
        const way = random();
        if (!opens && way < 0.5) {
          if (group.reduction !== 'sum')
            return { kind: 'mix-up', ...line(before, name, value, { turned: true }) };
          const wrongSum = slipOf(before[at]! + value, random);
          return { kind: 'slip', ...line(before, name, value, { wrongSum }) };
        }
        return misread(facts, name, value, random, (wrongName, wrongValue) =>
          line(before, wrongName, wrongValue),
        );
      },
    };
  });
}

function misread(
  { names, cells }: TableFacts,
  name: string,
  value: number,
  random: Random,
  line: (name: string, value: number) => Line,
) {
  const kind = 'misread' as const;
  const way = random();
  const wrongRow = pick(random, [...names.keys()]);
  if (way < 0.4) return { kind, ...line(name, cells[wrongRow]!) };
  if (way < 0.8) return { kind, ...line(name, slipOf(value, random)) };
  return { kind, ...line(names[wrongRow]!, cells[wrongRow]!) };
}

function combineStep(combination: Combination): Step {
  const adds = combination === 'total';
  const line = (first: number, second: number, result: number): Line => {
    const [high, low] = [Math.max(first, second), Math.min(first, second)];
    const [left, sign, right] = adds ? [first, '+', second] : [high, '-', low];
    return {
      wording: [
        adds
          ? fork('Together', 'Taken together', 'Added up')
          : fork('Comparing both,', 'Seen side by side,', 'Set against each other,'),
        ' ',
        adds
          ? fork('the two make', 'the parts come to', 'the results give')
          : fork('the gap is', 'the distance is', 'the two differ by'),
        [
          ' ',
          left,
          ' ',
          agreed(sign, adds ? 'plus' : 'minus'),
          ' ',
          right,
          ' ',
          fork('=', 'is', 'makes'),
          ' ',
          result,
        ],
        agreed('', ' in all', ' at the end'),
        '.\n',
      ],
      after: [result],
    };
  };
  return {
    canBeSkipped: false,
    line: ([first, second]) => line(first!, second!, combined(combination, first!, second!)),
    correction: ([first, second]) => [
      takeBack,
      adds ? ' the two together ' : ' the gap ',
      fork('should be', 'has to be', 'is really'),
      ` ${combined(combination, first!, second!)}.\n`,
    ],
    mistake: ([first, second], random) => {
      if (random() < 0.7) {
        return {
          kind: 'slip',
          ...line(first!, second!, slipOf(combined(combination, first!, second!), random)),
        };
      }
      const wrong = slipOf(first!, random);
      return { kind: 'misread', ...line(wrong, second!, combined(combination, wrong, second!)) };
    },
  };
}
