import {
  type AbortSignalLike,
  type CachedText,
  type CommittedToken,
  cachedText,
  type DraftSource,
  GREEDY,
  generate,
  type JudgeHead,
  type Model,
  processedRows,
  type RoundResult,
  type Rule,
  type Session,
  type StopConditions,
  type TokenId,
} from '@judge-decoding/core';
import { explain } from './explain-difference.ts';
import type { Trace, TracedRound } from './trace.ts';

/** A round that committed something else than in the trace. */
export interface Difference {
  /** From 1. */
  readonly round: number;
  /** Where in the round's committed tokens, from 0. */
  readonly at: number;
  readonly traced: CommittedToken | undefined;
  readonly replayed: CommittedToken | undefined;
  readonly explanation: string;
  /** True where the two choices were so close that arithmetic alone decides. */
  readonly excused: boolean;
}

export interface Replayed {
  readonly rounds: number;
  readonly decisions: number;
  readonly differences: readonly Difference[];
  /** How far judge scores moved, where both have one; absent where no judge was asked. */
  readonly scores?: { readonly mean: number; readonly largest: number };
}

export interface ReplayOptions {
  readonly trace: Trace;
  readonly target: Model;
  /** Needed only where the rule compares distributions. */
  readonly draft: Model | undefined;
  /** What the trace's stop texts mean to the target's tokenizer. */
  readonly stop: StopConditions;
  readonly rule: Rule;
  readonly head: JudgeHead | undefined;
  readonly allowOtherWeights: boolean;
  /** A token as a person reads it, for explanations. */
  readonly sayToken: (id: TokenId) => string;
  readonly signal: AbortSignalLike;
  readonly onRound?: (done: number, total: number) => void;
}

/**
 * Asks for the decisions of every round again, each on the text as it was in the trace: one
 * difference does not hide the next, as it would if the replay went on with its own text.
 */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  const { trace, target, draft, rule, sayToken, signal, onRound } = options;
  const targetSession = await target.openSession();
  const draftSession = await draft?.openSession();
  try {
    const cache = cachedText(targetSession);
    const draftCache = draftSession ? cachedText(draftSession) : undefined;
    const text = [...trace.prompt];
    const differences: Difference[] = [];
    let decisions = 0;
    const moved: number[] = [];
    for (const [index, round] of trace.rounds.entries()) {
      onRound?.(index, trace.rounds.length);
      const scripted = scriptedDraft(round.draft, draft, draftCache);
      const again = await askAgain(options, text, cache, scripted);
      decisions += round.tokens.length;
      moved.push(...scoreChanges(round, again));
      const at = firstDifference(round.tokens, again.tokens);
      if (at >= 0) {
        const explained = await explain({
          trace,
          round,
          again,
          at,
          text,
          cache,
          rule,
          dtype: target.info.dtype,
          prefillChunk: target.info.prefillChunk,
          sayToken,
          signal,
        });
        differences.push({
          round: index + 1,
          at,
          traced: round.tokens[at],
          replayed: again.tokens[at],
          ...explained,
        });
      }
      text.push(...round.tokens.map(({ id }) => id));
    }
    return {
      rounds: trace.rounds.length,
      decisions,
      differences,
      ...(moved.length === 0
        ? {}
        : {
            scores: {
              mean: moved.reduce((sum, change) => sum + change, 0) / moved.length,
              largest: moved.reduce((most, change) => Math.max(most, change), 0),
            },
          }),
    };
  } finally {
    await Promise.all([targetSession.dispose(), draftSession?.dispose()]);
  }
}

/** One round on a text as it was then: a generation that is left after its first round. */
export async function askAgain(
  {
    trace,
    target,
    stop,
    rule,
    allowOtherWeights,
    signal,
  }: Pick<ReplayOptions, 'target' | 'stop' | 'rule' | 'allowOtherWeights' | 'signal'> & {
    readonly trace: Pick<Trace, 'prompt' | 'sampling' | 'seed' | 'maxTokens' | 'guards'>;
  },
  text: readonly number[],
  cache: CachedText,
  draft: DraftSource,
): Promise<RoundResult> {
  const written = text.length - trace.prompt.length;
  const rounds = generate({
    model: target.info,
    target: cache,
    prompt: text,
    draft,
    rule,
    draftLength: MOST_DRAFTED,
    // what was written by then is no prompt, though it stands in one here
    sampling: { ...trace.sampling, promptLength: trace.prompt.length },
    seed: trace.seed,
    ...(trace.maxTokens === undefined ? {} : { maxTokens: trace.maxTokens - written }),
    stop,
    guards: trace.guards,
    allowOtherWeights,
    signal,
  });
  const next = await rounds.next();
  await rounds.return(undefined as never);
  return next.value as RoundResult;
}

/** The script decides how many tokens come. */
const MOST_DRAFTED = 1024;

/** Proposes these tokens, with the draft model's distributions where the rule asks for them. */
export function scriptedDraft(
  tokens: readonly TokenId[],
  model: Model | undefined,
  cache: CachedText | undefined,
): DraftSource {
  const hasDistribution = model !== undefined && cache !== undefined;
  return {
    name: 'the trace',
    hasDistribution,
    async propose({ text, distributions, count, sampling }) {
      const proposed = tokens.slice(0, count);
      if (!distributions || !hasDistribution || proposed.length === 0) return { tokens: proposed };
      await cache.follow(text, model.info.prefillChunk);
      const fed = [text.at(-1)!, ...proposed.slice(0, -1)];
      const { logits } = await (cache.session as Session).forward(fed, { logits: true });
      cache.fed(fed);
      const rows = (options: typeof sampling) =>
        processedRows(logits, proposed.length, options, [...text], proposed);
      const target = rows(sampling);
      return { tokens: proposed, target, belief: sampling.temperature === 0 ? rows(GREEDY) : target };
    },
  };
}

/** Index of the first token that differs in id or source, -1 where none does. */
export function firstDifference(then: readonly CommittedToken[], now: readonly CommittedToken[]): number {
  for (let i = 0; i < Math.max(then.length, now.length); i++) {
    if (then[i]?.id !== now[i]?.id || then[i]?.source !== now[i]?.source) return i;
  }
  return -1;
}

function scoreChanges(round: TracedRound, { scores }: RoundResult): readonly number[] {
  return round.scores.flatMap((score, index) => {
    const now = scores[index];
    return score === null || now === undefined || Number.isNaN(now) ? [] : [Math.abs(score - now)];
  });
}
