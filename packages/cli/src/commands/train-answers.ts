import { JudgeDecodingError } from '@judge-decoding/core';
import { writeAtomically } from '@judge-decoding/long-work';
import { type AnswerWriter, endpointWriter, modelWriter, sampleAnswers } from '@judge-decoding/train';
import { rowLine } from '@judge-decoding/train/data-set';
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
      await writeAtomically(flags.out, found.rows.map(rowLine).join(''));
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
