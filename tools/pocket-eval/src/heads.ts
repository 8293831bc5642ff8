import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { JudgeDecodingError, writeHead } from '@judge-decoding/core';
import { progressLine } from '@judge-decoding/long-work';
import {
  DOMAINS,
  type Domain,
  type PocketTokenizer,
  pocketProblem,
  SPLITS,
  type Split,
} from '@judge-decoding/tasks';
import {
  AS_JUDGED,
  estimateLabelling,
  extractFeatures,
  type FitOptions,
  fitHeads,
  fitTable,
  type LabelledData,
  type LabelledSolution,
  labelSolutions,
  readFeatures,
  readSolutions,
  SOURCES,
  type SolutionSource,
  type ThresholdRule,
} from '@judge-decoding/train';
import { type Pair, pocketProblems } from './pair.ts';
import { inProcesses } from './processes.ts';

export interface HeadsOptions {
  /** Where labels and features are kept, and continued. */
  readonly work: string;
  /** Where heads and the report go. */
  readonly out: string;
  /** Solutions that were sampled elsewhere (`head-tokens.jsonl.gz` of the pair's training), instead of sampling here. */
  readonly tokens?: string | undefined;
  /** Problems of each domain. */
  readonly trainProblems: number;
  readonly calibrationProblems: number;
  readonly heldOutProblems: number;
  readonly draftLength: number;
  readonly keepAgreed: number;
  readonly threshold: ThresholdRule;
  readonly shuffledHeads: number;
  readonly fitOn: 'all' | 'mismatches';
  readonly fit: FitOptions;
  readonly maxTokens: number;
  /** Only says what labelling the training problems would cost. */
  readonly dryRun: boolean;
  /** Processes that label and read; set with `step` and `part` in the processes that `jobs` starts. */
  readonly jobs: number;
  readonly step: string | undefined;
  readonly part: number | undefined;
}

/** Labels, features, heads, controls: each step continues what an earlier run left in `work`. */
export async function makeHeads(pair: Pair, options: HeadsOptions): Promise<void> {
  const { work, out, draftLength, maxTokens } = options;
  const { target, draft, tokenizer } = pair;
  if (options.dryRun) {
    const problems = pocketProblems('train', 0, options.trainProblems, tokenizer);
    const estimate = await estimateLabelling(
      { problems, target, draft, folder: work, maxTokens },
      { now: () => performance.now() },
    );
    process.stdout.write(`${JSON.stringify(estimate, null, 1)}\n`);
    return;
  }
  const share = options.part === undefined ? {} : { share: { part: options.part, of: options.jobs } };
  const labels = async (split: Split, count: number, sources: readonly SolutionSource[]) => {
    const folder = `${work}/labels-${split}`;
    const problems = pocketProblems(split, 0, count, tokenizer);
    const onProgress = progressLine(`labels, ${split}`);
    await labelSolutions({ ...share, problems, target, draft, folder, sources, maxTokens, onProgress });
    return folder;
  };
  const features = async (split: Split, data: LabelledData, keepAgreed: number) => {
    const folder = `${work}/features-${split}`;
    const onProgress = progressLine(`features, ${split}`);
    await extractFeatures({ ...share, data, target, folder, draftLength, keepAgreed, onProgress });
    return folder;
  };
  // Each of several processes holds its own part of sampled solutions against the world; the one that started them, none.
  const { part, jobs } = options;
  const checked = (at: number) =>
    part === undefined ? jobs <= 1 || options.step !== undefined : at % jobs === part;
  const label = async () => {
    if (options.tokens === undefined) await labels('train', options.trainProblems, SOURCES);
    await labels('calibration', options.calibrationProblems, AS_JUDGED);
    await labels('dev', options.heldOutProblems, AS_JUDGED);
  };
  const extract = async () => {
    const sampled =
      options.tokens === undefined
        ? await readSolutions(`${work}/labels-train`)
        : await solutionsFrom(options.tokens, options.trainProblems, tokenizer, checked);
    await features('train', sampled, options.keepAgreed);
    await features('calibration', await readSolutions(`${work}/labels-calibration`), options.keepAgreed);
    // all of them, so that figures over all tokens mean what they say
    await features('dev', await readSolutions(`${work}/labels-dev`), 1);
  };
  if (options.step === 'labels') return label();
  if (options.step === 'features') return extract();
  if (options.jobs > 1) {
    await inProcesses(options.jobs, '--step', 'labels');
    await inProcesses(options.jobs, '--step', 'features');
  }
  // what other processes did is found there
  await label();
  await extract();
  const [train, calibration, heldOut] = await Promise.all(
    ['train', 'calibration', 'dev'].map((split) => readFeatures(`${work}/features-${split}`)),
  );

  const report = await fitHeads({
    train: train!,
    calibration: calibration!,
    heldOut: heldOut!,
    model: target.info,
    fit: options.fit,
    fitOn: options.fitOn,
    threshold: options.threshold,
    shuffledHeads: options.shuffledHeads,
    onProgress: progressLine('fit'),
  });
  await mkdir(out, { recursive: true });
  for (const { name, head } of report.heads) await writeFile(`${out}/${name}.safetensors`, writeHead(head));
  const { shuffledHead, logits, ...controls } = report.controls;
  if (shuffledHead !== undefined) await writeFile(`${out}/shuffled.safetensors`, writeHead(shuffledHead));
  const [topAndEntropy, withChosen] = logits;
  const rules = { 'logits-only': topAndEntropy, 'logits-with-chosen': withChosen };
  const { name: model, fingerprint, dtype } = target.info;
  const provenance = { model, fingerprint, dtype, data: report.data };
  await writeFile(
    `${out}/controls.json`,
    `${JSON.stringify({ provenance, ...controls, logits: rules }, null, 1)}\n`,
  );
  const table = `${fitTable(report)}\n${OF_FITTED}`;
  await writeFile(`${out}/heads.md`, table);
  process.stdout.write(table);
}

/**
 * Solutions sampled elsewhere; those that are to be `checked` are labelled again here, and so are those that came without
 * labels: another world than the one they were sampled in is an error. `perDomain` problems of every domain are taken.
 */
async function solutionsFrom(
  path: string,
  perDomain: number,
  tokenizer: PocketTokenizer,
  checked: (at: number) => boolean,
): Promise<LabelledData> {
  const bytes = await readFile(path);
  const lines = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split('\n');
  const taken = new Map<Domain, Set<number>>(DOMAINS.map((domain) => [domain, new Set()]));
  const solutions: LabelledSolution[] = [];
  for (const [number, line] of lines.entries()) {
    if (line === '') continue;
    const { source, domain, split, index, prompt, solution, firstWrong, ...given } = JSON.parse(line) as {
      readonly source: string;
      readonly domain: Domain;
      readonly split: Split;
      readonly index: number;
      readonly prompt: readonly number[];
      readonly solution: readonly number[];
      readonly firstWrong: number;
      /** A letter a token: o, w or d. */
      readonly labels?: string;
    };
    const where = `${path}:${number + 1}`;
    if (!DOMAINS.includes(domain) || !SPLITS.includes(split))
      throw strange(where, `is of \`${domain}/${split}\``);
    if (split !== 'train') throw strange(where, `is of the split \`${split}\`, not \`train\``);
    const indices = taken.get(domain)!;
    if (!indices.has(index) && indices.size >= perDomain) continue;
    indices.add(index);
    let { labels } = given;
    if (labels === undefined || checked(number)) {
      const problem = pocketProblem({ domain, split, index }, tokenizer);
      if (problem.prompt.join() !== prompt.join())
        throw strange(where, `asks something else than ${problem.id} does today`);
      const reader = problem.reader();
      const now = solution.map((token) => reader.feed(token).charAt(0)).join('');
      if (now.indexOf('w') !== firstWrong || (labels !== undefined && labels !== now))
        throw strange(
          where,
          `was wrong at ${firstWrong} when it was sampled and is wrong at ${now.indexOf('w')} today`,
        );
      labels = now;
    }
    solutions.push({
      problem: `${domain}/${split}/${index}`,
      domain,
      source: source.replace(/ /g, '-'),
      prompt,
      solution,
      labels,
    });
  }
  const fingerprint = createHash('sha256').update(JSON.stringify(solutions)).digest('hex');
  return { solutions, fingerprint };
}

/** Thresholds are written into the heads afterwards (`pocket-eval threshold`), and the table stays. */
const OF_FITTED =
  'Every threshold here is the one that its head was fitted with, and so are the figures of what is stopped and let in. A head may be shipped with another, chosen by whole answers: see the model card.\n';

const strange = (where: string, what: string) =>
  new JudgeDecodingError(
    'mismatch',
    `The solution at ${where} ${what}. The world or the tokenizer has changed: sample again, or leave \`--tokens\` out.`,
  );
