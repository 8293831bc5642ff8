import { table } from './markdown.ts';
import type { PrefillResult } from './prefill.ts';

const tera = (value: number): string => (value / 1e12).toFixed(0);

/** What `prefill` found: reading of prompts as a share of the matrix rate of the same minute. */
export function prefillSection(items: readonly (readonly [string, unknown])[]): string {
  const results = items.map(([, item]) => item as PrefillResult);
  const said = [...new Set(results.map((result) => result.said))].join('; ');
  const libraries = [...new Set(results.flatMap(({ fast }) => (fast === undefined ? [] : [fast.library])))];
  return [
    `Prompts read exactly and, where it says fast, with \`prefill: 'fast'\`${libraries.length === 0 ? '' : ` (cuBLASLt ${libraries.join(', ')})`}, no output asked for, beside the rate at which cuBLASLt multiplies two bf16 matrices of 8,192 × 8,192 of random numbers, before and after (${said}). Operations are those of the matrices and of attention; fast reading ends at the last layer’s cache, since nobody reads what follows, and less is counted for it.`,
    table(
      ['model', 'tokens', 'ms', 'fastest', 'TFLOP/s', 'cuBLASLt TFLOP/s', 'share'],
      results.flatMap((result) => [
        rowOf(result, result.model, result),
        ...(result.fast === undefined ? [] : [rowOf(result, `${result.model}, fast`, result.fast)]),
      ]),
    ),
    ...(libraries.length === 0 ? [] : [agreementSaid(results)]),
  ].join('\n\n');
}

function agreementSaid(results: readonly PrefillResult[]): string {
  const rows = results.flatMap(({ model, fast }) => {
    if (fast === undefined) return [];
    const { rows, distance, favourites, largest } = fast.behind;
    return [[model, String(rows), distance.toExponential(1), `${favourites} of ${rows}`, largest.toFixed(3)]];
  });
  const heads = ['model', 'rows', 'relative L2', 'same favourite', 'largest difference, deviations of a row'];
  return `Scores of rows that both read exactly behind the prompt, fast against exact:\n\n${table(heads, rows)}`;
}

function rowOf(
  { tokens, matrixRate }: PrefillResult,
  name: string,
  { milliseconds, fastest, operations }: Pick<PrefillResult, 'milliseconds' | 'fastest' | 'operations'>,
): string[] {
  const rate = operations / (milliseconds / 1000);
  const matrices = (matrixRate[0] + matrixRate[1]) / 2;
  return [
    ...[name, tokens.toLocaleString('en-US'), milliseconds.toFixed(1), fastest.toFixed(1)],
    ...[tera(rate), matrixRate.map(tera).join(', '), `${((100 * rate) / matrices).toFixed(0)} %`],
  ];
}
