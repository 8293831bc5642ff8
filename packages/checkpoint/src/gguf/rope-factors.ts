import type { RopeScaling } from '../model-config.ts';
import { inverseFrequencies } from '../rope.ts';

/** What every Llama from 3.1 on was made with, but for the factor: 8 or 32. */
const LLAMA3 = { lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 8192 } as const;

/**
 * GGUF files keep no settings of llama3 scaling, only what follows from them: a divisor for every
 * frequency (`rope_freqs.weight`, float32, [headDim / 2]). Finds the settings again, so that the
 * model is the same as from its folder; `undefined` where no usual ones lead to these divisors.
 */
export function scalingFromDivisors(
  divisors: Float32Array,
  rope: { readonly theta: number; readonly headDim: number },
): RopeScaling | null | undefined {
  const factor = divisors.reduce((most, divisor) => Math.max(most, divisor), 1);
  if (divisors.every((divisor) => divisor === 1)) return null;
  const scaling: RopeScaling = { type: 'llama3', factor, ...LLAMA3 };
  const plain = inverseFrequencies({ headDim: rope.headDim, rope: { theta: rope.theta, scaling: null } });
  const scaled = inverseFrequencies({ headDim: rope.headDim, rope: { theta: rope.theta, scaling } });
  // converters compute in float32, so the blended ones may be off by a few units in the last place
  const agrees = divisors.every((divisor, i) => Math.abs((divisor * scaled[i]!) / plain[i]! - 1) < 1e-5);
  return Number.isFinite(factor) && agrees ? scaling : undefined;
}
