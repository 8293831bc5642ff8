import {
  GREEDY,
  PENALTY_SCOPES,
  type PenaltyScope,
  penalises,
  type SamplingOptions,
  type TokenId,
} from '@judge-decoding/core';
import { type Command, Option } from 'commander';
import { badFlag, countFlag, numberFlag } from './flag-value.ts';
import { logitBiasFlag } from './logit-bias.ts';

/** As commander hands them over. */
export interface SamplingFlags {
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly penaltyScope?: PenaltyScope;
  readonly logitBias?: readonly (readonly [TokenId, number])[];
  readonly seed?: number;
}

const within = (flag: string, low: number, high: number) =>
  numberFlag(flag, `a number from ${low} to ${high}`, (value) => value >= low && value <= high);

export function addSamplingFlags(command: Command): Command {
  return command
    .optionsGroup('Sampling:')
    .option('--temperature <t>', '0 is greedy (default: 0)', within('--temperature', 0, 100))
    .option('--top-k <k>', 'keep the k most likely tokens (0: all)', countFlag('--top-k', 0))
    .option(
      '--top-p <p>',
      'keep the most likely tokens that reach this probability together',
      numberFlag('--top-p', 'a number above 0, at most 1', (value) => value > 0 && value <= 1),
    )
    .option('--min-p <p>', 'drop tokens below this share of the most likely one', within('--min-p', 0, 1))
    .option(
      '--repetition-penalty <x>',
      'divide the logits of tokens already in prompt or text',
      numberFlag('--repetition-penalty', 'a number above 0', (value) => value > 0),
    )
    .option(
      '--presence-penalty <x>',
      'subtract once of tokens already written',
      within('--presence-penalty', -100, 100),
    )
    .option(
      '--frequency-penalty <x>',
      'subtract for each time it was written',
      within('--frequency-penalty', -100, 100),
    )
    .addOption(
      new Option(
        '--penalty-scope <scope>',
        'whether the prompt counts. usual: for repetition alone, as with OpenAI and vLLM; all: for all three, as in llama.cpp; written: never (default: usual)',
      ).choices(PENALTY_SCOPES),
    )
    .option('--logit-bias <token:bias>', 'add to a token’s logit (repeatable)', logitBiasFlag)
    .option('--seed <n>', 'the same seed gives the same text (default: 0)', countFlag('--seed', 0));
}

export function samplingOf(flags: SamplingFlags): SamplingOptions {
  const { temperature = 0, topK, topP, minP, repetitionPenalty, presencePenalty, frequencyPenalty } = flags;
  return {
    ...GREEDY,
    temperature,
    ...(topK === undefined ? {} : { topK }),
    ...(topP === undefined ? {} : { topP }),
    ...(minP === undefined ? {} : { minP }),
    ...(repetitionPenalty === undefined ? {} : { repetitionPenalty }),
    ...(presencePenalty === undefined ? {} : { presencePenalty }),
    ...(frequencyPenalty === undefined ? {} : { frequencyPenalty }),
    ...(flags.penaltyScope === undefined ? {} : { penaltyScope: flags.penaltyScope }),
    ...(flags.logitBias === undefined ? {} : { logitBias: flags.logitBias }),
  };
}

/** Refuses what only the target's vocabulary tells to be wrong. */
export function checkBias({ logitBias = [] }: SamplingOptions, vocabSize: number): void {
  const other = logitBias.find(([token]) => token >= vocabSize);
  if (other !== undefined)
    throw badFlag('--logit-bias', `made of token ids below ${vocabSize}`, String(other[0]));
}

/** Flags that were given and do nothing, said instead of ignored. */
export function samplingNotices(flags: SamplingFlags): readonly string[] {
  const notices: string[] = [];
  const sampled = (flags.temperature ?? 0) > 0;
  const idle = [
    flags.topK === undefined ? undefined : '--top-k',
    flags.topP === undefined ? undefined : '--top-p',
    flags.minP === undefined ? undefined : '--min-p',
    flags.seed === undefined ? undefined : '--seed',
  ].filter((name) => name !== undefined);
  if (!sampled && idle.length > 0) {
    notices.push(
      `Decoding is greedy, so ${idle.join(' and ')} ${idle.length === 1 ? 'does' : 'do'} nothing: add --temperature.`,
    );
  }
  if (flags.penaltyScope !== undefined && !penalises(samplingOf(flags))) {
    notices.push(
      'Nothing is penalised, so --penalty-scope does nothing: add --repetition-penalty or its like.',
    );
  }
  return notices;
}
