import {
  asksHead,
  type GuardOptions,
  parseRule,
  RULES,
  type RuleRow,
  type RuleSpec,
  STRICT_SPEC,
  signatureOf,
} from '@judge-decoding/core';
import type { Command } from 'commander';
import { listed } from '../render/listed.ts';
import { badFlag, countFlag, numberFlag, repeatedFlag } from './flag-value.ts';
import { parseSpeculativeConfig, type SpeculativeConfig } from './speculative-config.ts';
import { withThreshold } from './with-threshold.ts';

export interface VerifyFlags {
  readonly verify?: RuleSpec;
  readonly head?: string;
  readonly threshold?: number;
  readonly draftLength?: number | 'auto';
  readonly allowOtherWeights?: boolean;
  readonly speculativeConfig?: SpeculativeConfig;
  /** Files; their rules are in the table already. */
  readonly rules?: readonly string[];
}

export function addVerifyFlags(command: Command, rules: readonly RuleRow[] = RULES): Command {
  return addRulesFlag(
    command
      .optionsGroup('Verification:')
      .option(
        '--verify <rule>',
        `${rules.map(signatureOf).join(', ')}; joined by + (default: strict)`,
        (text: string) => parseRule(text, { rules, what: '--verify' }),
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
        (text: string) => parseSpeculativeConfig(text, rules),
      ),
  );
}

/** Rules of others; they are read before flags are parsed. */
export const addRulesFlag = (command: Command, use = '--verify'): Command =>
  command.option(
    '--rules <file>',
    `a module (.mjs) with accept rules of yours, for ${use}; its code is run (repeatable)`,
    repeatedFlag,
  );

function draftLengthFlag(text: string): number | 'auto' {
  if (text === 'auto') return 'auto';
  if (!/^\d+$/.test(text)) throw badFlag('--draft-length', 'a whole number or auto', text);
  return countFlag('--draft-length', 0)(text);
}

/** How a generation is verified, from flags and JSON together. */
export interface Verification {
  readonly spec: RuleSpec;
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
  { verify, rules }: { readonly verify?: RuleSpec; readonly rules?: readonly RuleRow[] } = {},
): Verification {
  const json = flags.speculativeConfig ?? {};
  const head = flags.head ?? json.head;
  const asked = flags.verify ?? json.verify ?? verify;
  const chosen =
    asked ??
    (head === undefined ? STRICT_SPEC : { ...STRICT_SPEC, admit: { name: 'judge', parameters: [] } });
  const threshold = flags.threshold ?? json.threshold;
  const hasJudge = asksHead(chosen, rules);
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
            `No judge is asked, so ${listed(idle, 'and')} ${idle.length === 1 ? 'does' : 'do'} nothing: add --verify judge.`,
          ],
  };
}
