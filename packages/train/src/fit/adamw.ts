/** AdamW's settings (Loshchilov and Hutter 2019); betas and epsilon as everywhere. */
export interface AdamWOptions {
  readonly weightDecay: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** Moves parameters against a gradient, in place. Decay is decoupled; the last parameter (the bias) has none. */
export type Optimiser = (parameters: Float64Array, gradient: Float64Array, learningRate: number) => void;

export function adamW(
  size: number,
  { weightDecay, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamWOptions,
): Optimiser {
  const first = new Float64Array(size);
  const second = new Float64Array(size);
  let steps = 0;
  return (parameters, gradient, learningRate) => {
    steps++;
    const correction1 = 1 - beta1 ** steps;
    const correction2 = 1 - beta2 ** steps;
    for (let i = 0; i < size; i++) {
      const g = gradient[i]!;
      first[i] = beta1 * first[i]! + (1 - beta1) * g;
      second[i] = beta2 * second[i]! + (1 - beta2) * g * g;
      const move = first[i]! / correction1 / (Math.sqrt(second[i]! / correction2) + epsilon);
      const decay = i === size - 1 ? 0 : weightDecay * parameters[i]!;
      parameters[i] = parameters[i]! - learningRate * (move + decay);
    }
  };
}
