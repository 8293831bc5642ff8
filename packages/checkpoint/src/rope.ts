import type { ModelConfig } from './model-config.ts';

/**
 * Angle per position of each pair of a head: at position n, elements i and i + headDim / 2 turn
 * by n · frequencies[i]. Scaling included; float64, so that the caller rounds once. [headDim / 2]
 */
export function inverseFrequencies({ headDim, rope }: Pick<ModelConfig, 'headDim' | 'rope'>): Float64Array {
  const { theta, scaling } = rope;
  return Float64Array.from({ length: headDim / 2 }, (_, i) => {
    const frequency = theta ** (-(2 * i) / headDim);
    if (scaling === null) return frequency;
    if (scaling.type === 'linear') return frequency / scaling.factor;

    // Llama 3.1: short waves stay, long ones are stretched, those between are blended
    const turns = (scaling.originalContextLength * frequency) / (2 * Math.PI);
    const { factor, lowFrequencyFactor: low, highFrequencyFactor: high } = scaling;
    if (turns < low) return frequency / factor;
    if (turns > high) return frequency;
    const kept = (turns - low) / (high - low);
    return (1 - kept) * (frequency / factor) + kept * frequency;
  });
}
