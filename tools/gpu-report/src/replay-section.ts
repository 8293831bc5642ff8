import { table } from './markdown.ts';
import type { ReplayResult } from './replay.ts';

const whole = (value: number): string => value.toLocaleString('en-US');

/** What `replay` found, a row a type of weights. */
export function replaySection(items: readonly (readonly [string, unknown])[]): string {
  const results = items.map(([, item]) => item as ReplayResult);
  const dtypes = [...new Set(results.map(({ dtype }) => dtype))];
  return [
    'Judged rounds of the pocket pair that the CPU decided in float32, decided again on the same texts.',
    table(
      [
        'dtype',
        'problems',
        'rounds',
        'decisions',
        'differ',
        'at the threshold',
        'near ties',
        'others',
        'scores moved by, mean and most',
      ],
      dtypes.map((dtype) => {
        const of = results.filter((one) => one.dtype === dtype);
        const sum = (count: (one: ReplayResult) => number) =>
          of.reduce((total, one) => total + count(one), 0);
        const because = (excused: ReplayResult['differ'][number]['excused']) =>
          whole(sum(({ differ }) => differ.filter((one) => one.excused === excused).length));
        return [
          ...[dtype, whole(sum(({ problems }) => problems)), whole(sum(({ rounds }) => rounds))],
          ...[whole(sum(({ decisions }) => decisions)), whole(sum(({ differ }) => differ.length))],
          ...[because('threshold'), because('near tie'), because(null)],
          `${(sum(({ scoreMean }) => scoreMean) / of.length).toExponential(1)}, ${Math.max(...of.map(({ scoreLargest }) => scoreLargest)).toExponential(1)}`,
        ];
      }),
    ),
  ].join('\n\n');
}
