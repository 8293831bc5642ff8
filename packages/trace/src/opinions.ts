import type { Admission, Base, Guards, Round, TokenSource } from '@judge-decoding/core';

/** What a rule makes of one drafted token by itself, whatever became of the tokens before it. */
export type Opinion = 'standard' | 'admitted' | 'guarded' | 'rejected';

/**
 * One rule's opinion of every drafted token of a round, as if all before it had been accepted. `guarded`:
 * the admission would let it in, a guard does not.
 */
export function opinionsOf(
  round: Round,
  base: Base,
  admission: Admission | undefined,
  guards: Guards,
): readonly Opinion[] {
  const sources: TokenSource[] = [];
  return round.draft.map((_, index) => {
    const opinion = ((): Opinion => {
      if (base.kind === 'token-wise' && base.accepts(round, index)) return 'standard';
      if (admission === undefined || !admission.admits(round, index, sources)) return 'rejected';
      return guards.permits(round, index, sources) ? 'admitted' : 'guarded';
    })();
    // those that follow are asked as if this one had been accepted
    sources.push(opinion === 'admitted' ? admission!.name : 'standard');
    return opinion;
  });
}

/** How many are kept: the longest beginning without a rejection. */
export function keptOf(opinions: readonly Opinion[]): number {
  const end = opinions.findIndex((opinion) => opinion === 'rejected' || opinion === 'guarded');
  return end < 0 ? opinions.length : end;
}
