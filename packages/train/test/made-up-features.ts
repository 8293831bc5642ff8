import { seededRandom } from '@judge-decoding/tasks';
import { type FeatureSet, memoryRows } from '../src/index.ts';

export interface MadeUpOptions {
  readonly name: string;
  readonly problems: number;
  readonly tokensPerProblem?: number;
  readonly hiddenSize?: number;
  /** How steeply the truth depends on the state; infinity is a clean cut. */
  readonly steepness?: number;
}

/** The separator that decides in made-up features: correct where it is above the offset. */
export const trueWeights = (hiddenSize: number): Float64Array =>
  Float64Array.from({ length: hiddenSize }, (_, i) => (i % 3 === 0 ? 1 : i % 3 === 1 ? -0.5 : 0));
const OFFSET = -0.8;

/**
 * Features with a known linear truth in standardised units, on states whose units have very
 * different means and spreads, as pre-norm states have. The post-norm ones are twice as large.
 */
export function madeUpFeatures({
  name,
  problems,
  tokensPerProblem = 40,
  hiddenSize = 12,
  steepness = 4,
}: MadeUpOptions): FeatureSet {
  const random = seededRandom('made-up', name);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rows = problems * (tokensPerProblem + 1);
  const pre = new Float32Array(rows * hiddenSize);
  const weights = trueWeights(hiddenSize);
  const norm = Math.hypot(...weights);
  const columns = {
    solution: new Int32Array(rows),
    position: new Int32Array(rows),
    correct: new Int32Array(rows).fill(-1),
    token: new Int32Array(rows),
    argmax: new Int32Array(rows),
    chosen: new Float32Array(rows),
    topLogProb: new Float32Array(rows),
    entropy: new Float32Array(rows),
    topRatio: new Float32Array(rows),
    divergence: new Float32Array(rows).fill(Number.NaN),
  };
  for (let row = 0; row < rows; row++) {
    const position = (row % (tokensPerProblem + 1)) - 1;
    columns.solution[row] = Math.floor(row / (tokensPerProblem + 1));
    columns.position[row] = position;
    let truth = 0;
    for (let unit = 0; unit < hiddenSize; unit++) {
      const z = normal();
      truth += (weights[unit]! / norm) * z;
      pre[row * hiddenSize + unit] = z * (1 + unit * unit) + 50 * (unit - 3);
    }
    columns.argmax[row] = random() < 0.3 ? 1 : 0;
    columns.topLogProb[row] = -random();
    columns.entropy[row] = random();
    columns.chosen[row] = -5 * random();
    const chance = 1 / (1 + Math.exp(-steepness * (truth - OFFSET)));
    if (position >= 0) columns.correct[row] = Number(random() < chance);
  }
  const states = {
    'pre-norm': memoryRows(pre, hiddenSize),
    'post-norm': memoryRows(
      pre.map((value) => 2 * value),
      hiddenSize,
    ),
  };
  const solutions = Array.from({ length: problems }, (_, i) => ({
    problem: `${name}/${i}`,
    domain: i % 2 === 0 ? 'even' : 'odd',
    source: 'made-up',
  }));
  return { hiddenSize, solutions, columns, states, fingerprint: name };
}
