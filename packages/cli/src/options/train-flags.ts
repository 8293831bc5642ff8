import type { Command } from 'commander';
import { countFlag, numberFlag } from './flag-value.ts';
import type { ModelFlags } from './model-flags.ts';

export const LABEL_WAYS = ['exact', 'equivalence', 'likelihood', 'people'] as const;
export type LabelWay = (typeof LABEL_WAYS)[number];
export const RECIPES = ['logistic', 'adamw', 'paper'] as const;

/** Flags of `judge train run` and of its parts. */
export interface TrainFlags extends ModelFlags {
  readonly questions?: string;
  readonly data?: string;
  readonly count?: number;
  readonly domain?: string;
  readonly unsandboxed?: boolean;
  readonly label?: string;
  readonly out: string;
  readonly work?: string;
  readonly seed?: number;
  readonly maxTokens?: number;
  readonly abreast?: number;
  readonly walk?: string;
  readonly soFar?: boolean;
  readonly mismatches?: number;
  readonly samples?: number;
  readonly compare?: string;
  readonly window?: number;
  readonly mostLoss?: number;
  readonly like?: string;
  readonly afterMistake?: string;
  readonly draftLength?: number;
  readonly keepAgreed?: number;
  readonly layers?: readonly string[];
  readonly draftStates?: boolean;
  readonly recipe?: string;
  readonly epochs?: number;
  readonly fitOn?: string;
  readonly recall?: number;
  readonly loss?: number;
  readonly lossBy?: string;
  readonly perDomain?: boolean;
  readonly ablations?: boolean;
  readonly dryRun?: boolean;
  readonly color: boolean;
}

const share = (flag: string) => numberFlag(flag, 'a number from 0 to 1', (value) => value >= 0 && value <= 1);

export const addQuestionFlags = (command: Command): Command =>
  command
    .optionsGroup('Questions:')
    .option(
      '--questions <file>',
      'JSONL or a JSON list in the shape of GSM8K, ARC, MBPP or Alpaca, with question and answer, or with a grader, as `judge eval --task own` takes them and in the same words (default: training problems of the pocket world)',
    )
    .option(
      '--count <n>',
      'the first so many (default: all; 150 of the pocket world)',
      countFlag('--count', 1),
    )
    .option('--unsandboxed', 'run programs that models write without a sandbox')
    .option('--domain <name>', 'what they are about, where rows do not say (default: the file’s name)');

export const addLabelFlags = (command: Command): Command =>
  command
    .optionsGroup('Labels:')
    .option(
      '--label <way>',
      'exact (the pocket world’s truth), equivalence (does the answer stay the same?), likelihood (does the text stay likely?), people (a data set, --data) (default: exact for the pocket world, else equivalence)',
    )
    .option(
      '--so-far',
      'label nothing further: go on with what a labelling that was stopped has left in --work (it can still be continued without this flag)',
    )
    .option('--data <file>', 'people: rows that `judge annotate` has marked')
    .option('--max-tokens <n>', 'tokens of an answer (default: 420)', countFlag('--max-tokens', 1))
    .option('--walk <how>', 'equivalence: semi-greedy (AutoJudge’s) or independent (default: semi-greedy)')
    .option(
      '--mismatches <n>',
      'equivalence: tried a question at most (default: all)',
      countFlag('--mismatches', 1),
    )
    .option(
      '--samples <n>',
      'equivalence: sampled continuations that vote beside the greedy one (default: 0)',
      countFlag('--samples', 0),
    )
    .option(
      '--compare <what>',
      'equivalence: grade (questions that the target solves) or answer (all that come to something) (default: grade); likelihood: text (SelfJudge’s formula) or choices (the target’s own behind it, its released code) (default: text)',
    )
    .option(
      '--abreast <n>',
      'equivalence, likelihood: questions in one pass, where the backend can (default: 1)',
      countFlag('--abreast', 1),
    )
    .option(
      '--window <n>',
      'likelihood: tokens behind a mismatch that are looked at (default: 20)',
      countFlag('--window', 0),
    )
    .option(
      '--most-loss <nats>',
      'likelihood: what a token of the window may lose (default: 0.066)',
      numberFlag('--most-loss', 'a number', Number.isFinite),
    )
    .option(
      '--like <folder>',
      'likelihood: in place of --most-loss, what stops 90 % of the tokens called wrong by labels that equivalence (--walk independent) has made of some of the questions, in this folder',
    )
    .option(
      '--after-mistake <what>',
      'tokens behind a mistake: mask (they say nothing), negative, or until-recovery (default: mask)',
    );

export const addFeatureFlags = (command: Command): Command =>
  command
    .optionsGroup('Features:')
    .option(
      '--draft-length <n>',
      'as wide as verification will be (default: 16)',
      countFlag('--draft-length', 1),
    )
    .option('--layers <n...>', 'further layers to read, as numbers from 1, or all (default: the last)')
    .option('--draft-states', 'the draft’s states beside the target’s, to compare; no head file reads them')
    .option(
      '--keep-agreed <share>',
      'of the correct tokens that the target would have written itself: no judge is asked about them (default: 0.1)',
      share('--keep-agreed'),
    );

export const addFitFlags = (command: Command): Command =>
  command
    .optionsGroup('Fit:')
    .option(
      '--recipe <name>',
      'logistic (to convergence, C by validation AUC), adamw (stopped early), or paper (AdamW, 1e-4, as published) (default: logistic)',
    )
    .option('--epochs <n>', 'adamw, paper: passes at most (default: 40)', countFlag('--epochs', 1))
    .option(
      '--fit-on <what>',
      'mismatches (where a judge is asked) or all, as the paper does (default: mismatches)',
    )
    .option('--recall <share>', 'the threshold stops this share of the wrong tokens', share('--recall'))
    .option('--loss <share>', 'the threshold may cost so much (default: 0.01)', share('--loss'))
    .option('--loss-by <unit>', 'of answers (wrong tokens get into them) or of tokens (default: answers)')
    .option(
      '--per-domain',
      'a head for each domain besides, in one file: `--head by-domain.safetensors#DOMAIN`',
    )
    .option('--no-ablations', 'leave out the heads that are only compared with');
