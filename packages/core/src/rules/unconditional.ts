import { checkNumber } from './number-range.ts';
import { ANY, NOTHING } from './reach.ts';
import type { Admission } from './rule.ts';
import { admissionRow } from './rule-row.ts';

const NO_NEEDS = { target: {}, draft: 'nothing' } as const;
const RATE = { name: 'rate', least: 0, most: 1, example: 0.5 } as const;

/**
 * Admits every token. With guards and bonus off the text is the draft model's own from its first
 * token on: the floor of quality and the ceiling of speed. Not lossless.
 */
export function everything(): Admission {
  return { name: 'everything', needs: NO_NEEDS, decoding: 'either', admits: () => true };
}

/** Admits at random, whatever the token: the control that a judge at the same rate must beat. Not lossless. */
export function atRandom(rate: number): Admission {
  checkNumber('rate', RATE, rate);
  return {
    name: 'random',
    needs: NO_NEEDS,
    decoding: 'either',
    admits: (round, index) => round.uniform(round.text.length + index, 'admit') < rate,
    reach: () => (rate === 0 ? NOTHING : ANY),
  };
}

export const EVERYTHING = admissionRow({
  name: 'everything',
  parameters: [],
  sentence: 'every token that the guards let pass: the most that any admission can accept',
  source: 'a control',
  control: true,
  build: everything,
});

export const RANDOM = admissionRow({
  name: 'random',
  parameters: [RATE],
  sentence: 'any token, at this rate: what a judge of the same rate must beat',
  source: 'a control',
  control: true,
  build: ({ rate }) => atRandom(rate),
});
