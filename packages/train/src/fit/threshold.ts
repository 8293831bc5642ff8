import { type CalibrationPoint, invalidOption, logitOf, probabilityOf } from '@judge-decoding/core';

/** How the threshold is chosen on calibration data, among tokens that standard verification rejects. */
export type ThresholdRule =
  /** The least threshold that stops at least this share of the wrong tokens. */
  | { readonly leastWrongStopped: number }
  /**
   * The least threshold at which, in every domain, wrong tokens are let into at most this share of the
   * solutions: about the accuracy that judging may cost there, if nothing mends.
   */
  | { readonly mostHarmed: number }
  /** The least threshold at which at most this share of the tokens that are asked about is let in although wrong. */
  | { readonly mostWrong: number }
  /** The threshold that lets in this share of all tokens (for controls at another rule's rate). */
  | { readonly admitted: number }
  | { readonly fixed: number };

/** Logits and truth of tokens that standard verification rejects. */
export interface Judged {
  readonly logits: Float64Array;
  readonly correct: Uint8Array;
  /** Number of its domain, by token, and how many solutions each domain has; needed for `mostHarmed`. */
  readonly domains?: { readonly of: Int32Array; readonly solutions: readonly number[] };
}

/** A token passes when its score is strictly greater, so the threshold is a score that shall not pass. */
export function chooseThreshold(judged: Judged, rule: ThresholdRule): number {
  const { logits, correct } = judged;
  if ('fixed' in rule) {
    logitOf(rule.fixed);
    return rule.fixed;
  }
  if ('admitted' in rule) {
    if (!(rule.admitted >= 0 && rule.admitted <= 1))
      throw invalidOption('admitted', 'a number from 0 to 1', rule.admitted);
    return atRank(logits, 1 - rule.admitted);
  }
  if ('mostHarmed' in rule) return leastHarmless(judged, rule.mostHarmed);
  if ('mostWrong' in rule) {
    if (!(rule.mostWrong >= 0 && rule.mostWrong <= 1))
      throw invalidOption('mostWrong', 'a number from 0 to 1', rule.mostWrong);
    const wrong = logits.filter((_, i) => correct[i] === 0);
    const mayPass = Math.floor(rule.mostWrong * logits.length + 1e-9);
    return wrong.length <= mayPass ? 0 : atRank(wrong, (wrong.length - mayPass) / wrong.length);
  }
  const share = rule.leastWrongStopped;
  if (!(share >= 0 && share <= 1)) throw invalidOption('leastWrongStopped', 'a number from 0 to 1', share);
  const wrong = logits.filter((_, i) => correct[i] === 0);
  if (wrong.length === 0) throw invalidOption('calibration data', 'at least one wrong token', 'none');
  return atRank(wrong, share);
}

function leastHarmless({ logits, correct, domains }: Judged, mostHarmed: number): number {
  if (!(mostHarmed >= 0 && mostHarmed <= 1))
    throw invalidOption('mostHarmed', 'a number from 0 to 1', mostHarmed);
  if (domains === undefined) throw invalidOption('domains', 'given where the rule is `mostHarmed`', domains);
  return domains.solutions.reduce((highest, solutions, domain) => {
    const wrong = logits.filter((_, i) => correct[i] === 0 && domains.of[i] === domain);
    if (wrong.length === 0) return highest;
    const mayPass = Math.floor(mostHarmed * solutions + 1e-9);
    return Math.max(highest, atRank(wrong, Math.max(0, wrong.length - mayPass) / wrong.length));
  }, 0);
}

/** The least threshold that stops at least `share` of the logits. */
function atRank(logits: Float64Array, share: number): number {
  const count = Math.ceil(share * logits.length - 1e-9);
  if (count <= 0) return 0;
  const sorted = logits.slice().sort();
  // a hair above, so that rounding to a probability and back does not let this very token pass
  return probabilityOf(sorted[count - 1]! + 1e-6);
}

const GRID = [
  0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999,
];

/** What each threshold stops and lets in; the chosen one is among them. */
export function calibrationTable(judged: Judged, chosen: number): readonly CalibrationPoint[] {
  const thresholds = [...new Set([...GRID, chosen])].sort((a, b) => a - b);
  return thresholds.map((threshold) => ({ threshold, ...sharesAt(judged, threshold) }));
}

/** Shares of the wrong tokens stopped and of the correct ones let in; 0 where there are none. */
export function sharesAt(
  { logits, correct }: Judged,
  threshold: number,
): { readonly wrongStopped: number; readonly correctAdmitted: number } {
  const cut = logitOf(threshold);
  let [right, wrong, stopped, admitted] = [0, 0, 0, 0];
  for (const [i, logit] of logits.entries()) {
    const passes = logit > cut;
    if (correct[i] === 1) {
      right++;
      if (passes) admitted++;
    } else {
      wrong++;
      if (!passes) stopped++;
    }
  }
  return {
    wrongStopped: wrong === 0 ? 0 : stopped / wrong,
    correctAdmitted: right === 0 ? 0 : admitted / right,
  };
}
