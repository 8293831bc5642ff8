import { invalidOption } from '../errors.ts';
import { type Costs, draftCost, verifyCost } from './costs.ts';
import { predictRound } from './round-cost.ts';

/** Decides how many tokens the next round drafts. Holds the state of one generation. */
export interface DraftLength {
  /** True where it may differ from round to round. */
  readonly adaptive: boolean;
  /** Most tokens it ever drafts in a round. */
  readonly most: number;
  /** 0 means a round without a draft. */
  next(): number;
  /** Told after each round that had a draft. */
  observe(drafted: number, accepted: number): void;
  /** Why speculation is off for good, if it is. */
  readonly off?: string | undefined;
}

/** The same length in every round; 0 is plain decoding. */
export function fixedLength(length: number): DraftLength {
  if (!Number.isInteger(length) || length < 0)
    throw invalidOption('draftLength', 'a whole number of at least 0', length);
  return { adaptive: false, most: length, next: () => length, observe: () => undefined };
}

/** What the controller knows before the first token. */
export interface AdaptiveOptions {
  readonly costs: Costs;
  /** Longest draft it may choose. */
  readonly most?: number;
  /** Prompt tokens the draft model would have to read first. */
  readonly promptTokens?: number;
  /** Tokens still to come: over fewer of them the draft's prefill is harder to earn back. */
  readonly expectedTokens?: number;
}

/** Share of a plain step below which a gain is noise: do not speculate for it. */
const LEAST_GAIN = 1.02;
/** Observed rates move slowly: about the last 20 decisions count. */
const MEMORY = 0.95;
const FIRST_GUESS = 0.7;
/** A failed trial is repeated after 8, 16, 32 … rounds, and after four of them never. */
const FIRST_PAUSE = 8;
const MOST_TRIALS = 4;

/**
 * Chooses the draft length that commits most tokens per millisecond, from measured costs and the
 * acceptance rate seen so far (each drafted token taken as accepted with the same probability).
 * Speculation is off from the start when not even full acceptance could pay, the draft's prefill
 * included; it pauses when it does not pay, and is off for good when repeated trials fail.
 */
export function adaptiveLength({
  costs,
  most = 16,
  promptTokens = 0,
  expectedTokens = 256,
}: AdaptiveOptions): DraftLength {
  if (!Number.isInteger(most) || most < 1) throw invalidOption('most', 'a whole number of at least 1', most);
  let off = cannotPay(costs, most, promptTokens, expectedTokens);
  let rate = FIRST_GUESS;
  let pausedFor = 0;
  let trials = 0;
  const seen = { drafted: 0, accepted: 0 };
  return {
    adaptive: true,
    most,
    get off() {
      return off;
    },
    next() {
      if (off !== undefined) return 0;
      if (pausedFor > 0) {
        pausedFor--;
        // the trial after a pause is short: two tokens tell enough
        return pausedFor === 0 ? Math.min(2, most) : 0;
      }
      const length = bestLength(costs, rate, most);
      if (length > 0) return length;
      if (++trials > MOST_TRIALS) {
        off = `${seen.accepted} of ${seen.drafted} drafted tokens were accepted, too few to pay for drafting`;
        return 0;
      }
      pausedFor = FIRST_PAUSE * 2 ** (trials - 1);
      return 0;
    },
    observe(drafted, accepted) {
      seen.drafted += drafted;
      seen.accepted += accepted;
      // every accepted token is a success; the first rejected one a failure; later ones were not decided
      const decided = Math.min(drafted, accepted + 1);
      for (let i = 0; i < decided; i++) rate = MEMORY * rate + (1 - MEMORY) * (i < accepted ? 1 : 0);
    },
  };
}

/** The draft length with most committed tokens per cost, 0 where none beats plain decoding. */
export function bestLength(costs: Costs, rate: number, most: number): number {
  let best = 0;
  let bestGain = LEAST_GAIN;
  for (let draftLength = 1; draftLength <= most; draftLength++) {
    const { timesPlain } = predictRound({ costs, acceptance: { kind: 'rate', rate }, draftLength });
    if (timesPlain > bestGain) [best, bestGain] = [draftLength, timesPlain];
  }
  return best;
}

/** The reason why not even full acceptance could pay, if so. */
export function cannotPay(
  costs: Costs,
  most: number,
  promptTokens: number,
  expectedTokens: number,
): string | undefined {
  const plain = verifyCost(costs, 1);
  let least = Number.POSITIVE_INFINITY;
  for (let length = 1; length <= most; length++) {
    const perToken = (verifyCost(costs, length + 1) + draftCost(costs, length)) / (length + 1);
    least = Math.min(least, perToken);
  }
  const total = least * expectedTokens + promptTokens * costs.draftPrefillToken;
  if (total * LEAST_GAIN < plain * expectedTokens) return undefined;
  const milliseconds = (value: number) => `${value.toPrecision(3)} ms`;
  return (
    `even if every drafted token were accepted, a token would cost ${milliseconds(total / expectedTokens)} ` +
    `against ${milliseconds(plain)} without a draft`
  );
}
