import {
  type AbortSignalLike,
  type CachedText,
  logitOf,
  type RoundResult,
  type Rule,
  type TokenId,
} from '@judge-decoding/core';
import { thresholdOf } from './counterfactual.ts';
import { nearTieGap } from './near-tie.ts';
import type { Trace, TracedRound } from './trace.ts';

/**
 * Judge scores this near to the threshold may cross it likewise: in float32, and in narrower types. In
 * logits, where a head is linear: a score of 0.95 is far from a threshold of 0.99.
 */
const nearScore = (dtype: string): number => (dtype === 'fp32' ? 0.02 : 0.2);

export interface Explanation {
  readonly explanation: string;
  readonly excused: boolean;
}

/** Why a round decided otherwise at its committed token `at`: reads the row in question once more. */
export async function explain(given: {
  readonly trace: Trace;
  readonly round: TracedRound;
  readonly again: RoundResult;
  readonly at: number;
  readonly text: readonly TokenId[];
  readonly cache: CachedText;
  readonly rule: Rule;
  readonly dtype: string;
  readonly prefillChunk: number;
  readonly sayToken: (id: TokenId) => string;
  readonly signal: AbortSignalLike;
}): Promise<Explanation> {
  const { trace, round, again, at } = given;
  const judgeDecided = [round.tokens[at]?.source, again.tokens[at]?.source].includes('judge');
  const threshold = thresholdOf(trace);
  // rounding as coarse as the coarser of the two
  const dtype = given.dtype === 'fp32' ? trace.target.dtype : given.dtype;
  const [before, now] = [round.scores[at], again.scores[at]];
  if (judgeDecided && typeof before === 'number' && now !== undefined && threshold !== undefined) {
    const crossed = before > threshold !== now > threshold;
    if (crossed) {
      const far = Math.max(...[before, now].map((score) => Math.abs(logitOf(score) - logitOf(threshold))));
      const limit = nearScore(dtype);
      const excused = far < limit;
      return {
        explanation: `the judge’s score was ${before.toFixed(4)} and is ${now.toFixed(4)}, the threshold ${threshold.toFixed(4)}: ${
          excused ? `both within ${limit} of it` : `up to ${far.toPrecision(2)} away, above ${limit}`
        } in logits`,
        excused,
      };
    }
  }
  const admission = [round.tokens[at]?.source, again.tokens[at]?.source].find(
    (source) => source !== undefined && !['standard', 'recovered', 'bonus', 'judge'].includes(source),
  );
  if (admission !== undefined) {
    return { explanation: `what ${admission} reads moved across its bound`, excused: false };
  }
  if (trace.sampling.temperature > 0) {
    return {
      explanation:
        'the probabilities moved across the number that was drawn: sampling repeats exactly only on the same backend',
      excused: false,
    };
  }
  const { best, second, gap } = await topTwo(given);
  const limit = nearTieGap(dtype);
  const excused = gap < limit;
  const [first, next] = [best, second].map(given.sayToken);
  const pair = `${first} is ${gap.toPrecision(2)} standard deviations of the logits ahead of ${next}`;
  return {
    explanation: excused
      ? `a near tie of the target, ${pair}, below ${limit}`
      : `the target’s ${pair}, above ${limit}${
          given.dtype === trace.target.dtype
            ? ', so the two runs do not compute the same'
            : `: ${given.dtype} weights see it otherwise than ${trace.target.dtype} ones`
        }`,
    excused,
  };
}

/** The target's two favourites after the text and the round's first `at` drafted tokens. */
async function topTwo({
  round,
  at,
  text,
  cache,
  prefillChunk,
  signal,
}: Parameters<typeof explain>[0]): Promise<{
  readonly best: TokenId;
  readonly second: TokenId;
  readonly gap: number;
}> {
  const upTo = [...text, ...round.draft.slice(0, at)];
  await cache.follow(upTo, prefillChunk, signal);
  const last = upTo.slice(-1);
  const { logits } = await cache.session.forward(last, { logits: true });
  cache.fed(last);
  let [best, second] = [0, 1];
  if (logits[1]! > logits[0]!) [best, second] = [1, 0];
  let sum = 0;
  let squares = 0;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    sum += logit;
    squares += logit * logit;
    if (id < 2) continue;
    if (logit > logits[best]!) [best, second] = [id, best];
    else if (logit > logits[second]!) second = id;
  }
  const mean = sum / logits.length;
  const deviation = Math.sqrt(Math.max(0, squares / logits.length - mean * mean));
  return { best, second, gap: (logits[best]! - logits[second]!) / (deviation || 1) };
}
