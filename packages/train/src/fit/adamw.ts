/** AdamW's settings (Loshchilov and Hutter 2019); betas and epsilon as everywhere. */
export interface AdamWOptions {
  readonly weightDecay: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** Moves parameters against a gradient, in place. Decay is decoupled; the last parameter (the bias) has none. */
export interface Optimiser {
  step(parameters: Float64Array, gradient: Float64Array, learningRate: number): void;
  /** Moving averages, to be kept and put back. */
  readonly first: Float64Array;
  readonly second: Float64Array;
  steps: number;
}

export function adamW(
  size: number,
  { weightDecay, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamWOptions,
): Optimiser {
  const first = new Float64Array(size);
  const second = new Float64Array(size);
  return {
    first,
    second,
    steps: 0,
    step(parameters, gradient, learningRate) {
      this.steps++;
      const correction1 = 1 - beta1 ** this.steps;
      const correction2 = 1 - beta2 ** this.steps;
      for (let i = 0; i < size; i++) {
        const g = gradient[i]!;
        first[i] = beta1 * first[i]! + (1 - beta1) * g;
        second[i] = beta2 * second[i]! + (1 - beta2) * g * g;
        const move = first[i]! / correction1 / (Math.sqrt(second[i]! / correction2) + epsilon);
        const decay = i === size - 1 ? 0 : weightDecay * parameters[i]!;
        parameters[i] = parameters[i]! - learningRate * (move + decay);
      }
    },
  };
}
