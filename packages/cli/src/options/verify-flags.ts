import type { GuardOptions } from '@judge-decoding/core';
import type { Command } from 'commander';
import { badFlag, countFlag, numberFlag } from './flag-value.ts';
import { parseSpeculativeConfig, type SpeculativeConfig } from './speculative-config.ts';
import { asksJudge, parseVerify, STRICT, type VerifySpec, withThreshold } from './verify-spec.ts';

export interface VerifyFlags {
  readonly verify?: VerifySpec;
  readonly head?: string;
  readonly threshold?: number;
  readonly draftLength?: number | 'auto';
  readonly allowOtherWeights?: boolean;
  readonly speculativeConfig?: SpeculativeConfig;
}

export function addVerifyFlags(command: Command): Command {
  return command
    .optionsGroup('Verification:')
    .option(
      '--verify <rule>',
      'strict, judge, lossless, block, lenience:L, ensemble:W, topk:K, typical, relaxed, kl:T, fly, cascade:A, floor:P; joined by + (default: strict)',
      parseVerify,
    )
    .option('--head <file>', 'the judge head; alone it switches the judge on')
    .option(
      '--threshold <p>',
      'the judge admits a token above this score (default: the head’s)',
      numberFlag('--threshold', 'a number from 0 to 1', (value) => value >= 0 && value <= 1),
    )
    .option(
      '--draft-length <n>',
      'tokens drafted a round, or `auto`: what pays, from costs measured once (default: auto where strict and greedy, else 16; 8 where sampling strictly)',
      draftLengthFlag,
    )
    .option('--allow-other-weights', 'use a head that was fitted on other weights of the same model')
    .option(
      '--speculative-config <json>',
      'all of it as JSON with vLLM’s keys, admission trees included; flags win over it',
      parseSpeculativeConfig,
    );
}

function draftLengthFlag(text: string): number | 'auto' {
  if (text === 'auto') return 'auto';
  if (!/^\d+$/.test(text)) throw badFlag('--draft-length', 'a whole number or auto', text);
  return countFlag('--draft-length', 0)(text);
}

/** How a generation is verified, from flags and JSON together. */
export interface Verification {
  readonly spec: VerifySpec;
  /** The draft that the JSON names; --draft wins over it. */
  readonly draft: string | undefined;
  /** How an n-gram draft looks things up. */
  readonly lookup: NonNullable<SpeculativeConfig['lookup']>;
  /** A file; without one a judge needs the embedded pair's head. */
  readonly head: string | undefined;
  /** Absent: the rule decides. */
  readonly draftLength: number | 'auto' | undefined;
  readonly guards: GuardOptions;
  readonly allowOtherWeights: boolean;
  /** What was asked for and does nothing. */
  readonly notices: readonly string[];
}

export function verificationOf(
  flags: VerifyFlags,
  preset: { readonly verify?: VerifySpec } = {},
): Verification {
  const json = flags.speculativeConfig ?? {};
  const head = flags.head ?? json.head;
  const asked = flags.verify ?? json.verify ?? preset.verify;
  const chosen =
    asked ?? (head === undefined ? STRICT : { ...STRICT, admit: { name: 'judge', parameters: [] } });
  const threshold = flags.threshold ?? json.threshold;
  const hasJudge = asksJudge(chosen);
  const idle = hasJudge
    ? []
    : [head === undefined ? undefined : '--head', threshold === undefined ? undefined : '--threshold'].filter(
        (name) => name !== undefined,
      );
  const { leastProbability, mostInARow } = json;
  return {
    spec: threshold === undefined ? chosen : withThreshold(chosen, threshold),
    draft: json.draft,
    lookup: json.lookup ?? {},
    head,
    draftLength: flags.draftLength ?? json.draftLength,
    guards: {
      ...(leastProbability === undefined ? {} : { leastProbability }),
      ...(mostInARow === undefined ? {} : { mostInARow }),
    },
    allowOtherWeights: flags.allowOtherWeights === true,
    notices:
      idle.length === 0
        ? []
        : [
            `No judge is asked, so ${idle.join(' and ')} ${idle.length === 1 ? 'does' : 'do'} nothing: add --verify judge.`,
          ],
  };
}
