import type { TokenProblem, TokenReader } from '@judge-decoding/tasks';

/** Tokens 5, 10 and 15 are mistakes; token 16 takes a mistake back. Token 0 ends the text. */
const readerOf = (dead: boolean): TokenReader => {
  let isDead = dead;
  return {
    feed(token) {
      if (isDead) {
        if (token === 16) isDead = false;
        return 'dead';
      }
      if (token % 5 !== 0 || token === 0) return 'ok';
      isDead = true;
      return 'wrong';
    },
    clone: () => readerOf(isDead),
  };
};

export const toyProblems = (count: number, from = 0): TokenProblem[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `toy/${from + i}`,
    domain: i % 2 === 0 ? 'even' : 'odd',
    prompt: [1 + ((from + i) % 15), 2 + ((from + i) % 7), 3, 1 + ((from + i) % 4)],
    reader: () => readerOf(false),
    grade: (solution) => !solution.some((token) => token !== 0 && token % 5 === 0),
  }));
