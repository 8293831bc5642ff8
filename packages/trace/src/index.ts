export { atThreshold, type Replanned, replan, thresholdOf, whyNotReplanned } from './counterfactual.ts';
export { makeTrace, type TraceFacts, tracedModel } from './make-trace.ts';
export { nearTieGap } from './near-tie.ts';
export { keptOf, type Opinion, opinionsOf } from './opinions.ts';
export { MAX_TRACE_BYTES, parseTrace } from './parse-trace.ts';
export { bytesOfPiece, type PieceSource, pieceOf, piecesOf, tokensIn } from './pieces.ts';
export { notInTraces, type RoundSurroundings, rebuiltRound, savedHead } from './rebuilt-round.ts';
export {
  askAgain,
  type Difference,
  firstDifference,
  type Replayed,
  type ReplayOptions,
  replay,
  scriptedDraft,
} from './replay.ts';
export {
  type TokenPiece,
  TRACE_FORMAT,
  TRACE_VERSION,
  type Trace,
  type TracedHead,
  type TracedModel,
  type TracedRound,
  type TracedRow,
} from './trace.ts';
export { TOP_KEPT, tracedRound, watched } from './traced-round.ts';
