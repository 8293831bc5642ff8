import type { ModelInfo, OutputRequest, TokenId } from '../backend.ts';
import type { StopConditions, StopMatcher } from '../decode/stop.ts';
import { invalidOption } from '../errors.ts';
import type { Round, TokenSource } from './rule.ts';

/** Limits that stand over every admission. The base's own acceptances are never touched. */
export interface GuardOptions {
  /** An admission never lets in a token whose target probability is below this. */
  readonly leastProbability?: number;
  /** Most tokens in a row that admissions may let in; unlimited when absent. */
  readonly mostInARow?: number;
}

export interface Guards {
  readonly needs: OutputRequest;
  /** True where an admission may be asked about draft[index]. */
  permits(round: Round, index: number, soFar: readonly TokenSource[]): boolean;
}

/** What an admission must find likely at least, unless it is told otherwise. */
export const LEAST_PROBABILITY = 1e-4;

/** No guards: for measuring what admissions do alone. Never use it to serve text. */
export const UNGUARDED: Guards = { needs: {}, permits: () => true };

/**
 * An admission never lets in an end, special or stop token, nor a token that completes a stop
 * string; never speaks where the target's most likely token ends the text; and never goes below
 * the floor on the target's probability.
 */
export function guardsFor(
  { specialTokens, endTokens }: ModelInfo,
  stop: StopConditions,
  stopped: StopMatcher,
  { leastProbability = LEAST_PROBABILITY, mostInARow = Number.POSITIVE_INFINITY }: GuardOptions = {},
): Guards {
  if (!(leastProbability >= 0 && leastProbability < 1)) {
    throw invalidOption('leastProbability', 'a number from 0, below 1', leastProbability);
  }
  if (!(mostInARow >= 1)) throw invalidOption('mostInARow', 'a number of at least 1', mostInARow);
  const ends = new Set<TokenId>([...endTokens, ...(stop.tokens ?? [])]);
  const never = new Set<TokenId>([...specialTokens, ...ends]);
  const least = Math.log(leastProbability);
  return {
    needs: { argmax: true, chosen: true },
    permits(round, index, soFar) {
      if (never.has(round.draft[index]!)) return false;
      if (ends.has(round.target.argmax(index))) return false;
      // NaN fails; and a banned token has probability 0 in `target`, whatever `belief` says
      if (!(round.belief.logProb(index) >= least)) return false;
      const processed = round.target !== round.belief;
      if (processed && !(round.target.logProb(index) > Number.NEGATIVE_INFINITY)) return false;
      if (admittedAtEnd(soFar) >= mostInARow) return false;
      return stopped.find(round.draft.slice(0, index + 1)) < 0;
    },
  };
}

function admittedAtEnd(sources: readonly TokenSource[]): number {
  let count = 0;
  while (count < sources.length && sources[sources.length - 1 - count] !== 'standard') count++;
  return count;
}
