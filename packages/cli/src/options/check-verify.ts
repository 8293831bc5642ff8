import {
  findRule,
  isLossless,
  JudgeDecodingError,
  needsOf,
  partsOf,
  type Rule,
  type RuleRow,
  type RuleSpec,
  type SamplingOptions,
} from '@judge-decoding/core';
import type { Verification } from './verify-flags.ts';

/** What rules must fit. */
interface Beside {
  readonly temperature: number;
  /** The draft looks up in the text: it has no distribution. */
  readonly isLookup: boolean;
}

const refuse = (sentence: string) => new JudgeDecodingError('invalid-option', sentence);

/** Refuses rules that do not fit the other flags, before they are built. Core would, too, but knows no flags. */
export function checkVerify(
  { base, admit }: RuleSpec,
  { temperature, isLookup }: Beside,
  rules: readonly RuleRow[],
): void {
  for (const { name } of [base, ...(admit === undefined ? [] : partsOf(admit))]) {
    const { decoding, draft } = needsOf(findRule(name, rules));
    if (decoding === 'sampling' && temperature === 0)
      throw refuse(
        `Expected --temperature to be above 0 for ${name}, which is for sampling decoding, got 0. Add --temperature, or use --verify strict.`,
      );
    if (decoding === 'greedy' && temperature > 0)
      throw refuse(
        `Expected --temperature to be 0 for ${name}, which is for greedy decoding, got ${temperature}. Leave --temperature out, or --verify ${name}.`,
      );
    if (draft === 'full' && isLookup)
      throw refuse(
        `Expected --draft to be a model for ${name}, which compares its distribution with the target’s, got ngram, which has none. Name a model, or leave --verify ${name} out.`,
      );
  }
}

/** Refuses an adaptive draft length where the text depends on it. */
export function checkAuto(
  rule: Rule,
  { spec, draftLength, guards }: Pick<Verification, 'spec' | 'draftLength' | 'guards'>,
  sampling: SamplingOptions,
): void {
  const { temperature } = sampling;
  if (draftLength !== 'auto' || (temperature === 0 && isLossless(rule, { sampling, guards }))) return;
  const why =
    temperature > 0
      ? `with --temperature ${temperature}`
      : `with ${rule.admission === undefined ? spec.base.name : 'an admission in --verify'}`;
  throw refuse(
    `Expected --draft-length to be a number ${why}, got auto: the text depends on where rounds begin, so it could not be repeated from a seed. Write --draft-length 16, say.`,
  );
}
