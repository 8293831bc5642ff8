import { type Knowledge, type Line, type Step, slipOf, takeBack } from './step.ts';
import { combined } from './table-facts.ts';
import { agreed, fork } from './wording.ts';

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
