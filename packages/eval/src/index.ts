export { type Arm, atDraftLength, checkArms, draftLengthOf, type Verification } from './arms/arm.ts';
export { type LogitsWeights, logitsOnly } from './arms/logits-only.ts';
export { oracle } from './arms/oracle.ts';
export { type Named, ruleOf } from './arms/rule-of.ts';
export { type ChartPoint, speedAccuracyChart } from './report/chart.ts';
export { type Equality, type Report, type ReportInput, report } from './report/report.ts';
export {
  ALL_DOMAINS,
  type ArmSummary,
  type SpeedSummary,
  summarise,
  summariseSpeed,
} from './report/summary.ts';
export {
  type DecodeOptions,
  type Decoder,
  type DecoderOptions,
  openDecoder,
  type Timed,
} from './run/decoder.ts';
export { type Divergence, findDivergences, nearTieGap } from './run/divergences.ts';
export { bestDraftLengths, type LengthSpeed } from './run/draft-lengths.ts';
export { hashTokens, parseRow, type Row } from './run/row.ts';
export { openRows, type RowSink, readRows, rowList } from './run/rows-folder.ts';
export { type RunOptions, runArms } from './run/run-arms.ts';
export { agrestiMin } from './statistics/agresti-min.ts';
export { type BootstrapOptions, bootstrap, median } from './statistics/bootstrap.ts';
export { mcnemar } from './statistics/mcnemar.ts';
export { type NonInferiority, nonInferiority } from './statistics/non-inferiority.ts';
export { normalQuantile } from './statistics/normal.ts';
export {
  type CorrectPair,
  type PairedAccuracy,
  type PairedSpeed,
  pairedAccuracy,
  pairedSpeed,
  type SpeedPair,
} from './statistics/paired.ts';
export { problemsNeeded } from './statistics/power.ts';
export { type RepeatFigures, repeatFigures } from './statistics/repeats.ts';
export { type CorrectTriple, type Retention, retention } from './statistics/retention.ts';
export { type Interval, wilson } from './statistics/wilson.ts';
