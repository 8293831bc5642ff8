import type { Verified, VerifyLaw } from '../backend.ts';
import { block } from './block.ts';
import { exactMatch } from './exact.ts';
import { lenience, lossless } from './lossless.ts';
import type { Base, Round } from './rule.ts';

/** The base that a law is. */
export function baseOf(law: VerifyLaw): Base {
  switch (law.kind) {
    case 'exact':
      return exactMatch();
    case 'block':
      return block();
    case 'speculative':
      return law.lenience === 1 ? lossless() : lenience(law.lenience);
  }
}

/** The same base, of a round that a device has decided by its law. */
export function decidedBase(base: Base, { accepted, recovered, bonus }: Verified): Base {
  const kept = (index: number) => accepted[index] === 1;
  if (base.kind === 'token-wise') {
    return {
      ...base,
      accepts: (_, index) => kept(index),
      recovered: (_, index) => recovered[index]!,
      bonus: () => bonus,
    };
  }
  return {
    ...base,
    decide({ draft }: Round) {
      let count = 0;
      while (count < draft.length && kept(count)) count++;
      return { accepted: count, next: () => (count === draft.length ? bonus : recovered[count]!) };
    },
  };
}
