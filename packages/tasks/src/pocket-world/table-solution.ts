import { pick, type Random } from './random.ts';
import { conclusion, type Knowledge, type Line, type Mistake, type Step, slipOf, takeBack } from './step.ts';
import {
  type Ask,
  askText,
  combined,
  type Group,
  isList,
  isName,
  passes,
  rankedRows,
  type TableFacts,
} from './table-facts.ts';
import { agreed, fork, type Wording } from './wording.ts';

export function tableSteps(facts: TableFacts): Step[] {
  const { asks } = facts;
  return [
    ...asks.flatMap((ask, at) => askSteps(facts, ask, at)),
    conclusion({
      said: (known) => answersOf(facts, known),
      slip: (known, random) => {
        const at = asks.length - 1;
        const names = isName(asks[at]!);
        if (isList(asks[at]!)) return swappedAt(known, at, facts.names.length, random);
        return known.map((value, index) =>
          index !== at ? value : names ? otherRow(value, facts.names.length, random) : slipOf(value, random),
        );
      },
    }),
  ];
}

/** How what is known in the end is written. */
export function answersOf(facts: TableFacts, known: Knowledge): readonly string[] {
  return facts.asks.map((ask, at) => askText(ask, facts, isList(ask) ? known.slice(at) : [known[at] ?? 0]));
}

const otherRow = (row: number, count: number, random: Random): number =>
  count < 2 ? row : (row + 1 + Math.floor(random() * (count - 1))) % count;

/** Rows from `from` on with one exchanged for another, or left out. */
function swappedAt(known: Knowledge, from: number, count: number, random: Random): Knowledge {
  const rows = known.slice(from);
  const at = Math.floor(random() * rows.length);
  if (rows.length > 1 && random() < 0.5) rows.splice(at, 1);
  else rows[at] = otherRow(rows[at] ?? 0, count, random);
  return [...known.slice(0, from), ...rows];
}

/**
 * A name and its number, in the table and in every line that looks it up: the same tokens in the
 * same order, with forks around them but never between them, so that a small model can learn to copy.
 */
export const entry = (name: string, separator: string, value: number): string =>
  `${name}${separator}${value}${separator.endsWith('(') ? ')' : ''}`;

const lookUp = (name: string, value: number, { separator }: TableFacts): Wording => [
  fork('we check', 'we read', 'we look at', 'we take'),
  ' ',
  fork('the entry', 'the cell', 'the place', 'the pair'),
  ` ${entry(name, separator, value)}`,
  fork('', ' of the table', ' as listed', ' as given'),
];

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

/** The result of the question before stays known, one number, while this one is worked out. */
function askSteps(facts: TableFacts, ask: Ask, at: number): Step[] {
  const all = [...facts.names.keys()];
  switch (ask.kind) {
    case 'value':
      return groupSteps(facts, ask, at, at === 0);
    case 'who':
      return [...groupSteps(facts, ask, at, at === 0, true)];
    case 'count':
    case 'which':
      return all.map((row) => testStep(facts, ask, at, row, all.length));
    case 'ranked':
      return rankedSteps(facts, ask, at);
    default:
      return [
        ...groupSteps(facts, ask.one, at, at === 0),
        ...groupSteps(facts, ask.other, at + 1, false),
        combineStep(ask.kind, at),
      ];
  }
}

const leadOf = (opens: boolean): Wording =>
  opens
    ? fork('First,', 'To begin,', 'For a start,', 'Initially,')
    : fork('For the second part,', 'Turning to the other part,', 'As to the rest,');
const next: Wording = fork('Then', 'Next,', 'After that,', 'Now', 'From there');

/** Known after a line: what was known before the group, and its result so far; its row behind that, where a name is asked for. */
function groupSteps(
  facts: TableFacts,
  group: { readonly rows: readonly number[]; readonly reduction: Group['reduction'] },
  at: number,
  leads: boolean,
  named = false,
): Step[] {
  const { names, cells } = facts;
  return group.rows.map((row, index) => {
    const opens = index === 0;
    const closes = index === group.rows.length - 1;
    /** Only the row counts in the end, where a name is asked for. */
    const kept = (before: Knowledge, best: number, bestRow: number): Knowledge =>
      named
        ? [...before.slice(0, at), ...(closes ? [bestRow] : [best, bestRow])]
        : [...before.slice(0, at), best];
    const line = (
      before: Knowledge,
      readRow: number,
      value: number,
      { wrongSum, turned = false }: { readonly wrongSum?: number; readonly turned?: boolean } = {},
    ): Line => {
      const name = names[readRow]!;
      if (opens) {
        return {
          wording: [
            leadOf(leads),
            ' ',
            lookUp(name, value, facts),
            fork('', ' to start from', ' so far'),
            '.\n',
          ],
          after: kept(before, value, readRow),
        };
      }
      const running = before[at]!;
      if (group.reduction === 'sum') {
        const sum = wrongSum ?? running + value;
        return {
          wording: [
            [next, ' ', lookUp(name, value, facts)],
            [
              fork(', so the sum', ', and the sum', ', which means the sum'),
              ' ',
              fork('becomes', 'grows to', 'is now'),
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
          after: [...before.slice(0, at), sum],
        };
      }
      const sign = Math.sign(value - running) * (turned ? -1 : 1);
      const takes = group.reduction === 'largest' ? sign > 0 : sign < 0;
      const best = takes ? value : running;
      const bestRow = takes ? readRow : (before[at + 1] ?? 0);
      const word = group.reduction;
      return {
        wording: [
          [next, ' ', lookUp(name, value, facts)],
          [fork(', and', ', where', ';'), ' ', compared(value, sign, running)],
          [fork(`, so the ${word}`, `, and the ${word}`, `, which means the ${word}`), ' '],
          [
            fork('so far is', 'up to here is'),
            ' ',
            ...(named ? [names[bestRow]!, ' with '] : []),
            best,
            '.\n',
          ],
        ],
        after: kept(before, best, bestRow),
      };
    };
    const value = cells[row]!;
    return {
      canBeSkipped: !opens && !closes,
      line: (before) => line(before, row, value),
      correction: (before) => {
        const after = line(before, row, value).after;
        const result = named ? (closes ? names[after[at]!]! : names[after[at + 1]!]!) : after[at]!;
        return [
          takeBack,
          ' ',
          fork('the table says', 'it really says', 'it should be'),
          ` ${entry(names[row]!, facts.separator, value)}, `,
          fork('so it is', 'which gives', 'and we get'),
          ` ${result}.\n`,
        ];
      },
      mistake: (before, random) => {
        if (!opens && random() < 0.5) {
          if (group.reduction !== 'sum')
            return { kind: 'mix-up', ...line(before, row, value, { turned: true }) };
          return {
            kind: 'slip',
            ...line(before, row, value, { wrongSum: slipOf(before[at]! + value, random) }),
          };
        }
        return misread(facts, row, random, (wrongRow, wrongValue) => line(before, wrongRow, wrongValue));
      },
    };
  });
}

function misread(
  { cells }: TableFacts,
  row: number,
  random: Random,
  line: (row: number, value: number) => Line,
): Mistake {
  const kind = 'misread' as const;
  const way = random();
  const wrongRow = pick(random, [...cells.keys()]);
  if (way < 0.4) return { kind, ...line(row, cells[wrongRow]!) };
  if (way < 0.8) return { kind, ...line(row, slipOf(cells[row]!, random)) };
  return { kind, ...line(wrongRow, cells[wrongRow]!) };
}

/** Whether a row counts. Known after it: how many do so far, or which. */
function testStep(
  facts: TableFacts,
  ask: Ask & { readonly kind: 'count' | 'which' },
  at: number,
  row: number,
  count: number,
): Step {
  const { names, cells } = facts;
  const counts = ask.kind === 'count';
  const line = (before: Knowledge, readRow: number, value: number, says: boolean, off = 0): Line => {
    const known = before.slice(0, at);
    const own = before.slice(at);
    const after = counts ? [(own[0] ?? 0) + (says ? 1 : 0) + off] : says ? [...own, readRow] : own;
    return {
      wording: [
        row === 0 ? leadOf(at === 0) : next,
        ' ',
        lookUp(names[readRow]!, value, facts),
        fork(', and', ', where', ';'),
        ` ${value} `,
        says ? fork('is', 'counts as', 'comes out as') : fork('is not', 'does not count as', 'fails to be'),
        ` ${ask.test} ${ask.than}`,
        counts
          ? [
              fork(', so the count', ', and the count', ', which means the count'),
              ' ',
              fork('is', 'stands at', 'makes'),
              ` ${after[0]}`,
            ]
          : says
            ? fork(', so it stays', ', so it is kept', ', so it fits')
            : fork(', so it goes', ', so it is left out', ', so it drops out'),
        '.\n',
      ],
      after: [...known, ...after],
    };
  };
  const value = cells[row]!;
  const says = passes(ask.test, ask.than, value);
  return {
    canBeSkipped: row > 0 && row < count - 1,
    line: (before) => line(before, row, value, says),
    correction: (before) => {
      const after = line(before, row, value, says).after.slice(at);
      return [
        takeBack,
        ' ',
        fork('the table says', 'it really says', 'it should be'),
        ` ${entry(names[row]!, facts.separator, value)}, `,
        counts
          ? [fork('so the count is', 'which makes', 'and we get'), ` ${after[0]}.\n`]
          : [says ? fork('so it stays', 'so it is kept') : fork('so it goes', 'so it is left out'), '.\n'],
      ];
    },
    mistake: (before, random) => {
      const way = random();
      if (way < 0.3) return { kind: 'mix-up', ...line(before, row, value, !says) };
      if (way < 0.55 && counts)
        return { kind: 'slip', ...line(before, row, value, says, pick(random, says ? [1, -1] : [1, 2])) };
      return misread(facts, row, random, (wrongRow, wrongValue) =>
        line(before, wrongRow, wrongValue, passes(ask.test, ask.than, wrongValue)),
      );
    },
  };
}

function rankedSteps(facts: TableFacts, ask: Ask & { readonly kind: 'ranked' }, at: number): Step[] {
  const { names, cells, separator } = facts;
  const right = rankedRows(ask.order, cells);
  const told = (rows: readonly number[]): Wording =>
    rows.map((row, index) => [
      index === 0
        ? ''
        : index === rows.length - 1
          ? [fork(', and finally', ', and at the end', ', and lastly'), ' ']
          : [fork(', then', ', next', ', after it', ', followed by'), ' '],
      entry(names[row]!, separator, cells[row]!),
    ]);
  const line = (before: Knowledge, rows: readonly number[]): Line => ({
    wording: [
      leadOf(at === 0),
      ' ',
      fork('sorting the rows', 'ordering the rows', 'putting the rows'),
      ` in ${ask.order} order `,
      fork('gives', 'puts out', 'leads to'),
      ' ',
      told(rows),
      '.\n',
    ],
    after: [...before.slice(0, at), ...rows],
  });
  const sorting: Step = {
    canBeSkipped: false,
    line: (before) => line(before, right),
    correction: () => [
      takeBack,
      ' the order ',
      fork('should be', 'has to be', 'is really'),
      ' ',
      told(right),
      '.\n',
    ],
    mistake: (before, random) => {
      const rows = [...right];
      const from = Math.floor(random() * (rows.length - 1));
      if (random() < 0.7) rows.splice(from, 2, rows[from + 1]!, rows[from]!);
      else rows.splice(from, 1);
      return { kind: 'slip', ...line(before, rows) };
    },
  };
  const { place } = ask;
  if (place === undefined) return [sorting];
  const placeLine = (before: Knowledge, row: number): Line => ({
    wording: [
      next,
      ' ',
      fork('we look for', 'we take', 'we want'),
      ' ',
      `number ${place}`,
      ' ',
      fork('of them', 'in this order', 'of these'),
      ', ',
      fork('which is', 'and that is', 'namely'),
      ` ${entry(names[row]!, separator, cells[row]!)}.\n`,
    ],
    after: [...before.slice(0, at), ask.of === 'name' ? row : cells[row]!],
  });
  return [
    sorting,
    {
      canBeSkipped: false,
      line: (before) => placeLine(before, before[at + place - 1] ?? before[at] ?? 0),
      correction: (before) => [
        takeBack,
        ' it ',
        fork('should be', 'has to be', 'is really'),
        ` ${names[before[at + place - 1] ?? 0]}.\n`,
      ],
      mistake: (before, random) => ({
        kind: 'misread',
        ...placeLine(before, pick(random, before.slice(at))),
      }),
    },
  ];
}

/** Known before it: two results behind what was known; after it, one. */
function combineStep(kind: 'difference' | 'total', at: number): Step {
  const adds = kind === 'total';
  const line = (before: Knowledge, first: number, second: number, result: number): Line => {
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
        fork('', ' in all', ' at the end'),
        '.\n',
      ],
      after: [...before.slice(0, at), result],
    };
  };
  const operands = (before: Knowledge): readonly [number, number] => [before[at] ?? 0, before[at + 1] ?? 0];
  const right = (before: Knowledge): number => combined(kind, ...operands(before));
  return {
    canBeSkipped: false,
    line: (before) => line(before, ...operands(before), right(before)),
    correction: (before) => [
      takeBack,
      adds ? ' the two together ' : ' the gap ',
      fork('should be', 'has to be', 'is really'),
      ` ${right(before)}.\n`,
    ],
    mistake: (before, random) => {
      const [first, second] = operands(before);
      if (random() < 0.7)
        return { kind: 'slip', ...line(before, first, second, slipOf(right(before), random)) };
      const wrong = slipOf(first, random);
      return { kind: 'misread', ...line(before, wrong, second, combined(kind, wrong, second)) };
    },
  };
}
