import {
  type CachedText,
  draftSession,
  generate,
  type Model,
  type Rule,
  type Stats,
} from '@judge-decoding/core';
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
  /** Plain decoding alone: what an earlier text left of this prompt is not read again, and what this one reads stays. */
  readonly kept?: CachedText | undefined;
  /** Told how many of the prompt's tokens `kept` holds, while they are read. */
  readonly onRead?: (tokens: number) => void;
}

/** Tokens between two calls of `onRead`. */
const STRETCH = 256;

/** A generation with empty caches, unless there is `kept`, and the time of each token. */
export async function writeWith(
  target: Model,
  draft: Model | undefined,
  { prompt, maxTokens, draftLength, leastProbability, rule, endless, kept, onRead }: WriteWithOptions,
): Promise<Written> {
  const session = kept === undefined ? await target.openSession() : undefined;
  const drafting = await draft?.openSession();
  const ends = leastProbability === undefined ? {} : { leastProbability };
  const tokens: number[] = [];
  const at: number[] = [];
  const start = performance.now();
  for (let end = STRETCH; kept !== undefined && end < prompt.length; end += STRETCH) {
    if (kept.tokens.length >= end) continue;
    await kept.follow(prompt.slice(0, end), target.info.prefillChunk);
    onRead?.(end);
  }
  const rounds = generate({
    model: endless ? { ...target.info, endTokens: [] } : target.info,
    target: kept ?? session!,
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
  await session?.dispose();
  await drafting?.dispose();
  const { rounds: count, drafted, committed, times } = stats!;
  return { tokens, at, rounds: { count, drafted, committed, times } };
}
