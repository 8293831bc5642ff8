import { checkHead, JudgeDecodingError, type JudgeHead, type ModelInfo } from '@judge-decoding/core';
import { breathe, sha256 } from '@judge-decoding/long-work';
import { seededRandom } from '@judge-decoding/tasks';
import type { FeatureSet } from '../features/feature-set.ts';
import type { Watch } from '../progress.ts';
import type { AucEstimate } from './auc-interval.ts';
import { buildHead } from './build-head.ts';
import type { Curves, ExpectedLoss } from './curves.ts';
import {
  type Examples,
  examplesOf,
  examplesWhere,
  type HeadShape,
  inputsOf,
  logitInputs,
  splitByProblem,
} from './examples.ts';
import type { HeadFigures } from './figures.ts';
import { finish, type Parts } from './finish.ts';
import { type FitOptions, fitLinear, shuffle } from './fit-linear.ts';
import { fitLogistic, type GridPoint, type LogisticOptions } from './fit-logistic.ts';
import type { FitKeeper } from './fit-state.ts';
import { type LinearModel, logitsOf } from './linear-model.ts';
import { rocAuc } from './roc-auc.ts';
import { type SignalFigures, signalFigures } from './signals.ts';
import type { ThresholdRule } from './threshold.ts';

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
  /** AdamW, stopped early, or logistic regression to convergence over a grid of C. `adamw` when absent. */
  readonly recipe?: 'adamw' | 'logistic';
  readonly logistic?: Omit<LogisticOptions, 'signal' | 'wrongWeight'>;
  /** How the heads are made, as people read it; travels in their files. */
  readonly made?: Readonly<Record<string, string>>;
  /** Keeps how far each fit has come, so that one that was killed goes on and ends with the same weights. */
  readonly keeper?: FitKeeper | undefined;
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
  /** On held-out tokens that standard verification rejects. */
  readonly loss: ExpectedLoss;
  readonly curves: Curves;
  readonly auc: AucEstimate;
  /** Passes over the training tokens after which its weights were kept; 0 where it was fitted to convergence. */
  readonly epochs: number;
  /** What each C gave, where there was a grid. */
  readonly grid: readonly GridPoint[];
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
  /** What one number of the target's distribution tells by itself, among held-out tokens that are asked about. */
  readonly signals: readonly SignalFigures[];
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
  const { train, calibration, heldOut = calibration, shapes = HEAD_SHAPES, signal, onProgress } = options;
  const { threshold: rule = { mostHarmed: 0.01 }, fitOn = 'mismatches', validationShare = 0.15 } = options;
  const { shuffledHeads = 20, keeper } = options;
  const fit: FitOptions = { ...options.fit, signal };
  checkModel(options);
  const parts = partsOf(train, calibration, heldOut, fitOn, validationShare, fit.seed ?? 0);
  const data = sha256(train.fingerprint, calibration.fingerprint);
  const keptAs = (name: string) =>
    keeper === undefined ? undefined : { keeper, name, data: `${data}/${fitOn}` };

  const heads: FittedHead[] = [];
  for (const [done, shape] of shapes.entries()) {
    onProgress?.({ phase: 'fit', done, total: shapes.length });
    const inputs = inputsOf(train, shape);
    if (options.recipe === 'logistic') {
      const settings = {
        ...options.logistic,
        wrongWeight: fit.wrongWeight ?? 'balanced',
        budget: fit.budget,
        signal,
      };
      const fitted = await fitLogistic(inputs, parts.fitted, parts.validation, settings, keptAs(shape.name));
      heads.push(headOf(shape, fitted.model, options, parts, rule, data, { epochs: 0, grid: fitted.grid }));
    } else {
      const fitted = await fitLinear(inputs, parts.fitted, parts.validation, fit, keptAs(shape.name));
      heads.push(
        headOf(shape, fitted.model, options, parts, rule, data, { epochs: fitted.bestEpoch, grid: [] }),
      );
    }
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
      const epochs = first === undefined || first.epochs === 0 ? SHUFFLED_EPOCHS : first.epochs;
      const labels = withShuffledLabels(parts.fitted, seed);
      const settings = { ...fit, seed, epochs };
      const fitted = await fitLinear(
        inputsOf(train, shape),
        labels,
        undefined,
        settings,
        keptAs(`shuffled-${seed}`),
      );
      const nullLabels = withShuffledLabels(asked, seed).correct;
      nullAucs.push(rocAuc(logitsOf(fitted.model, inputsOf(heldOut, shape), asked), nullLabels));
      const name = `shuffled-${seed}`;
      shuffled.push(
        headOf({ ...shape, name }, fitted.model, options, parts, { admitted: rate }, data, {
          epochs,
          grid: [],
        }),
      );
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
      signals: signalFigures(heldOut, asked),
    },
    data,
    examples: {
      fitted: parts.fitted.count,
      validation: parts.validation.count,
      calibration: parts.calibration.count,
    },
  };
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

/** So long a head on shuffled labels is fitted where the real one went to convergence. */
const SHUFFLED_EPOCHS = 10;

/** Features of another model, or of another tokenizer, are refused by name. */
function checkModel({ train, calibration, heldOut = calibration, model }: FitHeadsOptions): void {
  for (const [what, { hiddenSize, target }] of Object.entries({ train, calibration, heldOut })) {
    const refuse = (kind: string, theirs: string | number, ours: string | number) => {
      throw new JudgeDecodingError(
        'mismatch',
        `The ${what} features have the ${kind} ${theirs}, ${model.name} has ${ours}. Extract them again with this model.`,
      );
    };
    if (hiddenSize !== model.hiddenSize) refuse('hidden size', hiddenSize, model.hiddenSize);
    if (target === undefined) continue;
    for (const kind of ['tokenizer', 'architecture', 'weights'] as const) {
      const [theirs, ours] = [target.fingerprint[kind], model.fingerprint[kind]];
      if (theirs !== ours) refuse(kind, theirs.slice(0, 12), ours.slice(0, 12));
    }
  }
}

function headOf(
  shape: HeadShape,
  fitted: LinearModel,
  options: FitHeadsOptions,
  parts: Parts,
  rule: ThresholdRule,
  data: string,
  made: Pick<FittedHead, 'epochs' | 'grid'>,
): FittedHead {
  const { calibration, heldOut = calibration, model } = options;
  const done = finish(fitted, (set) => inputsOf(set, shape), { calibration, heldOut }, parts, rule);
  const head = buildHead(done.final, shape, model, {
    data,
    metrics: metricsOf(done.figures),
    calibration: done.table,
    threshold: done.threshold,
    ...(options.made === undefined ? {} : { made: options.made }),
  });
  checkHead(head, model);
  const { figures, byDomain, calibrationFigures, loss, curves, auc } = done;
  return { name: shape.name, head, figures, byDomain, calibrationFigures, loss, curves, auc, ...made };
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
  const { calibration, heldOut = calibration } = options;
  const { final, threshold, figures } = finish(fitted.model, inputs, { calibration, heldOut }, parts, rule);
  return {
    name: withChosen ? 'top-1 probability, entropy, ln p(token)' : 'top-1 probability, entropy',
    withChosen,
    weights: [...final.weights],
    bias: final.bias,
    threshold,
    figures,
  };
}
