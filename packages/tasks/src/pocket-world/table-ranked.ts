import { pick } from './random.ts';
import { type Knowledge, type Line, type Step, slipOf, takeBack } from './step.ts';
import { type Ask, combined, rankedRows, type TableFacts } from './table-facts.ts';
import { entry, leadOf, next } from './table-lines.ts';
import { agreed, fork, type Wording } from './wording.ts';

export function rankedSteps(facts: TableFacts, ask: Ask & { readonly kind: 'ranked' }, at: number): Step[] {
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
export function combineStep(kind: 'difference' | 'total', at: number): Step {
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
