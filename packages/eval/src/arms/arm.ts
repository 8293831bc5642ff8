import { type Acceptance, invalidOption, type RuleSpec } from '@judge-decoding/core';

/** How a drafted token is verified, as plain data. */
export type Verification =
  | { readonly rule: 'strict' }
  /** Any rule of the table, with a head by its name among the run's where it asks for one. */
  | { readonly rule: 'spec'; readonly spec: RuleSpec; readonly head?: string }
  /** Accepts by chance: for timings without a good draft. */
  | { readonly rule: 'synthetic'; readonly acceptance: Acceptance }
  /** Admits what the problem's recogniser does not call wrong: the best a judge could do. */
  | { readonly rule: 'oracle' }
  /** A rule of core that the caller made, by its name among the run's. */
  | { readonly rule: 'given'; readonly name: string };

/** One way to decode, as plain data: it can be stored beside the rows, and sent to another process. */
export type Arm =
  | {
      readonly name: string;
      readonly decode: 'plain';
      readonly model: 'target' | 'draft';
      /** Writes nothing: answers with the most likely of the problem's choices. */
      readonly choose?: true;
    }
  | {
      readonly name: string;
      /** By another program with the same weights, by its name among the run's. */
      readonly decode: 'outside';
      readonly program: string;
    }
  | {
      readonly name: string;
      readonly decode: 'speculative';
      readonly verify: Verification;
      readonly draftLength: number;
      /** Off only to show what they prevent. */
      readonly guards?: 'off';
      /** Off with guards off and `everything`, the text is the draft's own. */
      readonly bonus?: 'off';
    };

/** 0 for plain decoding, and for programs that draft in their own way. */
export const draftLengthOf = (arm: Arm): number => (arm.decode === 'speculative' ? arm.draftLength : 0);

/** The arm at another draft length, where it has one. */
export const atDraftLength = (arm: Arm, draftLength: number): Arm =>
  arm.decode === 'speculative' ? { ...arm, draftLength } : arm;

/**
 * Rows are told apart by the arm's name and draft length, so no two arms may share both.
 *
 * @throws JudgeDecodingError `invalid-option` where there is no arm, two are the same, or a draft length is below
 * 1.
 */
export function checkArms(arms: readonly Arm[]): void {
  if (arms.length === 0) throw invalidOption('arms', 'at least one arm', 'none');
  const seen = new Set<string>();
  for (const arm of arms) {
    const key = `${arm.name} at draft length ${draftLengthOf(arm)}`;
    if (seen.has(key)) throw invalidOption('arms', 'arms of different names or draft lengths', key);
    seen.add(key);
    if (arm.decode === 'speculative' && !(Number.isInteger(arm.draftLength) && arm.draftLength >= 1))
      throw invalidOption('draftLength', 'a whole number of at least 1', arm.draftLength);
  }
}
