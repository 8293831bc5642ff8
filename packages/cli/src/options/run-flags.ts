import { type Acceptance, parseAcceptance, type RuleRow } from '@judge-decoding/core';
import { ARM_GROUPS, OTHER_ARMS } from '@judge-decoding/eval/arm-names';
import type { Command } from 'commander';
import { badFlag, countFlag, numberFlag, repeatedFlag } from './flag-value.ts';
import type { ModelFlags } from './model-flags.ts';
import type { SamplingFlags } from './sampling-flags.ts';
import { addRulesFlag } from './verify-flags.ts';

/** What `judge bench` and `judge eval` have in common. */
export interface RunFlags extends ModelFlags, SamplingFlags {
  readonly task?: string;
  readonly data?: string;
  readonly split?: string;
  readonly problems?: number;
  readonly from?: number;
  readonly shots?: number;
  readonly anyCount?: boolean;
  readonly unsandboxed?: boolean;
  readonly arms?: string;
  readonly draftLengths?: readonly number[];
  readonly head?: readonly string[];
  readonly anchors?: string;
  readonly allowOtherWeights?: boolean;
  /** A word, or the name of a file with a profile. */
  readonly syntheticAcceptance?: Acceptance | string;
  readonly synthetic?: string;
  readonly promptTokens?: number;
  readonly margin?: number;
  readonly maxTokens?: number;
  readonly repeats?: number;
  readonly warmUps?: number;
  readonly shard?: { readonly part: number; readonly of: number };
  readonly processes?: number;
  readonly shareReadings?: boolean;
  readonly out?: string;
  readonly json?: boolean;
  readonly color: boolean;
}

export function addTaskFlags(command: Command): Command {
  return command
    .optionsGroup('Problems:')
    .option(
      '--task <name>',
      'pocket, or a benchmark read from --data: gsm8k, humaneval, humaneval-js, humaneval-ts, mbpp, mt-bench, arc-easy, arc-challenge, mmlu, spec-bench, own (default: pocket)',
    )
    .option('--data <folder>', 'where the benchmark’s published files are')
    .option('--split <name>', 'which part of it (default: the pocket world’s dev, a benchmark’s test)')
    .option('--problems <n>', 'how many', countFlag('--problems', 1))
    .option('--from <n>', 'the first of them (default: 0)', countFlag('--from', 0))
    .option(
      '--shots <n>',
      'examples before each question (default: as the benchmark is asked)',
      countFlag('--shots', 0),
    )
    .option('--any-count', 'take files that have another number of rows than was published')
    .option(
      '--unsandboxed',
      'run model-written programs as they are, where nothing keeps them in: only for models that you trust',
    )
    .option(
      '--max-tokens <n>',
      'most tokens of an answer (default: 850 in the pocket world, 200 of made-up weights, else 420 or what the task says)',
      countFlag('--max-tokens', 1),
    );
}

export function addArmFlags(command: Command, rules: readonly RuleRow[]): Command {
  const groups = [...ARM_GROUPS, ...OTHER_ARMS].map(([name]) => name).join(', ');
  const arms = command
    .optionsGroup('Arms:')
    .option(
      '--arms <list>',
      `parted by commas: ${groups}, and rules as --verify takes them (${rules.map(({ name }) => name).join(', ')}); kl:0.3/8 has a draft length of its own (default: headline)`,
    );
  return addRulesFlag(arms, '--arms')
    .option(
      '--draft-lengths <list>',
      'every speculative arm at each of them: 4,8,16 (default: 16; 25 with length:19, and so in proportion up to 63)',
      lengthsFlag,
    )
    .option(
      '--head <[name=]file>',
      'a judge head; more of them by name, for judge@name (repeatable)',
      repeatedFlag,
    )
    .option('--allow-other-weights', 'use a head that was fitted on other weights of the same model')
    .option(
      '--anchors <module>',
      'programs of others as arms, with the same weights: a module that exports them (tools/bench/anchors has node-llama-cpp and transformers.js)',
    )
    .option(
      '--synthetic-acceptance <what>',
      'add the arm synthetic, which accepts by chance: a rate (0.8), a length (length:19), or a file with a profile by position; for timings without a good draft',
      acceptanceFlag,
    );
}

function lengthsFlag(text: string): readonly number[] {
  const parse = countFlag('--draft-lengths', 1);
  return text.split(',').map((one) => parse(one.trim()));
}

export const acceptanceFlag = (text: string): Acceptance | string => parseAcceptance(text) ?? text;

export function addRunFlags(command: Command): Command {
  return command
    .optionsGroup('Run:')
    .option(
      '--margin <points>',
      'the loss of accuracy that would be too much, stated now: without it no arm is called non-inferior',
      numberFlag('--margin', 'a number above 0, below 100', (value) => value > 0 && value < 100),
    )
    .option('--repeats <n>', 'run everything so often', countFlag('--repeats', 1))
    .option(
      '--warm-ups <n>',
      'generations of each arm that are thrown away first',
      countFlag('--warm-ups', 0),
    )
    .option(
      '--shard <i/n>',
      'only every n-th problem, from the i-th on: several processes share a folder',
      shardFlag,
    )
    .option(
      '--processes <n>',
      'start so many processes that share the problems; quality only, as none has the machine for itself',
      countFlag('--processes', 1),
    )
    .option(
      '--share-readings',
      'let the arms of a problem share what the models have read of a text: several times as many rows an hour, the same texts, and no speeds; greedy, with exact passes',
    )
    .option('--out <folder>', 'the result folder; a stopped run goes on in it')
    .option('--json', 'the analysis as JSON on stdout');
}

function shardFlag(text: string): { readonly part: number; readonly of: number } {
  const [, part, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { part: Number(part) - 1, of: Number(of) };
  if (part === undefined || !(shard.part >= 0 && shard.part < shard.of && shard.of <= 1000))
    throw badFlag('--shard', 'i/n with i from 1 to n, as in 2/8', text);
  return shard;
}
