export { type Arm, atDraftLength, checkArms, draftLengthOf, type Verification } from './arms/arm.ts';
export { ARM_GROUPS, OTHER_ARMS } from './arms/arm-names.ts';
export { type Asks, asksOf } from './arms/asks-of.ts';
export { oracle } from './arms/oracle.ts';
export {
  familyOf,
  type ParseArmOptions,
  parseArm,
  parseArms,
} from './arms/parse-arm.ts';
export { type Named, ruleOf } from './arms/rule-of.ts';
export {
  type GivenText,
  type ReadOptions,
  readGivenText,
  type TextReading,
} from './external/read-given-text.ts';
export {
  type ArmReadings,
  type AuthorReadings,
  type ShownText,
  textPage,
  textTable,
} from './external/text-page.ts';
export { type AnalyseOptions, type Analysis, analyse } from './report/analysis.ts';
export { type ArmAnalysis, type Part, REFERENCE } from './report/arm-analysis.ts';
export { type Comparison, compareResults } from './report/compare.ts';
export { type Example, type ExampleSources, examplesOf, type MarkedText } from './report/examples.ts';
export { type OwnTexts, ownTextsOf } from './report/own-text-table.ts';
export { hasDrifted, type PredictedRounds, predictRounds } from './report/predict-rounds.ts';
export { reportPage } from './report/report-page.ts';
export type { Table } from './report/table.ts';
export { acceptanceCsv, allTables } from './report/tables.ts';
export { verdictOf } from './report/verdict.ts';
export { EXAMPLES_FILE, markdownOf, writeReport } from './report/write-report.ts';
export {
  type DecodeOptions,
  type Decoder,
  type DecoderOptions,
  openDecoder,
  type Timed,
} from './run/decoder.ts';
export { type Divergence, findDivergences } from './run/divergences.ts';
export { appendGrade, type Gradable, type Grade, gradable, gradeKey, readGrades } from './run/grades.ts';
export { type LikeliestChoice, likeliestChoice } from './run/likeliest-choice.ts';
export { type Machine, type MachineUse, machineName, measuresSpeed, thisMachine } from './run/machine.ts';
export { type Mark, markOf } from './run/marks.ts';
export type { OutsideDecoder, OutsideOptions, OutsideProgram, OutsideText } from './run/outside.ts';
export { measureDivergences, readDivergences } from './run/own-texts.ts';
export {
  mergeResults,
  type OpenResults,
  openResults,
  type Results,
  readResults,
} from './run/result-folder.ts';
export { hashTokens, parseRow, type Row } from './run/row.ts';
export { type RowSink, rowList } from './run/row-sink.ts';
export { type RunOptions, type RunProgress, runArms } from './run/run-arms.ts';
export {
  type AskedRun,
  armKey,
  askedOf,
  type FixedSettings,
  RESULT_VERSION,
  type RunModel,
  type RunSettings,
} from './run/run-settings.ts';
export { type SharedReadings, sharedReadings } from './run/shared-readings.ts';
export { agrestiMin } from './statistics/agresti-min.ts';
export { type BootstrapOptions, bootstrap, median } from './statistics/bootstrap.ts';
export { bootstrapCounts } from './statistics/bootstrap-counts.ts';
export { mcnemar } from './statistics/mcnemar.ts';
export { type NonInferiority, nonInferiority } from './statistics/non-inferiority.ts';
export { normalQuantile } from './statistics/normal.ts';
export { type CorrectPair, type PairedAccuracy, pairedAccuracy } from './statistics/paired.ts';
export {
  type PairedSpeed,
  pairedSpeed,
  pairedSpeeds,
  type SpeedPair,
} from './statistics/paired-speed.ts';
export { problemsNeeded } from './statistics/power.ts';
export { type RepeatFigures, repeatFigures } from './statistics/repeats.ts';
export { type CorrectTriple, type Retention, retention } from './statistics/retention.ts';
export { type Interval, wilson } from './statistics/wilson.ts';
