/** How far two ways to the same number may be apart, in parts of the scale of what is compared. */
export interface Tolerance {
  /** Between passes of different shapes over the same model, and between outputs of one pass. */
  readonly close: number;
  /** Largest gap, in standard deviations of the row's logits, at which an argmax may flip. */
  readonly nearTie: number;
  /** Against the float32 reference, when the subject has golden values. */
  readonly golden: number;
}

/**
 * int8 and int4 stand for activations rounded to eight bits as well. There a last bit that depends on
 * how a text was cut into passes (where cached and new keys meet, how a kernel takes rows) moves
 * some activation to its next step, and passes of different shapes end up about as far apart as each
 * is from float32. Tiny models were seen to differ by 2.2e-2 of a row's largest logit and to
 * flip at 3.8e-2 of a deviation. 5e-2 is room for that, and the widest at which every saboteur is
 * still caught by its clauses.
 */
const BY_DTYPE: Readonly<Record<string, Tolerance>> = {
  fp32: { close: 1e-4, nearTie: 1e-3, golden: 1e-3 },
  fp16: { close: 5e-3, nearTie: 2e-2, golden: 2e-2 },
  bf16: { close: 3e-2, nearTie: 2e-2, golden: 1e-1 },
  int8: { close: 5e-2, nearTie: 5e-2, golden: 2e-1 },
  int4: { close: 5e-2, nearTie: 5e-2, golden: 1 },
};

/** The one table of tolerances. An unknown type gets the strictest row, never a looser one. */
export function toleranceFor(dtype: string): Tolerance {
  return BY_DTYPE[dtype] ?? BY_DTYPE.fp32!;
}
