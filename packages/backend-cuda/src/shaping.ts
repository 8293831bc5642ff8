import { countedTokens, penalises, type SamplingOptions, type TokenId } from '@judge-decoding/core';
import type { EngineShaping } from './engine.ts';

/** Sampling options as the device takes them: what bias, bans and a text's own tokens change, listed by token. */
export function engineShaping(options: SamplingOptions, history: readonly TokenId[]): EngineShaping {
  const changes = new Map<TokenId, { bias: number; count: number; repeated: number }>();
  const changeOf = (token: TokenId) => {
    const known = changes.get(token) ?? { bias: 0, count: 0, repeated: 0 };
    changes.set(token, known);
    return known;
  };
  for (const [token, bias] of options.logitBias ?? []) changeOf(token).bias += bias;
  for (const token of options.banned ?? []) changeOf(token).bias = Number.NEGATIVE_INFINITY;
  if (penalises(options)) {
    const { repeated, counted } = countedTokens(options, history);
    for (const token of repeated) changeOf(token).repeated = 1;
    for (const [token, count] of counted) changeOf(token).count = count;
  }
  const all = [...changes.values()];
  return {
    temperature: options.temperature,
    topK: options.topK ?? 0,
    topP: options.topP ?? 1,
    minP: options.minP ?? 0,
    repetition: options.repetitionPenalty ?? 1,
    presence: options.presencePenalty ?? 0,
    frequency: options.frequencyPenalty ?? 0,
    tokens: Int32Array.from(changes.keys()),
    bias: Float64Array.from(all, ({ bias }) => bias),
    counts: Int32Array.from(all, ({ count }) => count),
    repeated: Int32Array.from(all, ({ repeated }) => repeated),
  };
}
