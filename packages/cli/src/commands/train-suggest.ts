import { basename } from 'node:path';
import { writeAtomically } from '@judge-decoding/long-work';
import { suggestMistakes } from '@judge-decoding/train';
import { parseDataSet, rowLine } from '@judge-decoding/train/data-set';
import { EXIT } from '../exit-code.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import { readHeadFile } from '../pair/read-head-file.ts';
import { readDataSet } from '../train/read-data-set.ts';
import type { World } from '../world.ts';
import { withPair } from './train-run.ts';

export interface SuggestFlags extends ModelFlags {
  readonly head: string;
  readonly out?: string;
  readonly allowOtherWeights?: boolean;
  readonly color: boolean;
}

/** What a head thinks of every token of a data set's answers, for annotators who ask for it. */
export async function trainSuggestCommand(file: string, flags: SuggestFlags, world: World): Promise<number> {
  const { terminal } = world;
  const text = await readDataSet(file);
  const rows = parseDataSet(text, file);
  const head = await readHeadFile(flags.head);
  return withPair(flags, world, async ({ target }, watch) => {
    const suggested = await suggestMistakes({
      ...watch,
      rows,
      head,
      name: `${basename(flags.head)}, ${head.provenance.data.slice(0, 12)}`,
      target: target.model,
      tokenizer: target.tokenizer,
      allowOtherWeights: flags.allowOtherWeights,
    });
    const out = flags.out ?? file;
    await writeAtomically(out, suggested.map(rowLine).join(''));
    terminal.out.write(`${out}\n`);
    const stopped = suggested.filter(({ suggestion: one }) => one?.scores.some((p) => p <= one.threshold));
    const with_ = suggested.filter(({ suggestion }) => suggestion !== undefined);
    terminal.err.write(
      `${with_.length} answers scored; the head would stop somewhere in ${stopped.length} of them. Annotators see it when they ask for it: judge annotate ${out} --page\n`,
    );
    return EXIT.ok;
  });
}
