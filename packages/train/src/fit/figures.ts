import { logitOf } from '@judge-decoding/core';
import type { Examples } from './examples.ts';
import { rocAuc } from './roc-auc.ts';
import { sharesAt } from './threshold.ts';

/** How well a score tells correct from wrong tokens, over some of them. */
export interface Figures {
  readonly tokens: number;
  readonly wrong: number;
  /** NaN where a class is missing. */
  readonly auc: number;
  /** Share of the wrong tokens that the threshold stops. */
  readonly recall: number;
  /** Share of the correct tokens that it stops, too. */
  readonly falseRejections: number;
  /** Share of all tokens that it lets in. */
  readonly admitted: number;
  /** Mean |score - truth| over ten equally filled groups: 0 is perfectly calibrated. */
  readonly calibrationError: number;
}

/** Where standard verification rejects (where a judge is asked), and over all labelled tokens. */
export interface HeadFigures {
  readonly mismatches: Figures;
  readonly all: Figures;
}

export function headFigures(
  logits: Float64Array,
  { correct, mismatch }: Examples,
  threshold: number,
): HeadFigures {
  const asked = logits.filter((_, i) => mismatch[i] === 1);
  const truth = correct.filter((_, i) => mismatch[i] === 1);
  return { mismatches: figuresOf(asked, truth, threshold), all: figuresOf(logits, correct, threshold) };
}

function figuresOf(logits: Float64Array, correct: Uint8Array, threshold: number): Figures {
  const shares = sharesAt({ logits, correct }, threshold);
  const cut = logitOf(threshold);
  return {
    tokens: logits.length,
    wrong: correct.reduce((sum, value) => sum + 1 - value, 0),
    auc: rocAuc(logits, correct),
    recall: shares.wrongStopped,
    falseRejections: 1 - shares.correctAdmitted,
    admitted: logits.reduce((sum, logit) => sum + Number(logit > cut), 0) / Math.max(1, logits.length),
    calibrationError: calibrationError(logits, correct),
  };
}

function calibrationError(logits: Float64Array, correct: Uint8Array, groups = 10): number {
  const order = Int32Array.from({ length: logits.length }, (_, i) => i).sort(
    (a, b) => logits[a]! - logits[b]!,
  );
  let error = 0;
  for (let group = 0; group < groups; group++) {
    const part = order.subarray(
      Math.floor((group * order.length) / groups),
      Math.floor(((group + 1) * order.length) / groups),
    );
    let off = 0;
    for (const i of part) off += 1 / (1 + Math.exp(-logits[i]!)) - correct[i]!;
    error += Math.abs(off);
  }
  return error / Math.max(1, logits.length);
}
