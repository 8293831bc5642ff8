export type {
  Backend,
  Fingerprint,
  ForwardOutputs,
  HeadLayer,
  HeadTerm,
  HiddenName,
  HiddenState,
  KeptDistributions,
  Model,
  ModelInfo,
  OutputName,
  OutputRequest,
  Outputs,
  Pass,
  Proposed,
  ProposeRequest,
  ProposeSampling,
  ReadBacks,
  Session,
  TokenId,
  TopTokens,
  Verified,
  VerifyLaw,
  VerifyRequest,
} from './backend.ts';
export { type AbortSignalLike, throwIfAborted } from './decode/abort.ts';
export { type CachedText, cachedText } from './decode/cached-text.ts';
export { checkAdaptive, checkRule } from './decode/check-rule.ts';
export { type Commit, commit, type Finish, type Limits } from './decode/commit.ts';
export {
  type CommittedToken,
  complete,
  type Generation,
  generate,
  type RoundResult,
} from './decode/generate.ts';
export type { GenerateOptions } from './decode/options.ts';
export {
  type ModelReadBacks,
  meanAcceptedLength,
  merge,
  NO_STATS,
  type RoundCount,
  readBacksPerRound,
  readBacksSince,
  record,
  SCORE_BINS,
  type Stats,
  type Times,
} from './decode/stats.ts';
export { type StopConditions, type StopMatcher, stopMatcher } from './decode/stop.ts';
export { type Verdict, verify } from './decode/verify.ts';
export {
  type Acceptance,
  conditionalRates,
  expectedAccepted,
  measuredAcceptance,
  parseAcceptance,
  parseAcceptanceProfile,
  sayAcceptance,
} from './drafts/acceptance.ts';
export type { Measured } from './drafts/bench.ts';
export { type Costs, type CostTable, costsAt, draftCost, isCosts, verifyCost } from './drafts/costs.ts';
export type { Draft, DraftRequest, DraftSource } from './drafts/draft.ts';
export {
  type AdaptiveOptions,
  adaptiveLength,
  bestLength,
  cannotPay,
  type DraftLength,
  fixedLength,
} from './drafts/draft-length.ts';
export { type DraftSessionOptions, draftSession } from './drafts/draft-session.ts';
export { fixedText, ngramLookup } from './drafts/lookup.ts';
export { type MeasureCostsOptions, measureCosts } from './drafts/measure-costs.ts';
export { type Placement, placeDraft } from './drafts/placement.ts';
export {
  leastAccepted,
  predictRound,
  type RoundAssumptions,
  type RoundPrediction,
} from './drafts/round-cost.ts';
export { type ErrorCode, invalidOption, JudgeDecodingError } from './errors.ts';
export { readHead, readHeads, writeHead, writeHeads } from './judge/head-file.ts';
export { hiddenNameOf, layerOf, termStateOf } from './judge/hidden-name.ts';
export {
  type CalibrationPoint,
  checkHead,
  type HeadProvenance,
  headFor,
  type JudgeHead,
  judgeLogit,
  logitOf,
  type MeasuredDtype,
  measuredFor,
  probabilityOf,
} from './judge/judge-head.ts';
export { block } from './rules/block.ts';
export { type CheckRowsOptions, checkRows } from './rules/check-rows.ts';
export { closest, didYouMean } from './rules/closest.ts';
export { allOf, anyOf } from './rules/compose.ts';
export { needsOf, type RowNeeds, sayNeeds } from './rules/describe-needs.ts';
export { ensemble } from './rules/ensemble.ts';
export { exactMatch } from './rules/exact.ts';
export { type FlyOptions, fly } from './rules/fly.ts';
export { type GuardOptions, type Guards, guardsFor, LEAST_PROBABILITY, UNGUARDED } from './rules/guards.ts';
export { isLossless, type UsedWith } from './rules/is-lossless.ts';
export { judged } from './rules/judged.ts';
export { kl } from './rules/kl.ts';
export { lenience, lossless } from './rules/lossless.ts';
export { margin, mars } from './rules/mars.ts';
export { isWithin, type NumberRange, readNumber, sayRange } from './rules/number-range.ts';
export { type ParseOptions, parseAdmission, parseBase, parseRule } from './rules/parse-rule.ts';
export { cascade, floor, relaxed, topK, typical } from './rules/probability.ts';
export type { Reach, ReachWithin } from './rules/reach.ts';
export {
  type Admission,
  type Base,
  forModel,
  type JointBase,
  type Needs,
  type Round,
  type Rule,
  rule,
  type TokenSource,
  type TokenwiseBase,
  unite,
} from './rules/rule.ts';
export {
  type AdmissionRow,
  admissionRow,
  type BaseRow,
  baseRow,
  exampleOf,
  HEAD_STAND_IN,
  type RuleParameter,
  type RuleRow,
  type RuleSurroundings,
  type RuleValues,
} from './rules/rule-row.ts';
export {
  type AdmissionTree,
  asksHead,
  buildRule,
  isRuleSpec,
  partsOf,
  type RulePart,
  type RuleSpec,
  STRICT_SPEC,
  sayRule,
  valuesOf,
} from './rules/rule-spec.ts';
export { strict } from './rules/strict.ts';
export { repeatedToken, synthetic } from './rules/synthetic.ts';
export { exampleTextOf, findRule, RULES, signatureOf } from './rules/table.ts';
export { atRandom, everything } from './rules/unconditional.ts';
export { klDivergence } from './sampling/divergence.ts';
export { type Purpose, type Uniform, uniformsOf } from './sampling/random.ts';
export {
  deviceRows,
  givenRows,
  type LikelyToken,
  oneHotRows,
  processedRows,
  type Rows,
} from './sampling/rows.ts';
export {
  adjustLogits,
  adjustsLogits,
  argmax,
  checkSampling,
  countedTokens,
  drawToken,
  GREEDY,
  PENALTY_SCOPES,
  type PenaltyScope,
  penalises,
  processLogits,
  type SamplingOptions,
  softmax,
} from './sampling/sampling.ts';
export { type CorePass, checkedModel, type ModelCore } from './sessions/checked-model.ts';
export {
  type CheckedSession,
  type CheckedSessionOptions,
  checkedSession,
  type SessionCore,
} from './sessions/checked-session.ts';
export { checkLength, checkOutputs, checkPropose, checkTokens, checkVerify } from './sessions/checks.ts';
export { type DraftSteps, proposeByForward } from './sessions/propose-by-forward.ts';
export { type ReadRow, type RowOutputs, rowOutputs } from './sessions/row-outputs.ts';
export { asksForArgmaxAlone, StepsAhead, stepsAtOnce } from './sessions/steps-ahead.ts';
export { hostDistributions, type VerifySteps, verifyByForward } from './sessions/verify-by-forward.ts';
export { utf8Decode, utf8Encode } from './utf8.ts';
