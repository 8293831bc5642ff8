import { table } from './markdown.ts';
import { NOT_RECORDED } from './pair-of.ts';
import type { ReplayResult } from './replay.ts';

const whole = (value: number): string => value.toLocaleString('en-US');

/** What `replay` found, a row a pair, head and type of weights. */
export function replaySection(items: readonly (readonly [string, unknown])[]): string {
  const results = items.map(([, item]) => item as ReplayResult);
  const of = ({ pair = NOT_RECORDED, head = 'pre-norm', dtype }: ReplayResult) => [pair, head, dtype];
  const kinds = new Map(results.map((result) => [of(result).join(), of(result)]));
  return [
    'Judged rounds of a pocket pair (told by its target’s weights) that the CPU decided in float32, decided again on the same texts.',
    table(
      [
        'target',
        'head',
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
      [...kinds].map(([key, kind]) => {
        const same = results.filter((one) => of(one).join() === key);
        const sum = (count: (one: ReplayResult) => number) =>
          same.reduce((total, one) => total + count(one), 0);
        const because = (excused: ReplayResult['differ'][number]['excused']) =>
          whole(sum(({ differ }) => differ.filter((one) => one.excused === excused).length));
        return [
          ...[...kind, whole(sum(({ problems }) => problems)), whole(sum(({ rounds }) => rounds))],
          ...[whole(sum(({ decisions }) => decisions)), whole(sum(({ differ }) => differ.length))],
          ...[because('threshold'), because('near tie'), because(null)],
          `${(sum(({ scoreMean }) => scoreMean) / same.length).toExponential(1)}, ${Math.max(...same.map(({ scoreLargest }) => scoreLargest)).toExponential(1)}`,
        ];
      }),
    ),
  ].join('\n\n');
}
