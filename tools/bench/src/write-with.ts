import { draftSession, generate, type Model, type Rule, type Stats } from '@judge-decoding/core';
import type { Written } from './in-turns.ts';

export interface WriteWithOptions {
  readonly prompt: readonly number[];
  readonly maxTokens: number;
  readonly draftLength: number;
  /** As `draftSession` takes it. */
  readonly leastProbability?: number | undefined;
  readonly rule: Rule;
  /** Writes so many tokens whatever they are. */
  readonly endless: boolean;
}

/** A generation with empty caches, and the time of each token. */
export async function writeWith(
  target: Model,
  draft: Model | undefined,
  { prompt, maxTokens, draftLength, leastProbability, rule, endless }: WriteWithOptions,
): Promise<Written> {
  const session = await target.openSession();
  const drafting = await draft?.openSession();
  const ends = leastProbability === undefined ? {} : { leastProbability };
  const tokens: number[] = [];
  const at: number[] = [];
  const start = performance.now();
  const rounds = generate({
    model: endless ? { ...target.info, endTokens: [] } : target.info,
    target: session,
    prompt,
    maxTokens,
    ...(drafting === undefined ? {} : { draft: draftSession(draft!, drafting, ends), draftLength }),
    rule,
    allowOtherWeights: true,
    now: () => performance.now(),
  });
  let stats: Stats | undefined;
  for await (const round of rounds) {
    stats = round.stats;
    const now = performance.now() - start;
    for (const { id } of round.tokens) {
      tokens.push(id);
      at.push(now);
    }
  }
  await session.dispose();
  await drafting?.dispose();
  const { rounds: count, drafted, committed, times } = stats!;
  return { tokens, at, rounds: { count, drafted, committed, times } };
}
