import { JudgeDecodingError } from '@judge-decoding/core';
import { readIfThere, writeAtomically } from '@judge-decoding/long-work';
import { type AnswerWriter, endpointWriter, modelWriter, sampleAnswers } from '@judge-decoding/train';
import { checkDataSet, type DataSetRow, rowLine, withMarksOf } from '@judge-decoding/train/data-set';
import { EXIT } from '../exit-code.ts';
import { badFlag } from '../options/flag-value.ts';
import type { TrainFlags } from '../options/train-flags.ts';
import { pocketQuestions, readForTraining } from '../train/train-problems.ts';
import type { World } from '../world.ts';
import { claimFolder, withPair } from './train-run.ts';

export interface AnswersFlags extends TrainFlags {
  readonly from?: string;
  readonly takes?: number;
  readonly temperature?: number;
  readonly url?: string;
  readonly model?: string;
}

/** Answers to a list of questions, graded: a data set to be marked, or to be labelled by machine. */
export async function trainAnswersCommand(flags: AnswersFlags, world: World): Promise<number> {
  const { terminal } = world;
  const { temperature = 1, maxTokens = 420, seed = 0, takes = 2 } = flags;
  const from = (flags.from ?? 'draft,target').split(',');
  const other = from.find((name) => !['draft', 'target', 'endpoint'].includes(name));
  if (other !== undefined) throw badFlag('--from', 'draft, target and endpoint, with commas', other);
  if (from.includes('endpoint') && (flags.url === undefined || flags.model === undefined))
    throw badFlag(
      '--url',
      'an OpenAI-compatible address, and --model its model’s name, where --from has endpoint',
      flags.url ?? '',
    );
  const questions =
    flags.questions === undefined
      ? pocketQuestions(flags.count)
      : (await readForTraining(flags)).slice(0, flags.count);
  await rowsThere(flags.out);
  const work = flags.work ?? `${flags.out}.work`;
  await claimFolder(work);
  return withPair(flags, world, async ({ target, draft }, watch) => {
    const writers: AnswerWriter[] = [];
    const how = { temperature, maxTokens, seed };
    for (const name of from) {
      if (name === 'endpoint') {
        const apiKey = terminal.env.OPENAI_API_KEY;
        writers.push(endpointWriter({ baseUrl: flags.url!, model: flags.model!, apiKey }, how));
      } else if (name === 'target') writers.push(await modelWriter(target.model, target.tokenizer, how));
      else if (typeof draft === 'string')
        throw new JudgeDecodingError(
          'invalid-option',
          `Expected a draft model to write answers, got ${draft}. Name one with --draft.`,
        );
      else writers.push(await modelWriter(draft.model, draft.tokenizer, how));
    }
    try {
      const found = await sampleAnswers({
        ...watch,
        questions,
        writers,
        takes,
        folder: work,
        tokenizer: target.tokenizer,
      });
      // people may have marked more while answers were written
      const { rows, lost } = withMarksOf(await rowsThere(flags.out), found.rows);
      if (lost.length > 0)
        throw new JudgeDecodingError(
          'mismatch',
          `Expected ${flags.out} to hold these answers, but ${lost.length === 1 ? 'an answer that people have marked is another one there' : `${lost.length} answers that people have marked are others there`} (${lost.slice(0, 3).join(', ')}${lost.length > 3 ? ' …' : ''}). Name another file with --out: what was sampled is kept in ${work}.`,
        );
      await writeAtomically(flags.out, rows.map(rowLine).join(''));
      terminal.out.write(`${flags.out}\n`);
      const lines = Object.entries(found.writers).map(
        ([name, { answers, graded, right }]) => `${name}: ${answers} answers, ${right} of ${graded} right`,
      );
      terminal.err.write(
        `${[...lines, `${found.rows.length} rows, ${found.tuples} with a right and a wrong answer. Mark them: judge annotate ${flags.out}`].join('\n')}\n`,
      );
      return EXIT.ok;
    } finally {
      for (const writer of writers) await writer.dispose();
    }
  });
}

/** Rows that are in the file already, and what people have said of them; a file of another kind is not written over. */
async function rowsThere(file: string): Promise<readonly DataSetRow[]> {
  const text = await readIfThere(file);
  if (text === undefined) return [];
  const { rows, faults } = checkDataSet(text, file);
  const [first] = faults;
  if (first === undefined) return rows;
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected --out to be a new file or a data set, and would not write over another one. ${first.message}`,
  );
}
