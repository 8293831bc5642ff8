export { type AbortSignalLike, throwIfAborted } from './abort.ts';
export { atRandom, everything } from './admit-all.ts';
export { type FlyOptions, fly } from './admit-fly.ts';
export { judged } from './admit-judge.ts';
export { kl } from './admit-kl.ts';
export { cascade, floor, relaxed, topK, typical } from './admit-probability.ts';
export type {
  Backend,
  Fingerprint,
  ForwardOutputs,
  HeadTerm,
  HiddenState,
  Model,
  ModelInfo,
  OutputName,
  OutputRequest,
  Outputs,
  Pass,
  Proposed,
  ProposeRequest,
  ProposeSampling,
  Session,
  TokenId,
  TopTokens,
} from './backend.ts';
export { block } from './base-block.ts';
export { ensemble } from './base-ensemble.ts';
export { exactMatch } from './base-exact.ts';
export { lenience, lossless } from './base-lossless.ts';
export { type CachedText, cachedText } from './cached-text.ts';
export type { Finish } from './commit.ts';
export { allOf, anyOf } from './compose.ts';
export { type Costs, measureCosts, verifyCost } from './costs.ts';
export type { Draft, DraftRequest, DraftSource } from './draft.ts';
export {
  type AdaptiveOptions,
  adaptiveLength,
  bestLength,
  cannotPay,
  type DraftLength,
  fixedLength,
} from './draft-length.ts';
export { fixedText, ngramLookup } from './draft-lookup.ts';
export { draftSession } from './draft-session.ts';
export { type ErrorCode, invalidOption, JudgeDecodingError } from './errors.ts';
export {
  type CommittedToken,
  complete,
  type Generation,
  generate,
  type RoundResult,
} from './generate.ts';
export { type GuardOptions, type Guards, guardsFor, UNGUARDED } from './guards.ts';
export { readHead, writeHead } from './head-file.ts';
export {
  type CalibrationPoint,
  checkHead,
  type HeadProvenance,
  type JudgeHead,
  judgeLogit,
  logitOf,
  probabilityOf,
} from './judge-head.ts';
export type { GenerateOptions } from './options.ts';
export { type Purpose, type Uniform, uniformsOf } from './random.ts';
export { deviceRows, givenRows, oneHotRows, processedRows, type Rows } from './rows.ts';
export {
  type Admission,
  type Base,
  type JointBase,
  type Needs,
  type Round,
  type Rule,
  rule,
  type TokenSource,
  type TokenwiseBase,
  unite,
} from './rule.ts';
export {
  adjustLogits,
  adjustsLogits,
  argmax,
  checkSampling,
  drawToken,
  GREEDY,
  processLogits,
  type SamplingOptions,
  softmax,
} from './sampling.ts';
export {
  meanAcceptedLength,
  merge,
  NO_STATS,
  type RoundCount,
  record,
  SCORE_BINS,
  type Stats,
  type Times,
} from './stats.ts';
export { type StopConditions, type StopMatcher, stopMatcher } from './stop.ts';
export { strict } from './strict.ts';
export { utf8Decode, utf8Encode } from './utf8.ts';
export { type Verdict, verify } from './verify.ts';
