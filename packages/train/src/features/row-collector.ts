import type { TokenRow } from './block-rows.ts';
import type { FeatureColumns, FeatureName, FeatureShard, SolutionOrigin } from './feature-shard.ts';

/** Gathers the rows of a shard. */
export interface RowCollector {
  /** `solution` is the index among the shard's; rows of a solution come in order, what is swapped in last. */
  add(solution: number, row: TokenRow, correct: number, swapped?: boolean): void;
  finish(solutions: readonly SolutionOrigin[]): FeatureShard;
}

const NUMBERS = [
  'position',
  'token',
  'argmax',
  'chosen',
  'topLogProb',
  'entropy',
  'topRatio',
  'divergence',
] as const;
type Numbers = Pick<TokenRow, (typeof NUMBERS)[number]>;
const NOTHING = { token: -1, argmax: -1, chosen: 0, topLogProb: 0, entropy: 0, topRatio: 0, divergence: 0 };

/** Each labelled row follows the row before it in the text, which is there already where it was kept too. */
export function rowCollector(hiddenSize: number, names: readonly FeatureName[]): RowCollector {
  const columns = Object.fromEntries(
    ['solution', 'correct', ...NUMBERS].map((name) => [name, [] as number[]]),
  ) as Record<keyof FeatureColumns, number[]>;
  const states = names.map((): Float32Array[] => []);
  // the last row is of the text itself
  let inText = false;
  const push = (solution: number, correct: number, row: Numbers, hidden: readonly Float32Array[]) => {
    columns.solution.push(solution);
    columns.correct.push(correct);
    for (const name of NUMBERS) columns[name].push(row[name]);
    for (const [i, state] of hidden.entries()) states[i]!.push(state.slice());
  };
  const joined = (rows: readonly Float32Array[]) => {
    const width = rows[0]?.length ?? 0;
    const all = new Float32Array(rows.length * width);
    for (const [i, row] of rows.entries()) all.set(row, i * width);
    return all;
  };
  return {
    add(solution, row, correct, swapped = false) {
      const follows =
        inText && columns.position.at(-1) === row.position - 1 && columns.solution.at(-1) === solution;
      if (!follows) push(solution, -1, { ...NOTHING, position: row.position - 1 }, row.previous);
      push(solution, correct, row, row.own);
      inText = !swapped;
    },
    finish: (solutions) => ({
      hiddenSize,
      solutions,
      columns: {
        solution: Int32Array.from(columns.solution),
        correct: Int32Array.from(columns.correct),
        position: Int32Array.from(columns.position),
        token: Int32Array.from(columns.token),
        argmax: Int32Array.from(columns.argmax),
        chosen: Float32Array.from(columns.chosen),
        topLogProb: Float32Array.from(columns.topLogProb),
        entropy: Float32Array.from(columns.entropy),
        topRatio: Float32Array.from(columns.topRatio),
        divergence: Float32Array.from(columns.divergence),
      },
      states: Object.fromEntries(names.map((name, i) => [name, joined(states[i]!)])),
    }),
  };
}
