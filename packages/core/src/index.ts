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
export { type ErrorCode, invalidOption, JudgeDecodingError } from './errors.ts';
export { GREEDY, type SamplingOptions } from './sampling.ts';
