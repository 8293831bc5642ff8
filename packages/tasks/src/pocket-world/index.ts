export { finalAnswer, grade } from './grade.ts';
export { drawKnownProblem, FIRST_PROBLEM, readsAsMeant } from './known-problem.ts';
export {
  DOMAINS,
  type Domain,
  drawProblem,
  type PocketProblem,
  type ProblemAddress,
  SPLITS,
  type Split,
} from './problem.ts';
export { type Random, seededRandom } from './random.ts';
export { type Reading, readProblem, type TypedProblem } from './read-problem.ts';
export { createRecogniser, type Label, type Recogniser } from './recogniser.ts';
export { type Mistaken, type Solution, type SolutionOptions, writeSolution } from './solution.ts';
export type { MistakeKind } from './step.ts';
export { STYLES, type Style } from './wording.ts';
