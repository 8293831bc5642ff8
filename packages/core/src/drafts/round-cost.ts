import type { OutputName } from '../backend.ts';
import { type Acceptance, conditionalRates, expectedAccepted } from './acceptance.ts';
import { type Costs, costsAt, draftCost, verifyCost } from './costs.ts';

/** What the cost model is given. */
export interface RoundAssumptions {
  readonly costs: Costs;
  readonly acceptance: Acceptance;
  /** Tokens a round; 0 is plain decoding. */
  readonly draftLength: number;
  /** Tokens a round really drafts, where texts end before it is full; all of them when absent. */
  readonly drafted?: number;
  /** Tokens a round really commits, where texts end inside one; what is accepted and one more when absent. */
  readonly committed?: number;
  /** Tokens before a round, on average; where it is known and costs were measured at two. */
  readonly context?: number;
  /** What the rule asks of the target beside argmax, and whether it asks for the draft's logits. */
  readonly outputs?: readonly OutputName[];
  readonly draftLogits?: boolean;
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
 * The round's cost model: committed a round over verify(drafted + 1 rows) + draft(drafted tokens) + overhead, behind
 * a text of average length. It knows no prefill. (Leviathan et al. 2023, theorem 3.8, with measured times of passes
 * and drafts in place of a cost ratio.)
 */
export function predictRound({
  costs,
  acceptance,
  draftLength,
  drafted = draftLength,
  committed: ended,
  overhead = 0,
  context,
  outputs = [],
  draftLogits = false,
}: RoundAssumptions): RoundPrediction {
  const here = context === undefined ? costs : costsAt(costs, context);
  const accepted = expectedAccepted(acceptance, draftLength);
  const committed = ended ?? accepted + 1;
  const rows = drafted + 1;
  const perRow = outputs.reduce((sum, name) => sum + (here.outputs?.[name] ?? 0), 0);
  const verify = verifyCost(here, rows) + rows * perRow;
  const whole = conditionalRates(acceptance, draftLength).reduce((all, rate) => all * rate, 1);
  const draft =
    draftCost(here, drafted) +
    (draftLength > 0 ? whole * (here.draftCatchUp ?? 0) : 0) +
    (draftLogits ? drafted * (here.draftLogits ?? 0) : 0);
  const milliseconds = verify + draft + overhead;
  const plain = verifyCost(here, 1) + overhead;
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
    (verifyCost(costs, draftLength + 1) + draftCost(costs, draftLength)) / verifyCost(costs, 1) - 1,
  );
