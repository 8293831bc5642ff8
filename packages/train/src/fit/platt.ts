import { invalidOption } from '@judge-decoding/core';
import { softplus } from './cross-entropy.ts';

/** score' = slope * logit + intercept. */
export interface Recalibration {
  readonly slope: number;
  readonly intercept: number;
}

/**
 * Platt scaling: the slope and intercept under which sigmoid(slope * logit + intercept) is most
 * likely to have labelled these tokens; after a class-weighted fit the scores are no
 * probabilities. Newton's method on the convex loss, with Platt's soft labels
 * (n+ + 1)/(n+ + 2) and 1/(n- + 2), which keep it finite where the classes are separated.
 * The slope is never turned: where it would not be positive the scores say nothing here, it stays
 * 1, and only the intercept is fitted.
 */
export function recalibrate(logits: Float64Array, correct: Uint8Array): Recalibration {
  const both = newton(logits, correct, true);
  return both.slope > 0 ? both : newton(logits, correct, false);
}

function newton(logits: Float64Array, correct: Uint8Array, moveBoth: boolean): Recalibration {
  const right = correct.reduce((sum, value) => sum + value, 0);
  const wrong = correct.length - right;
  if (right === 0 || wrong === 0)
    throw invalidOption(
      'calibration data',
      'correct and wrong tokens',
      `${right} correct and ${wrong} wrong`,
    );
  const high = (right + 1) / (right + 2);
  const low = 1 / (wrong + 2);
  const lossOf = (slope: number, intercept: number) => {
    let loss = 0;
    for (const [i, logit] of logits.entries()) {
      const z = slope * logit + intercept;
      loss += softplus(z) - (correct[i] === 1 ? high : low) * z;
    }
    return loss;
  };
  let slope = 1;
  let intercept = 0;
  let loss = lossOf(slope, intercept);
  for (let iteration = 0; iteration < 100; iteration++) {
    let [gs, gi, ss, si, ii] = [0, 0, 1e-9, 0, 1e-9];
    for (const [i, logit] of logits.entries()) {
      const p = 1 / (1 + Math.exp(-(slope * logit + intercept)));
      const off = p - (correct[i] === 1 ? high : low);
      const curvature = p * (1 - p);
      gs += off * logit;
      gi += off;
      ss += curvature * logit * logit;
      si += curvature * logit;
      ii += curvature;
    }
    const determinant = ss * ii - si * si;
    const moveSlope = moveBoth ? (ii * gs - si * gi) / determinant : 0;
    const moveIntercept = moveBoth ? (ss * gi - si * gs) / determinant : gi / ii;
    let length = 1;
    let next = loss;
    // halve the step until it helps
    for (; length > 1e-10; length /= 2) {
      next = lossOf(slope - length * moveSlope, intercept - length * moveIntercept);
      if (next < loss) break;
    }
    if (!(next < loss)) break;
    slope -= length * moveSlope;
    intercept -= length * moveIntercept;
    if (loss - next < 1e-12 * Math.abs(loss)) break;
    loss = next;
  }
  return { slope, intercept };
}
