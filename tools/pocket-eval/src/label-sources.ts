import { mkdir, writeFile } from 'node:fs/promises';
import { JudgeDecodingError, writeHead } from '@judge-decoding/core';
import { isOurs, progressLine, readIfThere, sha256, writeAtomically } from '@judge-decoding/long-work';
import { DOMAINS, type TokenProblem } from '@judge-decoding/tasks';
import {
  type Ablation,
  AS_JUDGED,
  ablations,
  atThreshold,
  compareWithExact,
  equivalenceLabels,
  exactLabels,
  extractFeatures,
  type FeatureName,
  type FeatureSet,
  featuresOf,
  fitHeads,
  keepIn,
  type LabelledData,
  type LabelledSolution,
  type LabelSource,
  labelWith,
  likelihoodLabels,
  readFeatures,
  readSolutions,
  relabelledExactly,
  rocAuc,
  selfAgreement,
  thresholdLike,
} from '@judge-decoding/train';
import { labelTables, type SourceFigures } from './label-tables.ts';
import { type Pair, pocketProblems } from './pair.ts';
import { inProcesses } from './processes.ts';

export interface LabelSourcesOptions {
  /** Where labels and features are kept, and continued. */
  readonly work: string;
  /** Where heads, tables and figures go. */
  readonly out: string;
  /** Problems of each domain. */
  readonly trainProblems: number;
  /** Of each domain that are labelled by equivalence and likelihood, too: those take longest. */
  readonly alsoLabelled: number;
  /** For each of those ways, after which what is labelled is used; no limit when absent. */
  readonly minutes: number | undefined;
  /** Whether heads are fitted that are only compared with, and the learning curves. */
  readonly ablations: boolean;
  readonly calibrationProblems: number;
  readonly heldOutProblems: number;
  readonly draftLength: number;
  readonly maxTokens: number;
  readonly jobs: number;
  readonly step: string | undefined;
  readonly part: number | undefined;
}

const PRE_NORM = [{ name: 'pre-norm', terms: [{ state: 'pre-norm', row: 'own' }] }] as const;

/**
 * Heads from exact, equivalence and likelihood labels of the same problems, and from each two domains;
 * how the cheap labels agree with the exact ones; ablations and the learning curve. Every step goes on
 * where an earlier run stopped.
 */
export async function compareLabelSources(pair: Pair, options: LabelSourcesOptions): Promise<void> {
  const { work, out, draftLength, maxTokens, jobs } = options;
  const { target, draft, tokenizer } = pair;
  const share = options.part === undefined ? {} : { share: { part: options.part, of: jobs } };
  const problems = {
    train: pocketProblems('train', 0, options.trainProblems, tokenizer),
    // domains take turns, so that the first ones are of all
    also: pocketProblems('train', 0, options.alsoLabelled, tokenizer),
    calibration: pocketProblems('calibration', 0, options.calibrationProblems, tokenizer),
    dev: pocketProblems('dev', 0, options.heldOutProblems, tokenizer),
  };
  const models = { target, draft, maxTokens };
  const sources: readonly (readonly [string, readonly TokenProblem[], LabelSource<TokenProblem>])[] = [
    ['exact', problems.train, exactLabels(models)],
    ['equivalence', problems.also, equivalenceLabels(models)],
    ['equivalence-independent', problems.also, equivalenceLabels({ ...models, walk: 'independent' })],
    [
      'equivalence-sampled',
      // four more continuations each: a third of them tells how labels agree with themselves
      problems.also.slice(0, Math.ceil(problems.also.length / 3)),
      equivalenceLabels({ ...models, walk: 'independent', mismatches: 6, samples: 4 }),
    ],
    ['likelihood', problems.also, likelihoodLabels(models)],
    ['likelihood-choices', problems.also, likelihoodLabels({ ...models, compares: 'choices' })],
    ['calibration', problems.calibration, exactLabels({ ...models, sources: AS_JUDGED })],
    ['dev', problems.dev, exactLabels({ ...models, sources: AS_JUDGED })],
  ];
  const labels = async () => {
    for (const [name, some, source] of sources) {
      const limit = isWhole(name) ? undefined : timeLimit(options.minutes);
      const show = progressLine(`labels, ${name}`);
      await labelWith({
        ...share,
        problems: some,
        source,
        folder: `${work}/labels-${name}`,
        problemsPerShard: PER_SHARD,
        signal: limit?.signal,
        onProgress(progress) {
          limit?.tell(progress.done);
          show(progress);
        },
      }).catch((error) => {
        if (limit?.signal.aborted !== true || !JudgeDecodingError.is(error, 'aborted')) throw error;
      });
    }
  };
  /** What all others are held against is labelled to its end. */
  const isWhole = (name: string) => ['exact', 'calibration', 'dev'].includes(name);
  const unfinished = (name: string) =>
    ({ unfinished: options.minutes === undefined || isWhole(name) ? 'refused' : 'taken' }) as const;
  const byId = new Map(problems.train.map((problem) => [problem.id, problem]));
  const problemOf = (id: string): TokenProblem => byId.get(id)!;
  /** SelfJudge's threshold, from what equivalence says of the same tokens. */
  const threshold = async (likelihood: string) => {
    const [scored, equivalent] = await Promise.all(
      [likelihood, 'equivalence-independent'].map((name) =>
        readSolutions(`${work}/labels-${name}`, unfinished(name)),
      ),
    );
    return thresholdLike(scored!.solutions, equivalent!.solutions);
  };
  const labelled = async (name: string): Promise<LabelledData> => {
    const data = await readSolutions(`${work}/labels-${name}`, unfinished(name));
    if (!name.startsWith('likelihood')) return data;
    const at = await threshold(name);
    return { solutions: atThreshold(data.solutions, at), fingerprint: sha256(data.fingerprint, String(at)) };
  };
  const exactly = async (name: string): Promise<LabelledData> => {
    const solutions = relabelledExactly((await labelled(name)).solutions, problemOf);
    return { solutions, fingerprint: sha256(JSON.stringify(solutions)) };
  };
  const layers = (target.info.layersOffered ?? []).map((layer): FeatureName => `layer-${layer}`);
  const every: readonly FeatureName[] = [...layers, 'pre-norm', 'post-norm', 'draft-pre-norm'];
  const few: readonly FeatureName[] = ['pre-norm', 'post-norm'];
  const features = async () => {
    const plan: readonly (readonly [string, LabelledData, readonly FeatureName[], number])[] = [
      ['exact', await labelled('exact'), every, 0],
      ['equivalence', await labelled('equivalence'), few, 0],
      ['equivalence-exactly', await exactly('equivalence'), few, 0],
      ['likelihood', await labelled('likelihood'), few, 0],
      ['likelihood-choices', await labelled('likelihood-choices'), few, 0],
      ['calibration', await labelled('calibration'), few, 0],
      // all of them, so that figures over all tokens mean what they say
      ['dev', await labelled('dev'), every, 1],
      // every labelled token, as the paper fits: for the second learning curve
      ...(options.ablations ? ([['exact-all', await labelled('exact'), ['pre-norm'], 1]] as const) : []),
    ];
    for (const [name, data, states, keepAgreed] of plan)
      await extractFeatures({
        ...share,
        data,
        target,
        draft,
        folder: `${work}/features-${name}`,
        states,
        draftLength,
        keepAgreed,
        afterError: name.startsWith('exact') ? 'mask' : 'until-recovery',
        solutionsPerShard: 16,
        onProgress: progressLine(`features, ${name}`),
      });
  };
  const read = (name: string) => readFeatures(`${work}/features-${name}`);
  const plan = ['exact', 'equivalence-exactly', 'equivalence', 'likelihood', 'likelihood-choices'].flatMap(
    (source) =>
      [undefined, ...DOMAINS].map((left) => ({
        name: left === undefined ? source : `${source}-without-${left}`,
        source,
        left,
      })),
  );
  const heads = async () => {
    const [calibration, heldOut] = await Promise.all([read('calibration'), read('dev')]);
    for (const [i, one] of plan.entries()) {
      if (!isOurs(i, share.share) || (await readIfThere(figuresPath(work, one.name))) !== undefined) continue;
      process.stderr.write(`head ${one.name}\n`);
      const figures = await fitOne(
        one,
        { train: await read(one.source), calibration, heldOut },
        pair,
        options,
      );
      await writeAtomically(figuresPath(work, one.name), JSON.stringify(figures, withoutHeads));
    }
  };
  const compared = async () => {
    const heldOut = await read('dev');
    const where = { heldOut, ...share, onProgress: progressLine('ablations') };
    const all = await ablations({ ...where, train: await read('exact-all'), fitOn: 'all', groups: ['data'] });
    return [
      await ablations({ ...where, train: await read('exact') }),
      all.map((one): Ablation => ({ ...one, group: 'data, all tokens' })),
    ];
  };
  const ablationsPath = (part: number) => `${work}/ablations-${part}.json`;
  const steps: Readonly<Record<string, () => Promise<void>>> = {
    labels,
    features,
    heads,
    ablations: async () => {
      const path = ablationsPath(options.part ?? 0);
      if ((await readIfThere(path)) === undefined)
        await writeAtomically(path, JSON.stringify(options.ablations ? await compared() : []));
    },
  };
  // alone, the tables are of what is there: a run that was cut short has some, too
  const alone = options.step === 'tables';
  if (options.step !== undefined && !alone) return steps[options.step]!();
  for (const [name, step] of alone ? [] : Object.entries(steps))
    if (jobs > 1) await inProcesses(jobs, '--step', name);
    else await step();

  const kept = async <T>(paths: readonly string[]) =>
    (await Promise.all(paths.map((path) => readIfThere(path))))
      .filter((text) => text !== undefined)
      .map((text) => JSON.parse(text) as T);
  const figures = await kept<SourceFigures>(plan.map(({ name }) => figuresPath(work, name)));
  const parts = await kept<readonly (readonly Ablation[])[]>(
    Array.from({ length: jobs }, (_, part) => ablationsPath(part)),
  );
  // each kind was dealt out in turns, and is gathered in turns
  const inTurns = [0, 1].flatMap((kind) => {
    const dealt = parts.map((part) => part[kind] ?? []);
    return Array.from({ length: Math.max(0, ...dealt.map((part) => part.length)) }, (_, i) =>
      dealt.flatMap((part) => part.slice(i, i + 1)),
    );
  });
  const comparisons = [];
  for (const name of [
    'equivalence',
    'equivalence-independent',
    'equivalence-sampled',
    'likelihood',
    'likelihood-choices',
  ]) {
    const { solutions } = await labelled(name);
    const domains = Object.fromEntries(
      DOMAINS.map((domain) => [
        domain,
        compareWithExact(
          solutions.filter((one) => one.domain === domain),
          problemOf,
        ),
      ]),
    );
    // how well the score tells, wherever the cut
    const scoreAuc = scoreAucOf(solutions, problemOf);
    comparisons.push({
      name,
      scoreAuc,
      solutions: solutions.length,
      withItself: selfAgreement(solutions).share,
      domains,
      all: compareWithExact(solutions, problemOf),
    });
  }
  const result = { figures, comparisons, ablations: inTurns.flat(), problems: options.trainProblems };
  const tables = labelTables(result);
  await mkdir(out, { recursive: true });
  await writeFile(`${out}/labels.md`, tables);
  await writeFile(`${out}/labels.json`, `${JSON.stringify(result, null, 1)}\n`);
  process.stdout.write(tables);
}

const PER_SHARD = 4;

/** Ends a labelling after so many minutes, but not before one shard of it is there. */
function timeLimit(minutes: number | undefined) {
  if (minutes === undefined) return undefined;
  const end = Date.now() + minutes * 60_000;
  let first: number | undefined;
  let last = 0;
  return {
    tell(done: number) {
      first ??= done;
      last = done;
    },
    signal: {
      get aborted() {
        return Date.now() >= end && last - (first ?? 0) >= PER_SHARD;
      },
    },
  };
}

const figuresPath = (work: string, name: string) => `${work}/head-${name}.json`;
const withoutHeads = (key: string, value: unknown) => (key === 'weights' ? undefined : value);

async function fitOne(
  one: Pick<SourceFigures, 'name' | 'source' | 'left'>,
  { train, calibration, heldOut }: Readonly<Record<'train' | 'calibration' | 'heldOut', FeatureSet>>,
  { target }: Pair,
  { work, out }: LabelSourcesOptions,
): Promise<SourceFigures> {
  try {
    const report = await fitHeads({
      train: featuresOf(train, (domain) => domain !== one.left),
      calibration: featuresOf(calibration, (domain) => domain !== one.left),
      heldOut,
      model: target.info,
      shapes: PRE_NORM,
      recipe: 'logistic',
      shuffledHeads: 0,
      keeper: keepIn(`${work}/fit-${one.name}`),
    });
    const [fitted] = report.heads;
    await writeAtomically(`${out}/heads/${one.name}.safetensors`, writeHead(fitted!.head));
    return { ...one, fitted: fitted!, examples: report.examples.fitted, signals: report.controls.signals };
  } catch (error) {
    // one class alone: said in the table, and the other heads are fitted all the same
    if (!JudgeDecodingError.is(error, 'invalid-input')) throw error;
    return { ...one, failed: error.message };
  }
}

/** ROC-AUC of the likelihood score against the exact labels; NaN where there is no score. */
function scoreAucOf(solutions: readonly LabelledSolution[], problemOf: (id: string) => TokenProblem): number {
  const scores: number[] = [];
  const correct: number[] = [];
  for (const { problem, solution, swaps = [] } of solutions) {
    const reader = problemOf(problem).reader();
    for (const [at, token] of solution.entries()) {
      for (const swap of swaps.filter(({ position }) => position === at)) {
        const exact = reader.clone().feed(swap.token);
        if (swap.score === undefined || exact === 'dead') continue;
        scores.push(swap.score);
        correct.push(Number(exact === 'ok'));
      }
      reader.feed(token);
    }
  }
  return rocAuc(Float64Array.from(scores), Uint8Array.from(correct));
}
