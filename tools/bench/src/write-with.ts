import { draftSession, generate, type Model, type Rule } from '@judge-decoding/core';
import type { Written } from './in-turns.ts';

export interface WriteWithOptions {
  readonly prompt: readonly number[];
  readonly maxTokens: number;
  readonly draftLength: number;
  readonly rule: Rule;
  /** Writes so many tokens whatever they are. */
  readonly endless: boolean;
}

/** A generation with empty caches, and the time of each token. */
export async function writeWith(
  target: Model,
  draft: Model | undefined,
  { prompt, maxTokens, draftLength, rule, endless }: WriteWithOptions,
): Promise<Written> {
  const session = await target.openSession();
  const drafting = await draft?.openSession();
  const tokens: number[] = [];
  const at: number[] = [];
  const start = performance.now();
  const rounds = generate({
    model: endless ? { ...target.info, endTokens: [] } : target.info,
    target: session,
    prompt,
    maxTokens,
    ...(drafting === undefined ? {} : { draft: draftSession(draft!, drafting), draftLength }),
    rule,
    allowOtherWeights: true,
  });
  for await (const round of rounds) {
    const now = performance.now() - start;
    for (const { id } of round.tokens) {
      tokens.push(id);
      at.push(now);
    }
  }
  await session.dispose();
  await drafting?.dispose();
  return { tokens, at };
}
