/** What a uniform number is for: each question at a position draws its own. */
export type Purpose = 'draft' | 'accept' | 'admit' | 'recovered' | 'bonus';

const PURPOSE: Readonly<Record<Purpose, number>> = { draft: 1, accept: 2, admit: 3, recovered: 4, bonus: 5 };

/** Uniform number in [0, 1) for a question in this round. `position` is the token's index in the text. */
export type Uniform = (position: number, purpose: Purpose) => number;

/**
 * The uniform numbers of one round: a function of (seed, committed length at the round's start,
 * position, purpose), never of the order in which rules were asked. The round's start is part of
 * it because a rejected position is drafted again in the next round: with the number that
 * rejected it, the draws would not be independent and the output's law would be wrong.
 */
export function uniformsOf(seed: number, roundStart: number): Uniform {
  const round = mix(mix(0x9e3779b9, seed), roundStart);
  return (position, purpose) => {
    const key = mix(mix(round, position), PURPOSE[purpose]);
    // 27 + 26 = 53 bits, as many as a double's mantissa holds
    return ((mix(key, 0x51ed270b) >>> 5) * 67108864 + (mix(key, 0x2545f491) >>> 6)) / 9007199254740992;
  };
}

/** Absorbs all of `value` (up to 2^53) into the 32-bit state, with MurmurHash3's finaliser between words. */
function mix(state: number, value: number): number {
  return absorb(absorb(state, value | 0), Math.floor(value / 4294967296) | 0);
}

function absorb(state: number, word: number): number {
  let h = Math.imul(state ^ word, 0x85ebca6b) + 0x165667b1;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
