import type { TokenId } from '@judge-decoding/core';
import type { TokenProblem } from '@judge-decoding/tasks';
import type { LabelledSolution } from './labelled-solution.ts';

/** How labels of one kind agree with the exact ones, token by token. */
export interface LabelComparison {
  /** Labelled tokens whose prefix is still right; the others have no exact label. */
  readonly tokens: number;
  /** Labelled tokens that come after a mistake which the text has not taken back. */
  readonly afterMistake: number;
  readonly bothCorrect: number;
  readonly bothWrong: number;
  /** Called correct, and wrong: in how many of them the text then takes the mistake back. */
  readonly calledCorrect: number;
  readonly takenBack: number;
  /** Called wrong, and correct. */
  readonly calledWrong: number;
  /** Cohen's kappa. */
  readonly kappa: number;
}

/** Holds labels against what the problems' own readers say. */
export function compareWithExact(
  solutions: readonly LabelledSolution[],
  problemOf: (id: string) => TokenProblem,
): LabelComparison {
  const counts = {
    afterMistake: 0,
    bothCorrect: 0,
    bothWrong: 0,
    calledCorrect: 0,
    takenBack: 0,
    calledWrong: 0,
  };
  const count = (said: boolean, exact: 'ok' | 'wrong' | 'dead', recovers: () => boolean) => {
    if (exact === 'dead') counts.afterMistake++;
    else if (exact === 'ok') said ? counts.bothCorrect++ : counts.calledWrong++;
    else if (!said) counts.bothWrong++;
    else {
      counts.calledCorrect++;
      if (recovers()) counts.takenBack++;
    }
  };
  for (const { problem, solution, labels, swaps = [] } of solutions) {
    const reader = problemOf(problem).reader();
    const bySwap = new Map<number, { token: TokenId; correct: boolean }[]>();
    for (const { position, token, correct } of swaps)
      bySwap.set(position, [...(bySwap.get(position) ?? []), { token, correct }]);
    for (const [at, token] of solution.entries()) {
      for (const swap of bySwap.get(at) ?? [])
        count(swap.correct, reader.clone().feed(swap.token), () => false);
      const exact = reader.feed(token);
      const letter = labels[at];
      if (letter !== 'o' && letter !== 'w') continue;
      const behind = reader.clone();
      count(letter === 'o', exact, () => solution.slice(at + 1).some((next) => behind.feed(next) === 'ok'));
    }
  }
  const { bothCorrect, bothWrong, calledCorrect, calledWrong } = counts;
  const tokens = bothCorrect + bothWrong + calledCorrect + calledWrong;
  const same = (bothCorrect + bothWrong) / tokens;
  const [said, is] = [(bothCorrect + calledCorrect) / tokens, (bothCorrect + calledWrong) / tokens];
  const chance = said * is + (1 - said) * (1 - is);
  return { tokens, ...counts, kappa: chance >= 1 ? Number.NaN : (same - chance) / (1 - chance) };
}

/** The same solutions with exact labels in the same places: what the tokens are worth, apart from who labelled them. */
export function relabelledExactly(
  solutions: readonly LabelledSolution[],
  problemOf: (id: string) => TokenProblem,
): readonly LabelledSolution[] {
  return solutions.map((one) => {
    const reader = problemOf(one.problem).reader();
    let letters = '';
    const swaps = [];
    for (const [at, token] of one.solution.entries()) {
      for (const swap of one.swaps?.filter(({ position }) => position === at) ?? []) {
        const label = reader.clone().feed(swap.token);
        if (label !== 'dead') swaps.push({ position: at, token: swap.token, correct: label === 'ok' });
      }
      const label = reader.feed(token);
      // behind a mistake nothing is said
      letters += one.labels[at] === '-' || label === 'dead' ? '-' : label.charAt(0);
    }
    return { ...one, labels: letters, ...(swaps.length === 0 ? {} : { swaps }) };
  });
}
