import { invalidOption, JudgeDecodingError } from '../errors.ts';
import type { TokenId } from '../token.ts';

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
  /** Keep the smallest set of most likely tokens whose probability reaches this; 1 keeps all. */
  readonly topP?: number;
  /** Drop tokens less likely than this share of the most likely one; 0 drops none. */
  readonly minP?: number;
  /** Divides positive and multiplies negative logits of tokens that count (Keskar et al. 2019); 1 is off. */
  readonly repetitionPenalty?: number;
  /** Subtracted once from the logits of tokens that count. */
  readonly presencePenalty?: number;
  /** Subtracted from a token's logit for each time it counts. */
  readonly frequencyPenalty?: number;
  /** Which tokens count in penalties; `usual` unless said otherwise. */
  readonly penaltyScope?: PenaltyScope;
  /** So many tokens at a text's start are the prompt; `generate` says it unless it was given. None: all of it was written. */
  readonly promptLength?: number;
  /** Tokens that never count where they stand in the prompt: a template's end and special tokens; `generate` names them. */
  readonly uncountedInPrompt?: readonly TokenId[];
  /** Added to single logits. */
  readonly logitBias?: readonly (readonly [TokenId, number])[];
  /** Tokens that can never be drawn. */
  readonly banned?: readonly TokenId[];
}

/**
 * What the prompt has to do with penalties. `usual`: it counts for repetition, and presence and
 * frequency look at what was written alone, as OpenAI and vLLM have it. `all`: it counts for all three,
 * as in llama.cpp. `written`: for none.
 */
export type PenaltyScope = 'usual' | 'all' | 'written';

/** All there are. */
export const PENALTY_SCOPES: readonly PenaltyScope[] = ['usual', 'all', 'written'];

/** Greedy on the raw argmax: nothing to process. */
export const GREEDY: SamplingOptions = { temperature: 0 };

/** True where the raw argmax or softmax is not what the options decide on. */
export function adjustsLogits(options: SamplingOptions): boolean {
  return penalises(options) || (options.logitBias?.length ?? 0) > 0 || (options.banned?.length ?? 0) > 0;
}

/** True where all that is drawn from is on the most likely token: sampling that can write one text only. */
export const isOneHot = (
  { temperature, topK, topP = 1 }: SamplingOptions,
  vocabSize = Number.POSITIVE_INFINITY,
): boolean =>
  // the likeliest of n tokens has 1/n at least
  temperature > 0 && (topK === 1 || topP * vocabSize <= 1);

/** True where a text's own tokens change what comes next. */
export const penalises = (options: SamplingOptions): boolean =>
  (options.repetitionPenalty ?? 1) !== 1 ||
  (options.presencePenalty ?? 0) !== 0 ||
  (options.frequencyPenalty ?? 0) !== 0;

/** Checks user-given options once, at the edge. */
export function checkSampling(options: SamplingOptions, vocabSize: number): void {
  const number = (name: keyof SamplingOptions, low: number, high: number, expected: string) => {
    const value = options[name];
    if (value === undefined) return;
    if (typeof value !== 'number' || !(value >= low && value <= high))
      throw invalidOption(name, expected, value);
  };
  if (options.temperature === undefined) throw invalidOption('temperature', 'given, 0 for greedy', undefined);
  number('temperature', 0, 100, 'a number from 0 to 100');
  number('topK', 0, Number.MAX_SAFE_INTEGER, 'a whole number, 0 to keep all');
  if (!Number.isInteger(options.topK ?? 0)) throw invalidOption('topK', 'a whole number', options.topK);
  number('topP', Number.MIN_VALUE, 1, 'a number above 0, at most 1');
  number('minP', 0, 1, 'a number from 0 to 1');
  number('repetitionPenalty', 1e-3, 1e3, 'a number above 0');
  number('presencePenalty', -100, 100, 'a number from -100 to 100');
  number('frequencyPenalty', -100, 100, 'a number from -100 to 100');
  if (options.penaltyScope !== undefined && !PENALTY_SCOPES.includes(options.penaltyScope)) {
    throw invalidOption('penaltyScope', PENALTY_SCOPES.join(', '), options.penaltyScope);
  }
  const tokens = (name: 'banned' | 'logitBias', ids: readonly TokenId[] = []) => {
    for (const id of ids)
      if (!Number.isInteger(id) || id < 0 || id >= vocabSize)
        throw invalidOption(name, `made of token ids below ${vocabSize}`, id);
  };
  tokens('banned', options.banned);
  tokens(
    'logitBias',
    options.logitBias?.map(([token]) => token),
  );
  for (const [, bias] of options.logitBias ?? []) {
    if (Number.isNaN(bias)) throw invalidOption('logitBias', 'numbers', bias);
  }
  if (new Set(options.banned).size >= vocabSize)
    throw invalidOption('banned', 'fewer than all tokens', 'all');
}

/**
 * Bias, banned tokens and penalties. `history` is the whole text before the position, drafted
 * tokens included. [vocabSize] in, [vocabSize] out, float64.
 */
export function adjustLogits(
  logits: Float32Array,
  options: SamplingOptions,
  history: readonly TokenId[],
): Float64Array {
  const adjusted = Float64Array.from(logits);
  for (const [token, bias] of options.logitBias ?? []) adjusted[token]! += bias;
  for (const token of options.banned ?? []) adjusted[token] = Number.NEGATIVE_INFINITY;
  const repetition = options.repetitionPenalty ?? 1;
  const presence = options.presencePenalty ?? 0;
  const frequency = options.frequencyPenalty ?? 0;
  if (!penalises(options)) return adjusted;
  const { repeated, counted } = countedTokens(options, history);
  for (const token of repeated) {
    const logit = adjusted[token]!;
    adjusted[token] = logit > 0 ? logit / repetition : logit * repetition;
  }
  for (const [token, count] of counted) adjusted[token]! -= presence + frequency * count;
  return adjusted;
}

/** Which tokens of a text the repetition penalty sees, and how often the other two see which. */
export function countedTokens(
  { penaltyScope = 'usual', promptLength = 0, uncountedInPrompt = [] }: SamplingOptions,
  history: readonly TokenId[],
): { readonly repeated: ReadonlySet<TokenId>; readonly counted: ReadonlyMap<TokenId, number> } {
  const uncounted = new Set(uncountedInPrompt);
  const prompt = history.slice(0, promptLength).filter((token) => !uncounted.has(token));
  const written = history.slice(promptLength);
  const counted = new Map<TokenId, number>();
  for (const token of penaltyScope === 'all' ? [...prompt, ...written] : written) {
    counted.set(token, (counted.get(token) ?? 0) + 1);
  }
  return { repeated: new Set(penaltyScope === 'written' ? written : [...prompt, ...written]), counted };
}

/** Probabilities of scores at a temperature above 0, float64. Finite wherever one score is. */
export function softmax(scores: ArrayLike<number>, temperature = 1): Float64Array {
  const highest = scores[argmax(scores)]!;
  if (!Number.isFinite(highest)) {
    throw new JudgeDecodingError(
      'invalid-input',
      `Expected a row of logits with a finite largest value, got ${highest}. The model returned garbage, or every token is banned.`,
    );
  }
  const probs = new Float64Array(scores.length);
  let sum = 0;
  for (let id = 0; id < probs.length; id++)
    sum += probs[id] = Math.exp((scores[id]! - highest) / temperature);
  for (let id = 0; id < probs.length; id++) probs[id]! /= sum;
  return probs;
}

/**
 * The distribution a token is drawn from: adjusted logits, temperature, then top-k, top-p and
 * min-p, renormalised. At temperature 0 all of it is on the most likely token.
 * [vocabSize] float32 in, [vocabSize] float64 out.
 */
export function processLogits(
  logits: Float32Array,
  options: SamplingOptions,
  history: readonly TokenId[],
): Float64Array {
  const adjusted = adjustLogits(logits, options, history);
  if (options.temperature === 0) {
    const certain = new Float64Array(adjusted.length);
    certain[argmax(adjusted)] = 1;
    return certain;
  }
  const probs = softmax(adjusted, options.temperature);
  truncate(probs, options);
  return probs;
}

/** Top-k, top-p and min-p in place. Ties go to the lower id, so draft and target agree on the set. */
function truncate(probs: Float64Array, { topK = 0, topP = 1, minP = 0 }: SamplingOptions): void {
  if ((topK === 0 || topK >= probs.length) && topP === 1 && minP === 0) return;
  const order = Array.from(probs.keys())
    .filter((id) => probs[id]! > 0)
    .sort((a, b) => probs[b]! - probs[a]! || a - b);
  let keep = topK > 0 ? Math.min(topK, order.length) : order.length;
  if (topP < 1) {
    // top-p is taken of what top-k left, renormalised, as in transformers
    let total = 0;
    for (let i = 0; i < keep; i++) total += probs[order[i]!]!;
    let reached = 0;
    let count = 0;
    while (count < keep && reached < topP * total) reached += probs[order[count++]!]!;
    keep = Math.max(1, count);
  }
  const least = minP * probs[order[0]!]!;
  while (keep > 1 && probs[order[keep - 1]!]! < least) keep--;
  let kept = 0;
  for (let i = 0; i < keep; i++) kept += probs[order[i]!]!;
  for (let i = keep; i < order.length; i++) probs[order[i]!] = 0;
  for (let i = 0; i < keep; i++) probs[order[i]!]! /= kept;
}

/** Draws by the inverse of the cumulative distribution over ascending ids; `weights` need not sum to 1. */
export function drawToken(weights: Float64Array, uniform: number): TokenId {
  let total = 0;
  for (const weight of weights) total += weight;
  const goal = uniform * total;
  let reached = 0;
  let last = -1;
  for (let id = 0; id < weights.length; id++) {
    if (weights[id]! <= 0) continue;
    last = id;
    reached += weights[id]!;
    if (reached > goal) return id;
  }
  // rounding can leave `goal` a hair above the sum; and an all-zero row is the caller's to prevent
  if (last < 0)
    throw new JudgeDecodingError('invalid-input', 'Expected a distribution with some weight, got none.');
  return last;
}

/** Index of the largest value, the lowest on a tie; NaN never wins. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! > values[best]! || Number.isNaN(values[best]!)) best = i;
  }
  return best;
}
