import { EXIT } from '../exit-code.ts';
import { readHeadFile } from '../pair/read-head-file.ts';
import { factLines } from '../render/fact-lines.ts';
import { paintFor } from '../render/paint.ts';
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
  const { terms, bias, threshold, hiddenSize, provenance } = await readHeadFile(file);
  const described = terms.map(({ layer, state, row, weights }) => ({
    layer,
    state,
    row,
    norm: Math.hypot(...weights),
  }));
  if (flags.json) {
    out.write(`${JSON.stringify({ terms: described, bias, threshold, hiddenSize, provenance }, null, 2)}\n`);
    return EXIT.ok;
  }
  const paint = paintFor(out, terminal.env, flags);
  const { model, dtype, data, fingerprint, metrics, calibration, measured = [], made = {} } = provenance;
  const facts: readonly (readonly [string, string])[] = [
    ['fitted for', `${model} (${dtype}), hidden size ${hiddenSize}`],
    ...described.map(({ layer, state, row, norm }, index): readonly [string, string] => [
      `term ${index}`,
      `${layer} layer, ${state}, ${row} row, length ${norm.toPrecision(3)}`,
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
      Number.isInteger(figure) ? String(figure) : figure.toPrecision(4),
    ]),
  ];
  out.write(`${factLines(facts, paint, widthOf(out)).join('\n')}\n`);
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
    out.write(
      `\n${wrap('Where standard verification rejects, on the calibration data:', widthOf(out)).join('\n')}\n${table(columns, rows, paint, widthOf(out)).join('\n')}\n`,
    );
  }
  return EXIT.ok;
}
