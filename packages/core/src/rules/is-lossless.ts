import type { ModelInfo } from '../backend.ts';
import { adjustsLogits, isOneHot, type SamplingOptions } from '../sampling/sampling.ts';
import { type GuardOptions, LEAST_PROBABILITY } from './guards.ts';
import { ANY, commonTo, NOTHING, type Reach } from './reach.ts';
import { forModel, type Rule } from './rule.ts';

/** What a rule is used with, as far as it is known; what is not is taken to be anything. */
export interface UsedWith {
  readonly sampling: SamplingOptions;
  readonly model?: ModelInfo | undefined;
  /** The most tokens that a round drafts. */
  readonly draftLength?: number | undefined;
  readonly guards?: GuardOptions | 'off' | undefined;
}

/**
 * Whether the text is sure to be the target's own: token for token under greedy decoding, in law when
 * sampling. By the definitions of its parts, numbers included: `random:0` admits nothing, and `topk:1`
 * nothing but what greedy decoding writes anyway, though when sampling it raises that token's share.
 * True is a promise; false says that some text may differ.
 */
export function isLossless(rule: Rule, used: UsedWith): boolean {
  const { sampling, draftLength } = used;
  if (draftLength === 0) return true;
  const isCertain = isOneHot(sampling, used.model?.vocabSize);
  const { base } = rule;
  // where p is 1 or 0, min(1, p / (l q)) is the same whatever l
  if (!base.lossless && !(isCertain && base.law?.kind === 'speculative')) return false;
  const { first, others } = reachOf(rule, used, isCertain);
  if (others) return false;
  // greedily the likeliest token is written whoever lets it in, unless processors made another the likeliest
  return !first || (sampling.temperature === 0 ? !adjustsLogits(sampling) : isCertain);
}

/** What the admission can let in under the guards. */
function reachOf(rule: Rule, { model, draftLength, guards = {} }: UsedWith, isCertain: boolean): Reach {
  const { admission } = model === undefined ? rule : forModel(rule, model);
  if (admission === undefined) return NOTHING;
  // of a target that is not known it may still take other numbers
  const isKnown = model !== undefined || admission.forModel === undefined;
  const bounds = {
    vocabSize: model?.vocabSize ?? Number.POSITIVE_INFINITY,
    draftLength: draftLength ?? Number.POSITIVE_INFINITY,
  };
  const own = (isKnown ? admission.reach?.(bounds) : undefined) ?? ANY;
  const least = guards === 'off' ? 0 : (guards.leastProbability ?? LEAST_PROBABILITY);
  // two tokens cannot both have more than half
  return commonTo([own, { first: true, others: least <= (isCertain ? 0 : 0.5) }]);
}
