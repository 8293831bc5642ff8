export { type PocketTokenizer, pocketProblem } from './pocket-problem.ts';
export {
  createRecogniser,
  DOMAINS,
  type Domain,
  drawProblem,
  finalAnswer,
  grade,
  type Label,
  type MistakeKind,
  type Mistaken,
  type PocketProblem,
  type ProblemAddress,
  type Random,
  type Recogniser,
  type Solution,
  type SolutionOptions,
  SPLITS,
  type Split,
  type Style,
  seededRandom,
  writeSolution,
} from './pocket-world/index.ts';
export type { TaskProblem, TokenLabel, TokenProblem, TokenReader } from './token-problem.ts';
