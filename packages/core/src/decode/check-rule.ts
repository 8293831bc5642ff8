import type { DraftSource } from '../drafts/draft.ts';
import { JudgeDecodingError } from '../errors.ts';
import { isLossless, type UsedWith } from '../rules/is-lossless.ts';
import type { Rule } from '../rules/rule.ts';
import type { SamplingOptions } from '../sampling/sampling.ts';

/**
 * Refuses a rule that does not fit the temperature, or that compares distributions with a draft that
 * has none. Needs no model, so it can be asked before one is opened.
 */
export function checkRule(
  { base, admission, name }: Rule,
  { temperature }: SamplingOptions,
  draft: Pick<DraftSource, 'name' | 'hasDistribution'> | undefined,
): void {
  const decoding = temperature === 0 ? 'greedy' : 'sampling';
  for (const part of admission ? [base, admission] : [base]) {
    if (part.decoding === 'either' || part.decoding === decoding) continue;
    const next =
      decoding === 'greedy'
        ? 'Use a temperature above 0, or strict verification.'
        : `Use temperature 0, or ${part === base ? '`lossless` as the base' : 'another rule'}.`;
    throw new JudgeDecodingError(
      'invalid-option',
      `\`${part.name}\` is defined for ${part.decoding} decoding, the temperature is ${temperature}. ${next}`,
    );
  }
  const full = base.needs.draft === 'full' || admission?.needs.draft === 'full';
  if (full && draft && !draft.hasDistribution) {
    throw new JudgeDecodingError(
      'invalid-option',
      `\`${name}\` compares the distributions of target and draft, and ${draft.name} has none. Use a draft model, or another rule.`,
    );
  }
}

/** Refuses an adaptive draft length where the text depends on it. */
export function checkAdaptive(rule: Rule, used: Omit<UsedWith, 'draftLength'>): void {
  if (used.sampling.temperature === 0 && isLossless(rule, used)) return;
  throw new JudgeDecodingError(
    'invalid-option',
    `With \`${rule.name}\` the text depends on where rounds begin, so an adaptive draft length could not be repeated from a seed. Use a fixed length, or \`allowAdaptive\`.`,
  );
}
