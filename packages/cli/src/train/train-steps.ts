import { join } from 'node:path';
import { type AbortSignalLike, JudgeDecodingError, type Model } from '@judge-decoding/core';
import { sha256 } from '@judge-decoding/long-work';
import {
  type AfterError,
  AS_JUDGED,
  ablations,
  atThreshold,
  extractFeatures,
  FEW_TOKENS,
  type FeatureName,
  type FeatureSet,
  type FitHeadsOptions,
  type FittedHead,
  featuresOf,
  fitHeads,
  foldedAuc,
  HEAD_SHAPES,
  keepIn,
  type LabelledData,
  labelWith,
  PAPER_RECIPE,
  type Progress,
  peopleLabels,
  readFeatures,
  readSolutions,
  type SplitFeatures,
  sayFolds,
  splitFeatures,
  type TrainReport,
  thresholdLike,
} from '@judge-decoding/train';
import { checkDataSet, type DataSetRow, parseDataSet } from '@judge-decoding/train/data-set';
import type { LabelWay, TrainFlags } from '../options/train-flags.ts';
import type { OpenedModel, Pair } from '../pair/open-pair.ts';
import { labelSource, labelWay, requireGradable } from './label-source.ts';
import { readDataSet } from './read-data-set.ts';
import { type TrainProblems, trainProblems } from './train-problems.ts';

/** What every step is watched and stopped by. */
export interface Watched {
  readonly signal: AbortSignalLike;
  readonly onProgress: (progress: Progress) => void;
}

export const labelsFolder = (work: string): string => join(work, 'labels');
export const featuresFolder = (work: string): string => join(work, 'features');

/** Labels by whatever way, kept in `work` where models made them. */
export async function makeLabels(
  flags: TrainFlags,
  work: string,
  pair: Pair,
  watch: Watched,
): Promise<{
  readonly data: LabelledData;
  readonly way: LabelWay;
  readonly said: string;
  /** Problems that are to be labelled; rows, where people did. */
  readonly asked: number;
  /** What was left out, a sentence each. */
  readonly notes: readonly string[];
}> {
  const way = labelWay(flags);
  const { target } = pair;
  if (way === 'people') return { way, ...(await fromPeople(flags.data!, pair)) };
  const problems = await problemsFor(flags, pair);
  const notes = problems.tooLong.length === 0 ? [] : [sayTooLong(problems.tooLong)];
  requireGradable(problems, way);
  const source = labelSource(flags, way, { target, draft: draftOf(pair) }, problems);
  const folder = labelsFolder(work);
  // one question at a time is what a kill may cost where each takes seconds
  const problemsPerShard = way === 'exact' ? 10 : 1;
  const soFar = flags.soFar === true;
  if (!soFar) await labelWith({ ...watch, problems: problems.problems, source, folder, problemsPerShard });
  const data = await readSolutions(folder, { unfinished: soFar ? 'taken' : 'refused' });
  requireLabels(data, problems, way);
  const { labelled, asked } = data;
  const said = labelled < asked ? `${labelled} of ${problems.said}` : problems.said;
  if (flags.like === undefined) return { data, way, said, asked, notes };
  const { solutions, threshold } = await likeEquivalence(data, flags.like);
  const fingerprint = sha256(data.fingerprint, String(threshold));
  const how = `correct where a token loses less than ${threshold.toFixed(3)} nats, as ${flags.like} has it`;
  return { data: { solutions, fingerprint }, way, said: `${said}, ${how}`, asked, notes };
}

const sayTooLong = (ids: readonly string[]): string =>
  `${ids.length === 1 ? 'One question is' : `${ids.length} questions are`} too long for the models’ contexts, and left out: ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ' …' : ''}.`;

/** Problems that both models can read. */
export const problemsFor = (flags: TrainFlags, pair: Pair): Promise<TrainProblems> =>
  trainProblems(flags, pair.target, { target: pair.target.model, draft: draftOf(pair) });

/** The labels at the threshold that SelfJudge would set: by what equivalence says of some of the same tokens. */
async function likeEquivalence({ solutions }: LabelledData, folder: string) {
  const equivalent = await readSolutions(folder, { unfinished: 'taken' });
  const threshold = thresholdLike(solutions, equivalent.solutions);
  return { solutions: atThreshold(solutions, threshold), threshold };
}

async function fromPeople(file: string, { target, draft }: Pair) {
  const { tokenizer, model } = target;
  const lengths = [model.info.contextLength];
  if (typeof draft !== 'string') lengths.push(draft.model.info.contextLength);
  const text = await readDataSet(file);
  const rows = parseDataSet(text, file);
  const { lines } = checkDataSet(text, file);
  const lineOf = new Map(rows.map((row, i) => [row, lines[i]]));
  const whereOf = (row: DataSetRow) => `${file}:${lineOf.get(row)}`;
  const contextLength = Math.min(...lengths);
  const data = peopleLabels({ rows, tokenizer, where: whereOf, contextLength });
  return {
    data,
    asked: rows.length,
    said: `${rows.length} rows of ${file.split('/').at(-1)}, ${data.open} of them open`,
    notes:
      data.open === 0
        ? []
        : [
            `${data.open === 1 ? 'One answer is' : `${data.open} answers are`} not used: undecided, as many for one as for the other, or flagged. Mark with judge annotate ${file}.`,
          ],
  };
}

function requireLabels({ solutions }: LabelledData, { problems }: TrainProblems, way: LabelWay): void {
  if (solutions.length > 0) return;
  throw new JudgeDecodingError(
    'invalid-input',
    `Expected labels, found none in ${problems.length} problems${
      way === 'equivalence'
        ? ': the target solves none of them. Compare answers instead (--compare answer), or ask easier questions'
        : ''
    }.`,
  );
}

export function draftOf({ draft }: Pair): Model {
  if (typeof draft !== 'string') return draft.model;
  throw new JudgeDecodingError(
    'invalid-option',
    `Expected a draft model, got ${draft}: labels are about what a draft would write. Name one with --draft.`,
  );
}

/** The target's states at every label. */
export async function makeFeatures(
  flags: TrainFlags,
  work: string,
  pair: Pair,
  data: LabelledData,
  way: LabelWay,
  watch: Watched,
): Promise<FeatureSet> {
  const { target } = pair;
  const { afterMistake = 'mask', draftLength = 16, keepAgreed = 0.1, seed = 0 } = flags;
  // labels that may change in their midst: each state of them has features of its own
  const folder =
    flags.soFar || flags.like !== undefined || way === 'people'
      ? `${featuresFolder(work)}-${data.fingerprint.slice(0, 8)}`
      : featuresFolder(work);
  const withDraft = typeof pair.draft !== 'string';
  await extractFeatures({
    ...watch,
    data,
    target: target.model,
    // also for the KL control
    ...(withDraft ? { draft: draftOf(pair) } : {}),
    folder,
    states: statesOf(flags, target.model),
    draftLength,
    keepAgreed,
    seed,
    afterError: afterMistake as AfterError,
    solutionsPerShard: way === 'exact' ? 32 : 8,
  });
  return readFeatures(folder);
}

function statesOf({ layers = [], draftStates }: TrainFlags, { info }: Model): FeatureName[] {
  const offered = info.layersOffered ?? [];
  const asked = layers.includes('all') ? offered : layers.map(Number);
  return [
    ...asked.map((layer): FeatureName => `layer-${layer}`),
    'pre-norm',
    'post-norm',
    ...(draftStates ? (['draft-pre-norm'] as const) : []),
  ];
}

/** Heads and what they are compared with, from features that are there. */
export async function makeHeads(
  flags: TrainFlags,
  work: string,
  features: FeatureSet,
  { model }: OpenedModel,
  made: TrainReport['facts'],
  watch: Watched,
): Promise<Pick<TrainReport, 'fit' | 'ablations' | 'domains' | 'notes'>> {
  const { recipe = 'logistic', fitOn = 'mismatches', seed = 0, epochs } = flags;
  // solutions that a draft wrote greedily are there where the world's truth is known
  const judged = new Set(AS_JUDGED.map(({ name }) => name));
  const some = features.solutions.some(({ source }) => judged.has(source));
  const parts = splitFeatures(features, {
    seed,
    ...(some ? { measuredOn: (source) => judged.has(source) } : {}),
  });
  const layers = Object.keys(features.states).filter((name): name is `layer-${number}` =>
    name.startsWith('layer-'),
  );
  const shapes = [
    ...HEAD_SHAPES,
    ...layers.map((state) => ({ name: state, terms: [{ state, row: 'own' as const }] })),
  ];
  const how = {
    ...watch,
    model: model.info,
    fitOn: fitOn as 'mismatches' | 'all',
    recipe: recipe === 'logistic' ? 'logistic' : 'adamw',
    fit: { seed, ...(recipe === 'paper' ? PAPER_RECIPE : {}), ...(epochs === undefined ? {} : { epochs }) },
    threshold: thresholdOf(flags),
    made: Object.fromEntries(made),
  } satisfies Partial<FitHeadsOptions>;
  const fits = join(work, 'fits');
  const fit = await fitHeads({ ...how, ...parts, shapes, keeper: keepIn(fits) });
  const { domains, notes } = flags.perDomain
    ? await headsByDomain(parts, how, fits)
    : { domains: [], notes: [] };
  const folds = fit.heads.some(({ auc }) => auc.wrong < FEW_TOKENS)
    ? await overFolds(features, seed, watch)
    : [];
  const { train, heldOut } = parts;
  const compared =
    flags.ablations === false ? [] : await ablations({ ...watch, train, heldOut, fitOn: how.fitOn, seed });
  return { fit, domains, notes: [...folds, ...notes], ablations: compared };
}

/** What is said of few labels; nothing where they are too few for folds, too. */
async function overFolds(
  features: FeatureSet,
  seed: number,
  { signal }: Watched,
): Promise<readonly string[]> {
  try {
    const found = await foldedAuc(features, HEAD_SHAPES[0]!, { seed, signal });
    return [sayFolds(found, new Set(features.solutions.map(({ problem }) => problem)).size)];
  } catch (error) {
    if (!JudgeDecodingError.is(error, 'invalid-input')) throw error;
    return [];
  }
}

/** A head for each domain, of its problems alone; a note where a domain has too little for one. */
async function headsByDomain(
  { train, calibration, heldOut }: SplitFeatures,
  how: Pick<FitHeadsOptions, 'model'>,
  fits: string,
): Promise<{ readonly domains: readonly FittedHead[]; readonly notes: readonly string[] }> {
  const domains: FittedHead[] = [];
  const notes: string[] = [];
  for (const domain of new Set(train.solutions.map((one) => one.domain))) {
    const only = (set: FeatureSet) => featuresOf(set, (one) => one === domain);
    try {
      const { heads } = await fitHeads({
        ...how,
        train: only(train),
        calibration: only(calibration),
        heldOut: only(heldOut),
        shapes: [{ ...HEAD_SHAPES[0]!, name: headName(domain) }],
        shuffledHeads: 0,
        keeper: keepIn(fits),
      });
      domains.push(...heads);
    } catch (error) {
      if (!JudgeDecodingError.is(error, 'invalid-input')) throw error;
      notes.push(`There is no head for ${domain} alone. ${error.message}`);
    }
  }
  return { domains, notes };
}

/** A domain may be called anything, a head in a file may not. */
const headName = (domain: string): string => domain.replace(/[^\w-]+/g, '-').slice(0, 64);

function thresholdOf({
  recall,
  loss,
  lossBy = 'answers',
}: TrainFlags): NonNullable<FitHeadsOptions['threshold']> {
  if (recall !== undefined) return { leastWrongStopped: recall };
  return lossBy === 'answers' ? { mostHarmed: loss ?? 0.01 } : { mostWrong: loss ?? 0.01 };
}

export const sayThreshold = (flags: TrainFlags): string =>
  flags.recall !== undefined
    ? `stops ${100 * flags.recall} % of the wrong tokens of the calibration problems`
    : `may let wrong tokens into ${100 * (flags.loss ?? 0.01)} % of the ${flags.lossBy ?? 'answers'} of the calibration problems`;
