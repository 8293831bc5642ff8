import { table } from './markdown.ts';
import type { AnswersResult, FewBitsResult, RealPairResult } from './real-pair.ts';

const whole = (value: number): string => value.toLocaleString('en-US');

/** What `real-pair` found. */
export function realPairSection(items: readonly (readonly [string, unknown])[]): string {
  const results = items.map(([, item]) => item as RealPairResult);
  const answers = results.filter((result): result is AnswersResult => result.kind === 'answers');
  const fewBits = results.filter((result): result is FewBitsResult => result.kind === 'few bits');
  const dtypes = [...new Set(answers.map(({ dtype }) => dtype))];
  return [
    'Questions answered by a pair of real models: strict decoding against plain decoding of the target, token for token. Tokens a second are of these texts; other programs may have used the GPU.',
    table(
      [
        ...['dtype', 'questions', 'tokens', 'differ', 'right', 'drafted a round', 'accepted a round'],
        ...['plain tokens/s', 'strict tokens/s'],
      ],
      dtypes.map((dtype) => {
        const of = answers.filter((one) => one.dtype === dtype);
        const sum = (count: (one: AnswersResult) => number) =>
          of.reduce((total, one) => total + count(one), 0);
        const tokens = sum((one) => one.tokens);
        return [
          ...[dtype, whole(sum(({ questions }) => questions)), whole(tokens)],
          ...[whole(sum(({ differ }) => differ.length)), whole(sum(({ right }) => right))],
          String(of[0]!.draftLength),
          (
            sum(({ accepted }) => accepted) /
            Math.max(
              1,
              sum(({ rounds }) => rounds),
            )
          ).toFixed(2),
          (tokens / sum(({ plainSeconds }) => plainSeconds)).toFixed(0),
          (tokens / sum(({ strictSeconds }) => strictSeconds)).toFixed(0),
        ];
      }),
    ),
    'The target’s own answers in bf16, read again in few bits.',
    table(
      ['dtype', 'tokens', 'KL(bf16, dtype), mean, nats', 'largest', 'the same likeliest token'],
      [...new Set(fewBits.map(({ dtype }) => dtype))].map((dtype) => {
        const of = fewBits.filter((one) => one.dtype === dtype);
        const sum = (count: (one: FewBitsResult) => number) =>
          of.reduce((total, one) => total + count(one), 0);
        const rows = sum((one) => one.rows);
        const mean = sum((one) => one.klMean * one.rows) / Math.max(1, rows);
        const largest = Math.max(...of.map(({ klLargest }) => klLargest));
        return [
          ...[dtype, whole(rows), mean.toExponential(1), largest.toFixed(3)],
          `${((100 * sum(({ agree }) => agree)) / Math.max(1, rows)).toFixed(2)} %`,
        ];
      }),
    ),
  ].join('\n\n');
}
