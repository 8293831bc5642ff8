/**
 * What a judge must beat to be worth its hidden states, as rules for `judge --rules tools/pocket-eval/controls.mjs`:
 * logistic regressions on the target's own distribution, fitted by `pocket-eval heads` on the same labels.
 * `JUDGE_CONTROLS` names its controls.json.
 */
import { readFileSync } from 'node:fs';
import { logitOf } from '@judge-decoding/core';

const path = process.env.JUDGE_CONTROLS ?? '.pocket/heads/controls.json';
const { logits } = JSON.parse(readFileSync(path, 'utf8'));

/** Top-1 probability, entropy and, where it was fitted with it, ln p(token), weighed. */
const row = (name, sentence, { weights, bias, threshold: usual, withChosen }) => ({
  name,
  kind: 'admission',
  parameters: [{ name: 'threshold', least: 0, most: 1, default: usual }],
  sentence,
  source: path,
  build({ threshold = usual }) {
    const cut = logitOf(threshold);
    return {
      name,
      needs: { target: { top: 1, chosen: true }, draft: 'nothing' },
      decoding: 'either',
      admits({ belief }, index) {
        const [likeliest] = belief.top(index, 1);
        const own = withChosen ? weights[2] * belief.logProb(index) : 0;
        return (
          bias + weights[0] * Math.exp(likeliest.logProb) + weights[1] * belief.entropy(index) + own > cut
        );
      },
    };
  },
});

export const rules = [
  row('logits-only', 'top-1 probability and entropy, weighed', logits['logits-only']),
  row('logits-with-chosen', 'the same and ln p(token), weighed', logits['logits-with-chosen']),
];
