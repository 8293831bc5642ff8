import { type Admission, logitOf } from '@judge-decoding/core';

/** What a logits-only rule is made of; `LogitsRule` of a fit report fits. */
export interface LogitsWeights {
  /** Of the top-1 probability, the entropy, and ln p(token) where it is fitted with it. */
  readonly weights: readonly number[];
  readonly bias: number;
  readonly threshold: number;
  readonly withChosen: boolean;
}

/**
 * Admits by a logistic regression on the target's own distribution (top-1 probability, entropy,
 * and ln p(token) where it was fitted with it): what a judge must beat to be worth its hidden states.
 */
export function logitsOnly(
  { weights, bias, threshold, withChosen }: LogitsWeights,
  { threshold: other = threshold }: { readonly threshold?: number } = {},
): Admission {
  const cut = logitOf(other);
  return {
    name: 'logits',
    needs: { target: { top: 1, chosen: true }, draft: 'nothing' },
    decoding: 'either',
    admits({ belief }, index) {
      let logit = bias;
      logit += weights[0]! * Math.exp(belief.top(index, 1)[0]!.logProb);
      logit += weights[1]! * belief.entropy(index);
      if (withChosen) logit += weights[2]! * belief.logProb(index);
      return logit > cut;
    },
  };
}
