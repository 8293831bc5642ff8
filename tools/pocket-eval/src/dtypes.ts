import { readFile } from 'node:fs/promises';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import {
  type CalibrationPoint,
  type JudgeHead,
  judgeLogit,
  klDivergence,
  type MeasuredDtype,
  type Model,
  probabilityOf,
  readHead,
  writeHead,
} from '@judge-decoding/core';
import { progressLine, writeAtomically } from '@judge-decoding/long-work';
import {
  type LabelledSolution,
  labelSolutions,
  readSolutions,
  rocAuc,
  SOURCES,
  targetsOf,
} from '@judge-decoding/train';
import { dtypeOnWasm, openOnWasm } from './on-wasm.ts';
import { openPair, type PairOptions, pocketProblems } from './pair.ts';

export interface DtypesOptions extends PairOptions {
  /** Where labels are kept, and continued. */
  readonly work: string;
  /** Folder of the heads that are measured. */
  readonly heads: string;
  /** Types of the target's weights, beside float32. */
  readonly dtypes: readonly string[];
  /** Development problems of each domain. */
  readonly problems: number;
  readonly maxTokens: number;
  /** Writes what was measured into the heads. */
  readonly write: boolean;
}

const HEADS = ['pre-norm', 'post-norm', 'pre-norm-and-previous'] as const;
/** What stands over every admission. */
const FLOOR = Math.log(1e-4);
const GRID = [0.5, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999];

/** What one run of the target says of each token of a draft's text. */
interface Read {
  /** By token: whether standard verification accepts it, ln p of it, and the head's logits. */
  readonly agreed: readonly boolean[];
  readonly logProbs: readonly number[];
  readonly logits: Readonly<Record<string, readonly number[]>>;
  /** Raw next-token scores of the rows, [rows, vocabSize]. */
  readonly scores: Float32Array;
}

/**
 * The target in other types of weights over the draft's own greedy texts, forced, against float32: KL divergence,
 * favourites, the head's AUC, and the accept decisions that change; a threshold for each type that lets in no
 * more wrong tokens than the head's own does in float32.
 */
export async function measureDtypes(options: DtypesOptions): Promise<void> {
  const { folder, work, problems: count, maxTokens, dtypes } = options;
  const pair = await openPair(options);
  const labels = `${work}/labels-dtypes`;
  const problems = pocketProblems('dev', 500, count, pair.tokenizer);
  await labelSolutions({
    ...{ problems, target: pair.target, draft: pair.draft, folder: labels, maxTokens },
    sources: SOURCES.filter(({ writer, temperature }) => writer === 'draft' && temperature === 0),
    onProgress: progressLine('labels'),
  });
  await pair.dispose();
  const { solutions } = await readSolutions(labels);
  const heads = Object.fromEntries(
    await Promise.all(
      HEADS.map(
        async (name) => [name, readHead(await readFile(`${options.heads}/${name}.safetensors`))] as const,
      ),
    ),
  );
  const read = async (dtype: string): Promise<readonly Read[]> => {
    const onWasm = dtypeOnWasm(dtype);
    const model =
      onWasm === undefined
        ? await cpuBackend().open(`${folder}/target`, { dtype: dtype as 'fp32', threads: options.threads })
        : await openOnWasm(`${folder}/target`, onWasm);
    try {
      const all: Read[] = [];
      for (const solution of solutions) all.push(await readSolution(model, solution, heads));
      return all;
    } finally {
      await model.dispose();
    }
  };
  const reference = await read('fp32');
  say(
    `${solutions.length} texts of the draft, ${reference.reduce((sum, { agreed }) => sum + agreed.length, 0)} tokens\n`,
  );
  say('| | KL to fp32, nats | same favourite | head | threshold | AUC at mismatches | decisions changed |');
  say('| --- | ---: | ---: | --- | ---: | ---: | ---: |');
  const measured: Record<string, MeasuredDtype[]> = {};
  for (const dtype of ['fp32', ...dtypes]) {
    const other = dtype === 'fp32' ? reference : await read(dtype);
    const { kl, same } = apart(reference, other);
    for (const [name, head] of Object.entries(heads)) {
      const before = judged(reference, solutions, name);
      const now = judged(other, solutions, name);
      const threshold = thresholdFor(now, wrongThrough(before, head.threshold), head.threshold);
      const then = decisions(reference, name, head.threshold);
      const changed = decisions(other, name, threshold).map((accepted, index) => accepted !== then[index]);
      const share = changed.filter(Boolean).length / changed.length;
      const auc = rocAuc(Float64Array.from(now.logits), Uint8Array.from(now.correct));
      say(
        `| ${dtype} | ${kl.toExponential(1)} | ${(100 * same).toFixed(2)} % | ${name} | ${threshold.toFixed(4)} | ${auc.toFixed(4)} | ${changed.filter(Boolean).length} of ${changed.length} (${(100 * share).toFixed(2)} %) |`,
      );
      if (dtype === 'fp32') continue;
      measured[name] ??= [];
      measured[name].push({
        dtype,
        threshold,
        metrics: {
          'KL divergence to fp32, nats': kl,
          'same favourite as fp32': same,
          'accept decisions changed': share,
          'ROC-AUC at mismatches': auc,
          'tokens at mismatches': now.logits.length,
          'wrong tokens at mismatches': now.correct.filter((each) => each === 0).length,
          tokens: changed.length,
        },
        calibration: calibration(now, threshold),
      });
    }
  }
  if (!options.write) return;
  for (const [name, head] of Object.entries(heads)) {
    const provenance = { ...head.provenance, measured: measured[name]! };
    await writeAtomically(`${options.heads}/${name}.safetensors`, writeHead({ ...head, provenance }));
  }
}

async function readSolution(
  model: Model,
  { prompt, solution }: LabelledSolution,
  heads: Readonly<Record<string, JudgeHead>>,
): Promise<Read> {
  const session = await model.openSession();
  const { vocabSize } = model.info;
  const terms = [...new Set(Object.values(heads).flatMap((head) => head.terms))];
  await session.forward(prompt.slice(0, -1), {});
  const {
    logits: scores,
    argmax,
    chosen,
    judge,
  } = await session.forward([prompt.at(-1)!, ...solution], {
    logits: true,
    argmax: true,
    chosen: true,
    judge: terms,
  });
  await session.dispose();
  const columns = new Map(terms.map((term, column) => [term, column]));
  return {
    agreed: solution.map((token, index) => argmax[index] === token),
    logProbs: [...chosen],
    logits: Object.fromEntries(
      Object.entries(heads).map(([name, head]) => [
        name,
        solution.map((_, index) =>
          judgeLogit(head, index + 1, (term, row) => judge[row * terms.length + columns.get(term)!]!),
        ),
      ]),
    ),
    scores: scores.subarray(0, solution.length * vocabSize),
  };
}

/** Mean KL divergence of the rows from the reference's, and the share that have the same favourite. */
function apart(
  reference: readonly Read[],
  other: readonly Read[],
): { readonly kl: number; readonly same: number } {
  let [rows, kl, same] = [0, 0, 0];
  for (const [index, { scores, agreed }] of reference.entries()) {
    const size = scores.length / agreed.length;
    for (let row = 0; row < agreed.length; row++) {
      const p = scores.subarray(row * size, (row + 1) * size);
      const q = other[index]!.scores.subarray(row * size, (row + 1) * size);
      kl += klDivergence(p, q);
      if (favourite(p) === favourite(q)) same++;
      rows++;
    }
  }
  return { kl: kl / rows, same: same / rows };
}

const favourite = (values: Float32Array): number =>
  values.reduce((best, value, index) => (value > values[best]! ? index : best), 0);

interface Judged {
  readonly logits: readonly number[];
  /** 1 or 0. */
  readonly correct: readonly number[];
}

/** Labelled tokens where standard verification rejects: where a judge is asked. */
function judged(reads: readonly Read[], solutions: readonly LabelledSolution[], name: string): Judged {
  const logits: number[] = [];
  const correct: number[] = [];
  for (const [index, { labels }] of solutions.entries()) {
    const { agreed, logits: own } = reads[index]!;
    for (const [at, target] of targetsOf(labels, 'mask').entries()) {
      if (target < 0 || agreed[at]) continue;
      logits.push(own[name]![at]!);
      correct.push(target);
    }
  }
  return { logits, correct };
}

const wrongThrough = ({ logits, correct }: Judged, threshold: number): number =>
  logits.filter((logit, index) => correct[index] === 0 && probabilityOf(logit) > threshold).length;

/** The head's own threshold, or the least above it that lets no more wrong tokens through. */
function thresholdFor(judged: Judged, most: number, own: number): number {
  if (wrongThrough(judged, own) <= most) return own;
  const scores = judged.logits
    .filter((_, index) => judged.correct[index] === 0)
    .map(probabilityOf)
    .sort((a, b) => b - a);
  return scores[most]!;
}

/** Whether each token would be let in, by standard verification or by the judge above its floor. */
function decisions(reads: readonly Read[], name: string, threshold: number): readonly boolean[] {
  return reads.flatMap(({ agreed, logProbs, logits }) =>
    agreed.map(
      (standard, at) => standard || (probabilityOf(logits[name]![at]!) > threshold && logProbs[at]! > FLOOR),
    ),
  );
}

const calibration = (judged: Judged, chosen: number): readonly CalibrationPoint[] =>
  [...new Set([...GRID, chosen])]
    .sort((a, b) => a - b)
    .map((threshold) => {
      const through = (right: number) => {
        const own = judged.logits.filter((_, index) => judged.correct[index] === right);
        return own.length === 0
          ? 0
          : own.filter((logit) => probabilityOf(logit) > threshold).length / own.length;
      };
      return { threshold, wrongStopped: 1 - through(0), correctAdmitted: through(1) };
    });

const say = (text: string) => process.stdout.write(`${text}\n`);
