import type { TokenId } from './backend.ts';

/**
 * How a distribution is shaped before a token is drawn. Plain data, alike for draft and target,
 * so that it can cross to a worker or a device. Applied in this order: bias, banned, penalties,
 * temperature, top-k, top-p, min-p.
 */
export interface SamplingOptions {
  /** 0 is greedy. */
  readonly temperature: number;
  /** Keep the k most likely tokens; 0 keeps all. */
  readonly topK?: number;
  /** Keep the smallest set whose probability reaches this; 1 keeps all. */
  readonly topP?: number;
  /** Drop tokens less likely than this share of the most likely one; 0 drops none. */
  readonly minP?: number;
  /** Divides positive and multiplies negative logits of tokens already in the text (Keskar et al. 2019); 1 is off. */
  readonly repetitionPenalty?: number;
  /** Subtracted once from tokens already in the text. */
  readonly presencePenalty?: number;
  /** Subtracted per occurrence in the text. */
  readonly frequencyPenalty?: number;
  /** Added to single logits. */
  readonly logitBias?: readonly (readonly [TokenId, number])[];
  /** Tokens that can never be drawn. */
  readonly banned?: readonly TokenId[];
}

/** Greedy on the raw argmax: nothing to process. */
export const GREEDY: SamplingOptions = { temperature: 0 };
