import type { JudgeHead } from '@judge-decoding/core';
import { EXIT } from '../exit-code.ts';
import { readHeadsFile } from '../pair/read-head-file.ts';
import { factLines } from '../render/fact-lines.ts';
import { type Paint, paintFor } from '../render/paint.ts';
import { table } from '../render/table.ts';
import { wrap } from '../render/wrap.ts';
import { widthOf } from '../terminal.ts';
import type { World } from '../world.ts';

/** What a head file says about itself. */
export async function inspectHead(
  file: string,
  flags: { readonly json?: boolean; readonly color: boolean },
  { terminal }: World,
): Promise<number> {
  const { out } = terminal;
  const heads = Object.entries(await readHeadsFile(file));
  if (flags.json) {
    const all = heads.map(([name, head]) => [name, plain(head)] as const);
    // a file of one head is that head
    const shown = all.length === 1 ? all[0]![1] : Object.fromEntries(all);
    out.write(`${JSON.stringify(shown, null, 2)}\n`);
    return EXIT.ok;
  }
  const paint = paintFor(out, terminal.env, flags);
  for (const [index, [name, head]] of heads.entries()) {
    if (heads.length > 1) out.write(`${index === 0 ? '' : '\n'}${paint.bold(`${file}#${name}`)}\n`);
    out.write(
      headLines(head, paint, widthOf(out))
        .map((line) => `${line}\n`)
        .join(''),
    );
  }
  return EXIT.ok;
}

const plain = ({ terms, bias, threshold, hiddenSize, provenance }: JudgeHead) => ({
  terms: terms.map(({ layer, state, row, weights }) => ({ layer, state, row, norm: normOf(weights) })),
  bias,
  threshold,
  hiddenSize,
  provenance,
});

const normOf = (weights: Float32Array): number =>
  Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));

/** Counted at one threshold; another may have been written into the file since. */
const OF_FITTED = /^(?:recall|false rejections) /;
const OF_FITTED_SAID = ' (at the threshold it was fitted with)';

/** One head, as people read it. */
function headLines(
  { terms, bias, threshold, hiddenSize, provenance }: JudgeHead,
  paint: Paint,
  width: number,
): readonly string[] {
  const { model, dtype, data, fingerprint, metrics, calibration, measured = [], made = {} } = provenance;
  const facts: readonly (readonly [string, string])[] = [
    ['fitted for', `${model} (${dtype}), hidden size ${hiddenSize}`],
    ...terms.map(({ layer, state, row, weights }, index): readonly [string, string] => [
      `term ${index}`,
      `${layer === 'last' ? 'last layer' : `layer ${layer}`}, ${state}, ${row} row, length ${normOf(weights).toPrecision(3)}`,
    ]),
    ['bias', bias.toPrecision(4)],
    ['threshold', `${threshold.toPrecision(4)} (${dtype})`],
    ...measured.map(({ dtype, device, threshold }): readonly [string, string] => [
      'threshold',
      `${threshold.toPrecision(4)} (${dtype}${device === undefined ? '' : ` on ${device}`})`,
    ]),
    ['architecture', fingerprint.architecture.slice(0, 12)],
    ['tokenizer', fingerprint.tokenizer.slice(0, 12)],
    ['weights', fingerprint.weights.slice(0, 12)],
    ['data', data.slice(0, 64)],
    // what is said above already is not said twice
    ...Object.entries(made).filter(([name]) => !['target', 'data'].includes(name)),
    ...Object.entries(metrics).map(([name, figure]): readonly [string, string] => [
      name,
      `${Number.isInteger(figure) ? figure : figure.toPrecision(4)}${OF_FITTED.test(name) ? OF_FITTED_SAID : ''}`,
    ]),
  ];
  const lines = [...factLines(facts, paint, width)];
  if (calibration.length > 0) {
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    const columns = ['threshold', 'wrong stopped', 'right let in'].map(
      (title) => ({ title, align: 'right' }) as const,
    );
    // a long table says no more than about ten of its rows
    const every = Math.ceil(calibration.length / 12);
    const rows = calibration
      .filter((_, index) => index % every === 0)
      .map((point) => [
        point.threshold.toFixed(3),
        percent(point.wrongStopped),
        percent(point.correctAdmitted),
      ]);
    lines.push(
      '',
      ...wrap('Where standard verification rejects, on the calibration data:', width),
      ...table(columns, rows, paint, width),
    );
  }
  return lines;
}
