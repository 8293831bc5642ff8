import { checkHead, JudgeDecodingError, type JudgeHead, type ModelInfo } from '@judge-decoding/core';
import { breathe, sha256 } from '@judge-decoding/long-work';
import { seededRandom } from '@judge-decoding/tasks';
import type { FeatureSet } from '../features/feature-set.ts';
import type { Watch } from '../progress.ts';
import { buildHead, recalibrated } from './build-head.ts';
import {
  type Examples,
  examplesOf,
  examplesWhere,
  type HeadShape,
  type InputBlock,
  inputsOf,
  logitInputs,
  splitByProblem,
} from './examples.ts';
import { type HeadFigures, headFigures } from './figures.ts';
import { type FitOptions, fitLinear, type LinearFit, requireBothClasses, shuffle } from './fit-linear.ts';
import { type LinearModel, logitsOf } from './linear-model.ts';
import { recalibrate } from './platt.ts';
import { rocAuc } from './roc-auc.ts';
import { calibrationTable, chooseThreshold, type ThresholdRule } from './threshold.ts';

/** The paper's head, the one that remote engines can score, and the comparison with the row before. */
export const HEAD_SHAPES: readonly HeadShape[] = [
  { name: 'pre-norm', terms: [{ state: 'pre-norm', row: 'own' }] },
  { name: 'post-norm', terms: [{ state: 'post-norm', row: 'own' }] },
  {
    name: 'pre-norm-and-previous',
    terms: [
      { state: 'pre-norm', row: 'own' },
      { state: 'pre-norm', row: 'previous' },
    ],
  },
];

export interface FitHeadsOptions extends Watch {
  /** Tokens of training problems: fitted on, but for a part of the problems that stops the fit early. */
  readonly train: FeatureSet;
  /**
   * Tokens of calibration problems: scores are recalibrated and the threshold chosen on them. Best
   * from what the draft writes as it will when it is judged (greedily, say), and nothing else.
   */
  readonly calibration: FeatureSet;
  /** Tokens of problems that nothing else sees: only measured. The calibration tokens when absent. */
  readonly heldOut?: FeatureSet;
  /** The model that the features come from. */
  readonly model: ModelInfo;
  readonly shapes?: readonly HeadShape[];
  /** `mostHarmed: 0.01` when absent: judging may cost about one point in any domain. */
  readonly threshold?: ThresholdRule;
  readonly fit?: Omit<FitOptions, 'signal'>;
  /**
   * Fit where standard verification rejects, the only place where a judge is asked (the default: it
   * tells wrong from correct clearly better there), or on all labelled tokens, as the paper does.
   */
  readonly fitOn?: 'all' | 'mismatches';
  /** Share of the training problems that stop the fit. */
  readonly validationShare?: number;
  /** Heads on shuffled labels; 0 for none. */
  readonly shuffledHeads?: number;
}

export interface FittedHead {
  readonly name: string;
  readonly head: JudgeHead;
  /** On held-out problems (on the calibration problems where there are none). */
  readonly figures: HeadFigures;
  /** `figures` of each domain alone. */
  readonly byDomain: Readonly<Record<string, HeadFigures>>;
  readonly calibrationFigures: HeadFigures;
  /** Passes over the training tokens after which its weights were kept. */
  readonly epochs: number;
}

/** What says whether a head is worth anything. */
export interface Controls {
  /**
   * ROC-AUC where standard verification rejects, of heads of the first shape on shuffled labels, with
   * the held-out labels shuffled, too: 0.5 but for chance, or something leaks.
   */
  readonly shuffledAucs: readonly number[];
  readonly shuffledMean: number;
  readonly shuffledStandardError: number;
  /**
   * The same heads against the true labels. Often below 0.5: of rare kinds of tokens a shuffled fit has
   * mostly seen correct ones only, and wrong tokens are rare.
   */
  readonly shuffledTrueAucs: readonly number[];
  /** The one with the median AUC against the true labels, its threshold at the first head's rate. */
  readonly shuffledHead: JudgeHead | undefined;
  /** Share of asked tokens that the first head lets in on the calibration problems: the rate for `atRandom`. */
  readonly rate: number;
  /** Logistic regressions on the target's own distribution. */
  readonly logits: readonly LogitsRule[];
}

/** score = sigmoid(weights . inputs + bias), inputs: top-1 probability, entropy, and ln p(token) where listed. */
export interface LogitsRule {
  readonly name: string;
  readonly withChosen: boolean;
  readonly weights: readonly number[];
  readonly bias: number;
  readonly threshold: number;
  readonly figures: HeadFigures;
}

export interface FitReport {
  readonly heads: readonly FittedHead[];
  readonly controls: Controls;
  /** Digest over all data that the heads come from. */
  readonly data: string;
  readonly examples: { readonly fitted: number; readonly validation: number; readonly calibration: number };
}

/** All heads of `shapes` from the same labels, and the controls beside them. */
export async function fitHeads(options: FitHeadsOptions): Promise<FitReport> {
  const {
    train,
    calibration,
    heldOut = calibration,
    model,
    shapes = HEAD_SHAPES,
    signal,
    onProgress,
  } = options;
  const { threshold: rule = { mostHarmed: 0.01 }, fitOn = 'mismatches', validationShare = 0.15 } = options;
  const { shuffledHeads = 20 } = options;
  const fit: FitOptions = { ...options.fit, signal };
  const parts = partsOf(train, calibration, heldOut, fitOn, validationShare, fit.seed ?? 0);
  const data = sha256(train.fingerprint, calibration.fingerprint);
  if (train.hiddenSize !== model.hiddenSize) {
    throw new JudgeDecodingError(
      'mismatch',
      `The features have the hidden size ${train.hiddenSize}, ${model.name} has ${model.hiddenSize}. Extract them again with this model.`,
    );
  }

  const heads: FittedHead[] = [];
  for (const [done, shape] of shapes.entries()) {
    onProgress?.({ phase: 'fit', done, total: shapes.length });
    const fitted = await fitLinear(inputsOf(train, shape), parts.fitted, parts.validation, fit);
    heads.push(finishHead(shape, fitted, options, parts, rule, data));
  }
  onProgress?.({ phase: 'fit', done: shapes.length, total: shapes.length });

  const [shape] = shapes;
  const [first] = heads;
  const rate = first?.calibrationFigures.mismatches.admitted ?? 0;
  const shuffled: FittedHead[] = [];
  const nullAucs: number[] = [];
  const asked = examplesWhere(parts.heldOut, (i) => parts.heldOut.mismatch[i] === 1);
  if (shape !== undefined) {
    for (let seed = 0; seed < shuffledHeads; seed++) {
      onProgress?.({ phase: 'controls', done: seed, total: shuffledHeads });
      // as long as the real head: stopped early, it would learn nothing at all and prove nothing
      const epochs = Math.max(1, first?.epochs ?? 1);
      const labels = withShuffledLabels(parts.fitted, seed);
      const fitted = await fitLinear(inputsOf(train, shape), labels, undefined, { ...fit, seed, epochs });
      const nullLabels = withShuffledLabels(asked, seed).correct;
      nullAucs.push(rocAuc(logitsOf(fitted.model, inputsOf(heldOut, shape), asked), nullLabels));
      const name = `shuffled-${seed}`;
      shuffled.push(finishHead({ ...shape, name }, fitted, options, parts, { admitted: rate }, data));
    }
    onProgress?.({ phase: 'controls', done: shuffledHeads, total: shuffledHeads });
  }
  await breathe(signal);
  return {
    heads,
    controls: {
      ...shuffledFigures(shuffled, nullAucs),
      rate,
      logits: [
        await logitsRule(false, options, parts, rule, fit),
        await logitsRule(true, options, parts, rule, fit),
      ],
    },
    data,
    examples: {
      fitted: parts.fitted.count,
      validation: parts.validation.count,
      calibration: parts.calibration.count,
    },
  };
}

interface Parts {
  readonly fitted: Examples;
  readonly validation: Examples;
  readonly calibration: Examples;
  readonly heldOut: Examples;
}

function partsOf(
  train: FeatureSet,
  calibration: FeatureSet,
  heldOut: FeatureSet,
  fitOn: 'all' | 'mismatches',
  validationShare: number,
  seed: number,
): Parts {
  const trained = new Set(train.solutions.map(({ problem }) => problem));
  const shared = [...calibration.solutions, ...heldOut.solutions].find(({ problem }) => trained.has(problem));
  if (shared !== undefined) {
    throw new JudgeDecodingError(
      'invalid-input',
      `The problem ${shared.problem} is both trained and measured on. Take them from different splits.`,
    );
  }
  const all = examplesOf(train);
  const kept = fitOn === 'all' ? all : examplesWhere(all, (i) => all.mismatch[i] === 1);
  const { rest, part } = splitByProblem(kept, validationShare, seed);
  return {
    fitted: rest,
    validation: part,
    calibration: examplesOf(calibration),
    heldOut: examplesOf(heldOut),
  };
}

/**
 * Recalibrates a fit and chooses its threshold, both on the calibration tokens that standard
 * verification rejects: there its score is the chance that the token is correct.
 */
function finish(
  model: LinearModel,
  inputs: (set: FeatureSet) => readonly InputBlock[],
  { calibration, heldOut = calibration }: FitHeadsOptions,
  parts: Parts,
  rule: ThresholdRule,
) {
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
  return {
    final,
    threshold,
    table: calibrationTable(judged, threshold),
    calibrationFigures,
    figures: headFigures(logits, parts.heldOut, threshold),
    byDomain: figuresByDomain(heldOut, logits, parts.heldOut, threshold),
  };
}

function domainsOf({ solutions, columns }: FeatureSet, { row }: Examples) {
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

function finishHead(
  shape: HeadShape,
  fitted: LinearFit,
  options: FitHeadsOptions,
  parts: Parts,
  rule: ThresholdRule,
  data: string,
): FittedHead {
  const done = finish(fitted.model, (set) => inputsOf(set, shape), options, parts, rule);
  const head = buildHead(done.final, shape, options.model, {
    data,
    metrics: metricsOf(done.figures),
    calibration: done.table,
    threshold: done.threshold,
  });
  checkHead(head, options.model);
  const { figures, byDomain, calibrationFigures } = done;
  return { name: shape.name, head, figures, byDomain, calibrationFigures, epochs: fitted.bestEpoch };
}

/** Names as they stand in head files. */
function metricsOf({ mismatches, all }: HeadFigures): Record<string, number> {
  const named = {
    'ROC-AUC at mismatches': mismatches.auc,
    'recall on wrong tokens at mismatches': mismatches.recall,
    'false rejections at mismatches': mismatches.falseRejections,
    'calibration error at mismatches': mismatches.calibrationError,
    'tokens at mismatches': mismatches.tokens,
    'wrong tokens at mismatches': mismatches.wrong,
    'ROC-AUC over all tokens': all.auc,
    'recall on wrong tokens over all tokens': all.recall,
    'false rejections over all tokens': all.falseRejections,
    'tokens over all': all.tokens,
    'wrong tokens over all': all.wrong,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => Number.isFinite(value)));
}

function withShuffledLabels(examples: Examples, seed: number): Examples {
  const correct = examples.correct.slice();
  shuffle(correct, seededRandom('shuffled labels', seed, examples.count));
  return { ...examples, correct };
}

function shuffledFigures(shuffled: readonly FittedHead[], nullAucs: readonly number[]) {
  const mean = nullAucs.reduce((sum, auc) => sum + auc, 0) / nullAucs.length;
  const variance = nullAucs.reduce((sum, auc) => sum + (auc - mean) ** 2, 0) / (nullAucs.length - 1);
  const byAuc = [...shuffled].sort((a, b) => a.figures.mismatches.auc - b.figures.mismatches.auc);
  return {
    shuffledAucs: nullAucs,
    shuffledMean: mean,
    shuffledStandardError: Math.sqrt(variance / nullAucs.length),
    shuffledTrueAucs: shuffled.map(({ figures }) => figures.mismatches.auc),
    shuffledHead: byAuc[byAuc.length >> 1]?.head,
  };
}

async function logitsRule(
  withChosen: boolean,
  options: FitHeadsOptions,
  parts: Parts,
  rule: ThresholdRule,
  fit: FitOptions,
): Promise<LogitsRule> {
  // each of these asks about mismatches only, and is fitted there: elsewhere the answer is known
  const at = (examples: Examples) => examplesWhere(examples, (i) => examples.mismatch[i] === 1);
  const inputs = (set: FeatureSet) => logitInputs(set, withChosen);
  const settings = { ...fit, learningRate: 1e-2, weightDecay: 0 };
  const fitted = await fitLinear(inputs(options.train), at(parts.fitted), at(parts.validation), settings);
  const { final, threshold, figures } = finish(fitted.model, inputs, options, parts, rule);
  return {
    name: withChosen ? 'top-1 probability, entropy, ln p(token)' : 'top-1 probability, entropy',
    withChosen,
    weights: [...final.weights],
    bias: final.bias,
    threshold,
    figures,
  };
}
