import { type Acceptance, expectedAccepted } from './acceptance.ts';
import { type Costs, verifyCost } from './costs.ts';

/** What the cost model is given. */
export interface RoundAssumptions {
  readonly costs: Costs;
  readonly acceptance: Acceptance;
  /** Tokens a round; 0 is plain decoding. */
  readonly draftLength: number;
  /** Milliseconds a round spends besides draft and verify: deciding, committing, the host. */
  readonly overhead?: number;
}

/** What a round is expected to do. Times in milliseconds. */
export interface RoundPrediction {
  readonly draftLength: number;
  /** Drafted tokens alone, and with the recovered or bonus token that ends every round. */
  readonly accepted: number;
  readonly committed: number;
  readonly verify: number;
  readonly draft: number;
  readonly overhead: number;
  readonly milliseconds: number;
  readonly tokensPerSecond: number;
  /** Over plain decoding's, whose step has the same overhead. */
  readonly timesPlain: number;
}

/**
 * The round's cost model: committed a round over verify(M + 1 rows) + M · draft + overhead. It knows
 * no prefill and no end of a text; it is exact where a round's costs depend on its width alone.
 * (Leviathan et al. 2023, theorem 3.8, with measured pass times in place of a cost ratio.)
 */
export function predictRound({
  costs,
  acceptance,
  draftLength,
  overhead = 0,
}: RoundAssumptions): RoundPrediction {
  const accepted = expectedAccepted(acceptance, draftLength);
  const committed = accepted + 1;
  const verify = verifyCost(costs, draftLength + 1);
  const draft = draftLength * costs.draftToken;
  const milliseconds = verify + draft + overhead;
  const plain = verifyCost(costs, 1) + overhead;
  return {
    draftLength,
    accepted,
    committed,
    verify,
    draft,
    overhead,
    milliseconds,
    tokensPerSecond: (1000 * committed) / milliseconds,
    timesPlain: (committed * plain) / milliseconds,
  };
}

/** Drafted tokens that a round must accept on average to cost no more than plain decoding. */
export const leastAccepted = (costs: Costs, draftLength: number): number =>
  Math.max(
    0,
    (verifyCost(costs, draftLength + 1) + draftLength * costs.draftToken) / verifyCost(costs, 1) - 1,
  );
