import type { TokenId } from '../backend.ts';
import type { TokenSource } from '../rules/rule.ts';
import type { StopMatcher } from './stop.ts';
import type { Verdict } from './verify.ts';

/** Why a text ended. */
export type Finish =
  | { readonly reason: 'end'; readonly token: TokenId }
  | { readonly reason: 'stop-token'; readonly token: TokenId }
  | { readonly reason: 'stop-string' }
  | { readonly reason: 'length' }
  | { readonly reason: 'context' };

export interface Limits {
  readonly endTokens: ReadonlySet<TokenId>;
  readonly stopTokens: ReadonlySet<TokenId>;
  /** Tokens that may still be committed. */
  readonly remaining: number;
  /** What it means to use them up. */
  readonly whenUsedUp: 'length' | 'context';
  readonly withholdBonus: boolean;
}

export interface Commit {
  readonly tokens: readonly TokenId[];
  readonly sources: readonly TokenSource[];
  readonly finish?: Finish;
  readonly withheld: boolean;
  readonly endedInside: boolean;
}

/**
 * What a round adds to the text: the accepted tokens, then the recovered or the bonus token, cut
 * exactly where plain decoding would have stopped. That last token is drawn only where it is kept.
 */
export function commit(
  draft: readonly TokenId[],
  verdict: Verdict,
  limits: Limits,
  stopped: StopMatcher,
): Commit {
  const tokens: TokenId[] = [];
  const sources: TokenSource[] = [];
  let finish: Finish | undefined;
  const add = (token: TokenId, source: TokenSource) => {
    tokens.push(token);
    sources.push(source);
    const completes = stopped.find([token]) >= 0;
    stopped.push([token]);
    if (limits.endTokens.has(token)) finish = { reason: 'end', token };
    else if (limits.stopTokens.has(token)) finish = { reason: 'stop-token', token };
    else if (completes) finish = { reason: 'stop-string' };
    else if (tokens.length >= limits.remaining) finish = { reason: limits.whenUsedUp };
  };
  for (const [index, source] of verdict.sources.entries()) {
    add(draft[index]!, source);
    if (finish) return { tokens, sources, finish, withheld: false, endedInside: true };
  }
  // a round without a draft has nothing but its bonus
  const withheld = verdict.kind === 'all-accepted' && limits.withholdBonus && draft.length > 0;
  if (verdict.kind === 'rejected') add(verdict.recovered(), 'recovered');
  else if (!withheld) add(verdict.bonus(), 'bonus');
  return { tokens, sources, withheld, endedInside: false, ...(finish ? { finish } : {}) };
}
