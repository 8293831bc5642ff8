import type { Verified, VerifyLaw } from '../backend.ts';
import { block } from './block.ts';
import { exactMatch } from './exact.ts';
import { lenience, lossless } from './lossless.ts';
import type { Base, JointBase, Round, TokenwiseBase } from './rule.ts';

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

/** The same base, which may be an instance of a class, of a round that a device has decided by its law. */
export function decidedBase(base: Base, { accepted, recovered, bonus }: Verified): Base {
  const kept = (index: number) => accepted[index] === 1;
  if (base.kind === 'token-wise') {
    return Object.assign(Object.create(base) as TokenwiseBase, {
      accepts: (_: Round, index: number) => kept(index),
      recovered: (_: Round, index: number) => recovered[index]!,
      bonus: () => bonus,
    });
  }
  return Object.assign(Object.create(base) as JointBase, {
    decide({ draft }: Round) {
      let count = 0;
      while (count < draft.length && kept(count)) count++;
      return { accepted: count, next: () => (count === draft.length ? bonus : recovered[count]!) };
    },
  });
}
