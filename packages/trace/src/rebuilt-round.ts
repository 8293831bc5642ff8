import {
  type GuardOptions,
  type Guards,
  guardsFor,
  JudgeDecodingError,
  type JudgeHead,
  logitOf,
  type Needs,
  type Round,
  type Rows,
  type StopConditions,
  type StopMatcher,
  stopMatcher,
  type TokenId,
} from '@judge-decoding/core';
import { bytesOfPiece } from './pieces.ts';
import type { Trace, TracedModel, TracedRound } from './trace.ts';
import { TOP_KEPT } from './traced-round.ts';

/** What rounds are rebuilt with; a trace has all of it. */
export type RoundSurroundings = Pick<Trace, 'prompt' | 'rounds' | 'stop' | 'pieces' | 'guards'> & {
  readonly target: Pick<TracedModel, 'endTokens' | 'specialTokens'>;
};

/**
 * A round of a greedy generation as core's rules look at it, from what the trace kept: every rule that
 * needs no more than that decides as it did, or would have, with the models at hand. Asking it for more
 * (whole distributions, the draft's) is an error of code `unsupported`.
 */
export function rebuiltRound(
  trace: RoundSurroundings,
  index: number,
): { readonly round: Round; readonly guards: Guards; readonly stopped: StopMatcher } {
  const traced = trace.rounds[index]!;
  const before = trace.rounds.slice(0, index).flatMap(({ tokens }) => tokens.map(({ id }) => id));
  const stop: StopConditions = {
    strings: trace.stop,
    bytesOf: (id) => bytesOfPiece(trace.pieces[id]),
  };
  const stopped = stopMatcher(stop);
  stopped.push(before);
  const target = savedRows(traced);
  return {
    stopped,
    round: {
      text: [...trace.prompt, ...before],
      draft: traced.draft,
      target,
      belief: target,
      draftTarget: NOTHING,
      draftBelief: NOTHING,
      // one term, whose dot product is the whole score of the token that was read into the row
      dot: (_, row) => logitOf(traced.scores[row - 1] ?? Number.NaN),
      uniform: () => notKept('random numbers'),
    },
    guards: guardsFor(
      trace.target as Parameters<typeof guardsFor>[0],
      stop,
      stopped,
      saneGuards(trace.guards),
    ),
  };
}

/** A head that reads saved scores in place of hidden states. */
export const savedHead = (threshold: number): JudgeHead => ({
  terms: [{ layer: 'last', state: 'pre-norm', row: 'own', weights: new Float32Array(1) }],
  bias: 0,
  threshold,
  hiddenSize: 1,
  provenance: {
    model: 'a trace',
    fingerprint: { architecture: '', tokenizer: '', weights: '' },
    dtype: '',
    data: '',
    metrics: {},
    calibration: [],
  },
});

/** What these needs ask for that no trace keeps; undefined where it has all of it. */
export function notInTraces({ target, draft }: Needs): string | undefined {
  if (draft !== 'nothing') return 'the draft’s distributions';
  if (target.logits) return 'whole rows of logits';
  if (target.hidden?.length) return 'hidden states';
  if ((target.top ?? 0) > TOP_KEPT) return `more than the ${TOP_KEPT} most likely tokens`;
  return undefined;
}

function savedRows({ rows }: TracedRound): Rows {
  return {
    argmax: (row) => rows[row]!.choice,
    logProb: (row) => rows[row]!.drafted ?? Number.NEGATIVE_INFINITY,
    entropy: (row) => rows[row]!.entropy,
    top: (row, n) =>
      rows[row]!.top.slice(0, n).map(([id, logProb]: readonly [TokenId, number]) => ({
        id,
        logProb,
        logit: logProb + rows[row]!.logSumExp,
      })),
    probs: () => notKept('whole distributions'),
  };
}

const NOTHING: Rows = {
  argmax: () => notKept('the draft’s distributions'),
  logProb: () => notKept('the draft’s distributions'),
  entropy: () => notKept('the draft’s distributions'),
  top: () => notKept('the draft’s distributions'),
  probs: () => notKept('the draft’s distributions'),
};

function notKept(what: string): never {
  throw new JudgeDecodingError(
    'unsupported',
    `A trace keeps no ${what}: decode again to ask a rule that needs them.`,
  );
}

/** They come from a file: what is no number there is as if it were not there. */
function saneGuards({ leastProbability, mostInARow }: GuardOptions): GuardOptions {
  return {
    ...(typeof leastProbability === 'number' ? { leastProbability } : {}),
    ...(typeof mostInARow === 'number' ? { mostInARow } : {}),
  };
}
