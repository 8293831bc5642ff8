import type { CalibrationPoint } from '@judge-decoding/core';
import type { FeatureSet } from '../features/feature-set.ts';
import { type AucEstimate, aucEstimate } from './auc-interval.ts';
import { recalibrated } from './build-head.ts';
import { type Curves, curvesOf, type ExpectedLoss, expectedLoss } from './curves.ts';
import { type Examples, examplesWhere, type InputBlock } from './examples.ts';
import { type HeadFigures, headFigures } from './figures.ts';
import { requireBothClasses } from './fit-linear.ts';
import { type LinearModel, logitsOf } from './linear-model.ts';
import { recalibrate } from './platt.ts';
import { calibrationTable, chooseThreshold, type ThresholdRule } from './threshold.ts';

/** What is fitted on, what stops the fit, what thresholds are chosen on, what is only measured. */
export interface Parts {
  readonly fitted: Examples;
  readonly validation: Examples;
  readonly calibration: Examples;
  readonly heldOut: Examples;
}

/** A fit whose scores are probabilities, with a threshold, and how it does. */
export interface Finished {
  readonly final: LinearModel;
  readonly threshold: number;
  readonly table: readonly CalibrationPoint[];
  readonly calibrationFigures: HeadFigures;
  readonly figures: HeadFigures;
  readonly byDomain: Readonly<Record<string, HeadFigures>>;
  /** On held-out tokens that standard verification rejects. */
  readonly loss: ExpectedLoss;
  readonly curves: Curves;
  readonly auc: AucEstimate;
}

/**
 * Recalibrates a fit and chooses its threshold, both on the calibration tokens that standard
 * verification rejects: there its score is the chance that the token is correct.
 */
export function finish(
  model: LinearModel,
  inputs: (set: FeatureSet) => readonly InputBlock[],
  { calibration, heldOut }: { readonly calibration: FeatureSet; readonly heldOut: FeatureSet },
  parts: Parts,
  rule: ThresholdRule,
): Finished {
  const asked = examplesWhere(parts.calibration, (i) => parts.calibration.mismatch[i] === 1);
  requireBothClasses(asked, 'among the calibration tokens that standard verification rejects');
  const final = recalibrated(model, recalibrate(logitsOf(model, inputs(calibration), asked), asked.correct));
  const judged = {
    logits: logitsOf(final, inputs(calibration), asked),
    correct: asked.correct,
    domains: domainsOf(calibration, asked),
  };
  const threshold = chooseThreshold(judged, rule);
  const calibrationFigures = headFigures(
    logitsOf(final, inputs(calibration), parts.calibration),
    parts.calibration,
    threshold,
  );
  const logits = logitsOf(final, inputs(heldOut), parts.heldOut);
  const rejected = examplesWhere(parts.heldOut, (i) => parts.heldOut.mismatch[i] === 1);
  const scores = logits.filter((_, i) => parts.heldOut.mismatch[i] === 1);
  const answerOf = Int32Array.from(rejected.row, (row) => heldOut.columns.solution[row]!);
  return {
    final,
    threshold,
    table: calibrationTable(judged, threshold),
    calibrationFigures,
    figures: headFigures(logits, parts.heldOut, threshold),
    loss: expectedLoss(scores, rejected.correct, answerOf, heldOut.solutions.length, threshold),
    curves: curvesOf(scores, rejected),
    auc: aucEstimate(scores, rejected),
    byDomain: figuresByDomain(heldOut, logits, parts.heldOut, threshold),
  };
}

export function domainsOf({ solutions, columns }: FeatureSet, { row }: Examples) {
  const names = [...new Set(solutions.map(({ domain }) => domain))];
  return {
    of: Int32Array.from(row, (at) => names.indexOf(solutions[columns.solution[at]!]!.domain)),
    solutions: names.map((name) => solutions.filter(({ domain }) => domain === name).length),
  };
}

function figuresByDomain(
  { solutions, columns }: FeatureSet,
  logits: Float64Array,
  examples: Examples,
  threshold: number,
): Record<string, HeadFigures> {
  const domainOf = (i: number) => solutions[columns.solution[examples.row[i]!]!]!.domain;
  const domains = [...new Set(solutions.map(({ domain }) => domain))];
  return Object.fromEntries(
    domains.map((domain) => {
      const part = examplesWhere(examples, (i) => domainOf(i) === domain);
      return [
        domain,
        headFigures(
          logits.filter((_, i) => domainOf(i) === domain),
          part,
          threshold,
        ),
      ];
    }),
  );
}
