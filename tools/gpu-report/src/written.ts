import type { Session, TokenId } from '@judge-decoding/core';
import { median } from './numbers.ts';

const PLAIN_TEXTS = 5;
/** Of each text. */
export const PLAIN_TOKENS = 32;

/** Milliseconds a token of a greedy draft of 25, behind `context` tokens. */
export async function draftTime(
  session: Session,
  token: TokenId,
  context: number,
  repeats: number,
): Promise<number> {
  const times: number[] = [];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const from = performance.now();
    const { tokens } = await session.propose([token], { count: 25 });
    if (repeat > 0) times.push((performance.now() - from) / tokens.length);
    session.truncate(context);
  }
  return median(times);
}

/** Milliseconds a token; each step feeds what the one before says. The text is written a few times; the first is thrown away. */
export async function plainTime(session: Session, token: TokenId): Promise<number> {
  const from = session.length;
  const times: number[] = [];
  session.expectEnd?.(from + PLAIN_TOKENS);
  for (let repeat = 0; repeat <= PLAIN_TEXTS; repeat++) {
    const began = performance.now();
    let fed = token;
    for (let step = 0; step < PLAIN_TOKENS; step++)
      fed = (await session.forward([fed], { argmax: true })).argmax[0]!;
    if (repeat > 0) times.push((performance.now() - began) / PLAIN_TOKENS);
    session.truncate(from);
  }
  return median(times);
}
