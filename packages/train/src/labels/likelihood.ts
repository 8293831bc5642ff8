import {
  type AbortSignalLike,
  invalidOption,
  JudgeDecodingError,
  type Model,
  type TokenId,
  throwIfAborted,
} from '@judge-decoding/core';
import { continueGreedily, fillTo, mostTokens } from './continuation.ts';
import { draftChoices } from './draft-choices.ts';
import type { LabelledSolution, Swap } from './labelled-solution.ts';
import type { LabelSource } from './labeller.ts';
import { type LanePair, lanePairs } from './lane-pairs.ts';

export interface LikelihoodOptions {
  readonly target: Model;
  readonly draft: Model;
  readonly maxTokens?: number;
  /** Tokens behind the mismatch that are looked at. */
  readonly window?: number;
  /** A token is correct where the window loses less than so many nats a token. */
  readonly threshold?: number;
  /**
   * What is compared: how likely the target's own text is after the other token (`text`, SelfJudge's
   * formula), or how likely its first choices are there (`choices`, its released code).
   */
  readonly compares?: 'text' | 'choices';
  readonly abreast?: number;
}

/**
 * SelfJudge's labels (arXiv 2510.02329): where draft and target differ in the target's own greedy
 * answer, the draft's token is put in, and it is correct where the text that follows is hardly less
 * likely. One pass a mismatch, no continuation, no grader. Per token of the window:
 *   [ln p(z_i) - ln p(y_i) + ln p(y_>i | z_i) - ln p(y_>i | y_i)] / (window + 1) > -threshold.
 */
export function likelihoodLabels(options: LikelihoodOptions): LabelSource {
  const { target, draft, maxTokens = 420, window = 20, threshold = 0.066, compares = 'text' } = options;
  const { abreast = 1 } = options;
  if (!Number.isInteger(window) || window < 0)
    throw invalidOption('window', 'a whole number of at least 0', window);
  if (!Number.isFinite(threshold)) throw invalidOption('threshold', 'a number', threshold);
  return {
    name: 'likelihood',
    settings: {
      maxTokens,
      window,
      threshold,
      compares,
      target: target.info.fingerprint,
      draft: draft.info.fingerprint,
    },
    solutionsPerProblem: 1,
    abreast,
    async open() {
      const pairs = lanePairs({ target, draft });
      return {
        async label(problem, signal) {
          const { id, domain, prompt } = problem;
          const most = mostTokens(problem, maxTokens, { target, draft });
          const { answer, scores } = await pairs.use(async (lanes) => {
            const { info } = target;
            await fillTo(lanes.target, prompt, prompt.length - 1, 0, info);
            const written = await continueGreedily(lanes.target, prompt.at(-1)!, {
              info,
              maxTokens: most,
              signal,
            });
            const how = { target, draft, window, compares, signal };
            return { answer: written, scores: await scoreMismatches(prompt, written, lanes, how) };
          });
          const swaps = scores.map(
            ({ position, token, score }): Swap => ({ position, token, correct: score > -threshold, score }),
          );
          return [
            {
              problem: id,
              domain,
              source: 'likelihood',
              prompt,
              solution: answer,
              labels: '-'.repeat(answer.length),
              ...(swaps.length === 0 ? {} : { swaps }),
            },
          ];
        },
        dispose: () => pairs.dispose(),
      };
    },
  };
}

interface Scoring extends Pick<LikelihoodOptions, 'target' | 'draft'> {
  readonly window: number;
  readonly compares: 'text' | 'choices';
  readonly signal: AbortSignalLike | undefined;
}

/** Every mismatch of an answer with its score, nats a token of the window; larger is likelier correct. */
async function scoreMismatches(
  prompt: readonly TokenId[],
  answer: readonly TokenId[],
  lanes: LanePair,
  { target, draft, window, compares, signal }: Scoring,
): Promise<readonly { readonly position: number; readonly token: TokenId; readonly score: number }[]> {
  const { info } = target;
  const never = new Set([...info.specialTokens, ...info.endTokens]);
  const choices = await draftChoices(lanes.draft, prompt, answer, 0, 0, draft.info);
  const text = [...prompt, ...answer];
  const first = prompt.length;
  const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);
  // of the answer as it is: ln p of each token, and of the first choice behind it
  const own = new Float32Array(answer.length);
  const behind = new Float32Array(answer.length);
  lanes.target.truncate(Math.min(lanes.target.length, first - 1));
  for (let at = first - 1; at < text.length - 1; at = lanes.target.length) {
    throwIfAborted(signal);
    const end = Math.min(at + info.prefillChunk, text.length);
    const { chosen, top } = await lanes.target.forward(text.slice(at, end), { chosen: true, top: 1 });
    // the last row of a chunk predicts the first token of the next one: it is read again there
    own.set(chosen, at + 1 - first);
    behind.set(top.logProbs.subarray(1), at + 1 - first);
    if (end < text.length) lanes.target.truncate(end - 1);
  }
  const scores: { position: number; token: TokenId; score: number }[] = [];
  let common = lanes.target.length;
  for (const [position, written] of answer.entries()) {
    const token = choices[position]!;
    if (token === written || never.has(token) || never.has(written)) continue;
    throwIfAborted(signal);
    const start = first + position - 1;
    await fillTo(lanes.target, text, start, common, info);
    const last = Math.min(answer.length, position + 1 + window);
    const { chosen, top } = await lanes.target.forward(
      [text[start]!, token, ...answer.slice(position + 1, last)],
      { chosen: true, top: 1 },
    );
    common = start + 1;
    const count = last - position - 1;
    const [altered, original] =
      compares === 'text'
        ? [sum(chosen.subarray(1)), sum(own.subarray(position + 1, last))]
        : [sum(top.logProbs.subarray(1, 1 + count)), sum(behind.subarray(position, position + count))];
    const score = (chosen[0]! - own[position]! + altered - original) / (count + 1);
    scores.push({ position, token, score });
  }
  return scores;
}

/** The same labels at another threshold: scores are kept, so that nothing has to be read again. */
export const atThreshold = (
  solutions: readonly LabelledSolution[],
  threshold: number,
): readonly LabelledSolution[] =>
  solutions.map((one) => ({
    ...one,
    ...(one.swaps === undefined
      ? {}
      : { swaps: one.swaps.map((swap) => ({ ...swap, correct: (swap.score ?? Number.NaN) > -threshold })) }),
  }));

/**
 * The threshold that stops this share of the tokens which equivalence calls wrong, among those that both
 * have labelled: SelfJudge sets its own so, from a hundred questions. Both walks must be of the target's
 * own answers (`independent`).
 */
export function thresholdLike(
  scored: readonly LabelledSolution[],
  equivalent: readonly LabelledSolution[],
  stopped = 0.9,
): number {
  const wrong = new Set(
    equivalent.flatMap(({ problem, swaps = [] }) =>
      swaps.filter(({ correct }) => !correct).map(({ position, token }) => `${problem} ${position} ${token}`),
    ),
  );
  const scores = scored
    .flatMap(({ problem, swaps = [] }) =>
      swaps.flatMap(({ position, token, score }) =>
        score !== undefined && wrong.has(`${problem} ${position} ${token}`) ? [score] : [],
      ),
    )
    .sort((a, b) => a - b);
  if (scores.length === 0)
    throw new JudgeDecodingError(
      'invalid-input',
      'Expected tokens that equivalence calls wrong and that have a score, found none. Label more of the same problems by equivalence.',
    );
  return -scores[Math.max(0, Math.ceil(stopped * scores.length - 1e-9) - 1)]!;
}
