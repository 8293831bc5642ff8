import type { TokenId } from '../backend.ts';
import type { Guards } from '../rules/guards.ts';
import type { Round, Rule, TokenSource } from '../rules/rule.ts';

/** What became of a draft. `sources[i]` says who accepted draft[i], for the accepted prefix only. */
export type Verdict =
  | { readonly kind: 'all-accepted'; readonly sources: readonly TokenSource[]; readonly bonus: () => TokenId }
  | {
      readonly kind: 'rejected';
      readonly sources: readonly TokenSource[];
      readonly recovered: () => TokenId;
    };

/**
 * Walks the draft: the longest prefix in which the base or the admission accepts each token. The
 * admission is asked only where the base rejects, so it can never shorten the prefix.
 * (Bachmann et al. 2025, equation 4.)
 */
export function verify(round: Round, { base, admission }: Rule, guards: Guards): Verdict {
  if (base.kind === 'joint') {
    const { accepted, next } = base.decide(round);
    const sources = round.draft.slice(0, accepted).map((): TokenSource => 'standard');
    return accepted === round.draft.length
      ? { kind: 'all-accepted', sources, bonus: next }
      : { kind: 'rejected', sources, recovered: next };
  }
  const sources: TokenSource[] = [];
  for (let index = 0; index < round.draft.length; index++) {
    if (base.accepts(round, index)) sources.push('standard');
    else if (admission && guards.permits(round, index, sources) && admission.admits(round, index, sources)) {
      sources.push(admission.name);
    } else return { kind: 'rejected', sources, recovered: () => base.recovered(round, index) };
  }
  return { kind: 'all-accepted', sources, bonus: () => base.bonus(round) };
}
