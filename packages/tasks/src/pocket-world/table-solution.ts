import { pick } from './random.ts';
import { conclusion, type Knowledge, type Line, type Step, slipOf, takeBack } from './step.ts';
import { combineStep } from './table-combined.ts';
import { type Ask, askText, type Group, isList, isName, passes, type TableFacts } from './table-facts.ts';
import { compared, entry, leadOf, lookUp, misread, next, otherRow, swappedAt } from './table-lines.ts';
import { agreed, fork } from './wording.ts';

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
    default:
      return [
        ...groupSteps(facts, ask.one, at, at === 0),
        ...groupSteps(facts, ask.other, at + 1, false),
        combineStep(ask.kind, at),
      ];
  }
}

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
