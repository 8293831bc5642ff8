import { invalidOption } from '../errors.ts';
import type { Admission } from './rule.ts';

const NOTHING = { target: {}, draft: 'nothing' } as const;

/**
 * Admits every token. With guards and bonus off the text is the draft model's own from its first
 * token on: the floor of quality and the ceiling of speed. Not lossless.
 */
export function everything(): Admission {
  return { name: 'everything', needs: NOTHING, decoding: 'either', admits: () => true };
}

/** Admits at random, whatever the token: the control that a judge at the same rate must beat. Not lossless. */
export function atRandom(rate: number): Admission {
  if (!(rate >= 0 && rate <= 1)) throw invalidOption('rate', 'a number from 0 to 1', rate);
  return {
    name: 'random',
    needs: NOTHING,
    decoding: 'either',
    admits: (round, index) => round.uniform(round.text.length + index, 'admit') < rate,
  };
}
