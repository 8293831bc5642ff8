/** How far two ways to the same number may be apart, in parts of the scale of what is compared. */
export interface Tolerance {
  /** Between passes of different shapes over the same model, and between outputs of one pass. */
  readonly close: number;
  /** Largest gap, in standard deviations of the row's logits, at which an argmax may flip. */
  readonly nearTie: number;
  /** Against the float32 reference, when the subject has golden values. */
  readonly golden: number;
}

const BY_DTYPE: Readonly<Record<string, Tolerance>> = {
  fp32: { close: 1e-4, nearTie: 1e-3, golden: 1e-3 },
  fp16: { close: 5e-3, nearTie: 2e-2, golden: 2e-2 },
  bf16: { close: 3e-2, nearTie: 2e-2, golden: 1e-1 },
  int8: { close: 2e-2, nearTie: 2e-2, golden: 2e-1 },
  int4: { close: 2e-2, nearTie: 2e-2, golden: 1 },
};

/** The one table of tolerances. An unknown type gets the strictest row, never a looser one. */
export function toleranceFor(dtype: string): Tolerance {
  return BY_DTYPE[dtype] ?? BY_DTYPE.fp32!;
}
