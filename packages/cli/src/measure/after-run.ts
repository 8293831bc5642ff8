import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Acceptance, sayAcceptance } from '@judge-decoding/core';
import {
  analyse,
  EXAMPLES_FILE,
  examplesOf,
  measureDivergences,
  predictRounds,
  REFERENCE,
  readResults,
  writeReport,
} from '@judge-decoding/eval';
import { EXIT } from '../exit-code.ts';
import type { RunFlags } from '../options/run-flags.ts';
import { paintFor } from '../render/paint.ts';
import { widthOf } from '../terminal.ts';
import type { World } from '../world.ts';
import { draftLengthFor } from './acceptance.ts';
import type { LoadedProblems } from './load-problems.ts';
import type { RunPair } from './open-run-pair.ts';
import { analysisLines } from './result-lines.ts';

/** Keeps the worst regressions as text, for the page. */
export async function writeExamples(
  folder: string,
  pair: RunPair,
  { questionOf }: LoadedProblems,
): Promise<void> {
  const { tokenizer } = pair;
  if (tokenizer === undefined) return;
  const { rows } = await readResults(folder);
  const examples = examplesOf({
    rows,
    reference: REFERENCE,
    questionOf,
    pieceOf: (id) => new TextDecoder().decode(tokenizer.bytesOf(id)),
  });
  await writeFile(join(folder, EXAMPLES_FILE), `${JSON.stringify(examples)}\n`);
}

/** Measures where strict decoding left the target's own text, if it did. Sampled texts are nobody's own. */
export async function compareTexts(
  folder: string,
  { target, draft }: RunPair,
  { problems }: LoadedProblems,
  signal: AbortSignal,
): Promise<void> {
  const { settings } = await readResults(folder);
  if (settings.fixed.sampling.temperature > 0) return;
  const drafting = typeof draft === 'string' ? undefined : draft;
  await measureDivergences(folder, { problems, target, draft: drafting, signal });
}

/** Prints what came out, and writes the page where there is a folder. */
export async function show(
  folder: string,
  flags: RunFlags,
  { terminal }: World,
  acceptance: Acceptance | undefined,
): Promise<number> {
  const analysis = flags.out === undefined ? analyse(await readResults(folder)) : await writeReport(folder);
  const paint = paintFor(terminal.out, terminal.env, flags);
  if (flags.json) {
    const { results, ...rest } = analysis;
    terminal.out.write(
      `${JSON.stringify({ settings: results.settings, machines: results.machines, ...rest }, null, 2)}\n`,
    );
  } else {
    for (const line of analysisLines(analysis, paint, widthOf(terminal.out))) terminal.out.write(`${line}\n`);
    const [costs = []] = Object.values(analysis.results.settings.costs);
    if (acceptance !== undefined && costs.length > 0) {
      terminal.out.write(
        `\n${paint.bold(`The model of a round, with ${sayAcceptance(acceptance)} (assumed)`)}\n`,
      );
      for (const draftLength of flags.draftLengths ?? [draftLengthFor(acceptance)]) {
        const { committed, milliseconds, tokensPerSecond, timesPlain } = predictRounds(costs, () => ({
          acceptance,
          draftLength,
        }))!;
        terminal.out.write(
          `draft length ${draftLength}: ${committed.toFixed(2)} committed in ${milliseconds.toFixed(2)} ms, ${tokensPerSecond.toFixed(1)} tokens/s, ${timesPlain.toFixed(2)}x plain\n`,
        );
      }
    }
  }
  if (flags.out !== undefined) terminal.err.write(`\n${join(folder, 'report.html')}\n`);
  return EXIT.ok;
}
