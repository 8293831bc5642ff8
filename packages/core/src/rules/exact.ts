import type { TokenwiseBase } from './rule.ts';

/**
 * Greedy standard verification: a drafted token is accepted where it is the target's own most
 * likely token. Recovered and bonus are the target's most likely tokens, so the text is the one
 * plain greedy decoding writes. Lossless. (Leviathan et al. 2023, temperature 0.)
 */
export function exactMatch(): TokenwiseBase {
  return {
    kind: 'token-wise',
    name: 'exact',
    needs: { target: { argmax: true }, draft: 'nothing' },
    decoding: 'greedy',
    lossless: true,
    law: { kind: 'exact' },
    accepts: (round, index) => round.draft[index] === round.target.argmax(index),
    recovered: (round, index) => round.target.argmax(index),
    bonus: (round) => round.target.argmax(round.draft.length),
  };
}
