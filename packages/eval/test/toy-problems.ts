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

export const toyProblems = (count: number): TokenProblem[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `toy/${i}`,
    domain: i % 2 === 0 ? 'even' : 'odd',
    prompt: [1 + (i % 15), 2 + (i % 7), 3, 1 + (i % 4)],
    reader: () => readerOf(false),
    grade: (solution) => solution.filter((token) => token !== 0 && token % 5 === 0).length < 3,
  }));

/** A clock that every reading moves by a millisecond. */
export function steadyClock(): () => number {
  let time = 0;
  return () => time++;
}
