import { table } from './markdown.ts';
import type { PrefillResult } from './prefill.ts';

const tera = (value: number): string => (value / 1e12).toFixed(0);

/** What `prefill` found: exact reading of prompts as a share of the matrix rate of the same minute. */
export function prefillSection(items: readonly (readonly [string, unknown])[]): string {
  const results = items.map(([, item]) => item as PrefillResult);
  const said = [...new Set(results.map((result) => result.said))].join('; ');
  return [
    `Prompts read exactly, no output asked for, beside the rate at which cuBLASLt multiplies two bf16 matrices of 8,192 × 8,192 of random numbers, before and after (${said}). Operations are those of the matrices and of attention.`,
    table(
      ['model', 'tokens', 'ms', 'fastest', 'TFLOP/s', 'cuBLASLt TFLOP/s', 'share'],
      results.map(({ model, tokens, milliseconds, fastest, operations, matrixRate }) => {
        const rate = operations / (milliseconds / 1000);
        const matrices = (matrixRate[0] + matrixRate[1]) / 2;
        return [
          ...[model, tokens.toLocaleString('en-US'), milliseconds.toFixed(1), fastest.toFixed(1)],
          ...[tera(rate), matrixRate.map(tera).join(', '), `${((100 * rate) / matrices).toFixed(0)} %`],
        ];
      }),
    ),
  ].join('\n\n');
}
