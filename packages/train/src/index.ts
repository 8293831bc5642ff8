export {
  type AnswerOptions,
  type AnswerYield,
  sampleAnswers,
} from './answers/sample-answers.ts';
export { type SuggestOptions, suggestMistakes } from './answers/suggest-mistakes.ts';
export {
  type AnswerTokenizer,
  type AnswerWriter,
  endpointWriter,
  modelWriter,
  type WriterOptions,
} from './answers/writer.ts';
export { extractFeatures, type FeatureOptions } from './features/extract-features.ts';
export { type FeatureSet, readFeatures } from './features/feature-set.ts';
export {
  type FeatureColumns,
  type FeatureName,
  type FeatureShard,
  readShard,
  type SolutionOrigin,
  writeShard,
} from './features/feature-shard.ts';
export { featuresOf, type SplitFeatures, splitFeatures } from './features/split-features.ts';
export { memoryRows, type StateRows } from './features/state-rows.ts';
export {
  ABLATION_GROUPS,
  type Ablation,
  type AblationGroup,
  type AblationOptions,
  ablations,
} from './fit/ablations.ts';
export { type AucEstimate, aucEstimate, FEW_TOKENS } from './fit/auc-interval.ts';
export type { Curves, ExpectedLoss } from './fit/curves.ts';
export { examplesOf, type HeadShape, inputsOf } from './fit/examples.ts';
export type { Figures, HeadFigures } from './fit/figures.ts';
export {
  type Controls,
  type FitHeadsOptions,
  type FitReport,
  type FittedHead,
  fitHeads,
  HEAD_SHAPES,
  type LogitsRule,
} from './fit/fit-heads.ts';
export { type FitOptions, fitLinear, LABEL_MORE, PAPER_RECIPE } from './fit/fit-linear.ts';
export { C_GRID, type GridPoint, type LogisticOptions } from './fit/fit-logistic.ts';
export { type FitKeeper, keepIn } from './fit/fit-state.ts';
export { fitTable } from './fit/fit-table.ts';
export { type FoldOptions, foldedAuc } from './fit/folded-auc.ts';
export { rocAuc } from './fit/roc-auc.ts';
export type { SignalFigures } from './fit/signals.ts';
export type { ThresholdRule } from './fit/threshold.ts';
export { EXPORT_LINE, type ImportOptions, importHead, type Polarity } from './import/import-head.ts';
export { compareWithExact, type LabelComparison, relabelledExactly } from './labels/compare-labels.ts';
export { type Contexts, roomFor } from './labels/continuation.ts';
export { type EquivalenceOptions, equivalenceLabels } from './labels/equivalence.ts';
export { type ExactOptions, exactLabels } from './labels/exact.ts';
export { estimateLabelling, type LabelOptions, labelSolutions } from './labels/label-solutions.ts';
export { type AfterError, type LabelledSolution, type Swap, targetsOf } from './labels/labelled-solution.ts';
export {
  estimateLabels,
  type LabelEstimate,
  type Labeller,
  type LabelSource,
  type LabelWithOptions,
  labelWith,
} from './labels/labeller.ts';
export { atThreshold, type LikelihoodOptions, likelihoodLabels, thresholdLike } from './labels/likelihood.ts';
export { type PeopleLabels, type PeopleOptions, peopleLabels } from './labels/people.ts';
export {
  type LabelledData,
  type LabelledSoFar,
  parseSolutions,
  readSolutions,
} from './labels/read-solutions.ts';
export { selfAgreement } from './labels/self-agreement.ts';
export { AS_JUDGED, SOURCES, type SolutionSource } from './labels/sources.ts';
export type { Progress, Watch } from './progress.ts';
export { headCard } from './report/card.ts';
export { reportCsv, reportJson, sayFolds, sayHead, type TrainReport } from './report/train-report.ts';
export { writeTrainReport } from './report/write-train-report.ts';
