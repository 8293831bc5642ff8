import { rm } from 'node:fs/promises';
import { type AbortSignalLike, invalidOption, throwIfAborted } from '@judge-decoding/core';
import {
  claimFolder,
  isOurs,
  readIfThere,
  type ShardShare,
  writeAtomically,
} from '@judge-decoding/long-work';
import type { TaskProblem } from '@judge-decoding/tasks';
import { growthOf, listed } from '../grown-list.ts';
import type { Watch } from '../progress.ts';
import type { LabelledSolution } from './labelled-solution.ts';

/** A way of labelling, before it is opened: what its labels depend on, and how to begin. */
export interface LabelSource<Problem extends TaskProblem = TaskProblem> {
  /** `exact`, `equivalence`, `likelihood`, `people`. */
  readonly name: string;
  /** All that labels depend on; a folder that was begun with other settings is refused. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Solutions of a problem, where that is the same number for all. */
  readonly solutionsPerProblem?: number;
  /** Problems that are labelled side by side, so that a backend can read their texts in one pass. 1 when absent. */
  readonly abreast?: number;
  open(): Promise<Labeller<Problem>>;
}

/** Labels problems one by one; the same problem gives the same labels, whatever was labelled before it. */
export interface Labeller<Problem extends TaskProblem = TaskProblem> {
  label(problem: Problem, signal: AbortSignalLike | undefined): Promise<readonly LabelledSolution[]>;
  dispose(): Promise<void>;
}

export interface LabelWithOptions<Problem extends TaskProblem = TaskProblem> extends Watch {
  readonly problems: readonly Problem[];
  readonly source: LabelSource<Problem>;
  /** Where the shards lie; one that was begun before is continued. */
  readonly folder: string;
  /** What is lost at most when the program is killed, for each of those that are labelled side by side. */
  readonly problemsPerShard?: number;
  /** Several processes may share a folder; each is given its share. */
  readonly share?: ShardShare;
}

/**
 * Labels the solutions of problems. Shards are JSONL files of `LabelledSolution`s, written whole:
 * killed and started again, it continues after the last whole shard and ends with the same data,
 * byte for byte. Where the folder has labels of the first of these problems, it goes on with the others.
 */
export async function labelWith<Problem extends TaskProblem>(
  options: LabelWithOptions<Problem>,
): Promise<void> {
  const { problems, source, folder, problemsPerShard = 20, signal, onProgress } = options;
  checkProblems(problems, problemsPerShard);
  const all = problems.map(({ id, prompt }) => [id, prompt]);
  await claimFolder(
    folder,
    {
      kind: 'labelled-solutions',
      version: 2,
      source: source.name,
      problems: listed(all),
      problemsPerShard,
      solutionsPerProblem: source.solutionsPerProblem ?? null,
      ...source.settings,
    },
    growthOf('problems', all, async (count) => {
      // the last shard was not full
      if (count % problemsPerShard > 0)
        await rm(shardPath(folder, Math.floor(count / problemsPerShard)), { force: true });
    }),
  );
  const shards = Array.from({ length: Math.ceil(problems.length / problemsPerShard) }, (_, i) => i);
  const missing: number[] = [];
  let done = 0;
  for (const shard of shards) {
    const there =
      !isOurs(shard, options.share) || (await readIfThere(shardPath(folder, shard))) !== undefined;
    if (there) done += Math.min(problemsPerShard, problems.length - shard * problemsPerShard);
    else missing.push(shard);
  }
  const tell = () => onProgress?.({ phase: 'label', done, total: problems.length });
  tell();
  if (missing.length === 0) return;
  const labeller = await source.open();
  // where one fails the others stop at their next problem
  let failed = false;
  const work = async () => {
    for (let shard = missing.shift(); shard !== undefined && !failed; shard = missing.shift()) {
      let lines = '';
      const from = shard * problemsPerShard;
      for (const problem of problems.slice(from, from + problemsPerShard)) {
        throwIfAborted(signal);
        for (const solution of await labeller.label(problem, signal))
          lines += `${JSON.stringify(solution)}\n`;
        done++;
        tell();
      }
      await writeAtomically(shardPath(folder, shard), lines);
    }
  };
  const failing = async () => {
    try {
      await work();
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  try {
    const outcomes = await Promise.allSettled(Array.from({ length: source.abreast ?? 1 }, failing));
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  } finally {
    await labeller.dispose();
  }
}

/** What labelling would cost; nothing is written. */
export interface LabelEstimate {
  readonly solutions: number;
  readonly tokens: number;
  /** Tokens with a label. */
  readonly labels: number;
  readonly bytes: number;
  readonly milliseconds: number;
  /** What the estimate rests on. */
  readonly triedProblems: number;
}

/** A dry run: labels some problems, spread over all of them, keeps nothing, and reckons up the whole. */
export async function estimateLabels<Problem extends TaskProblem>(
  { problems, source, signal }: Pick<LabelWithOptions<Problem>, 'problems' | 'source' | 'signal'>,
  { now, tried = 3 }: { readonly now: () => number; readonly tried?: number },
): Promise<LabelEstimate> {
  checkProblems(problems, 1);
  const count = Math.min(tried, problems.length);
  const labeller = await source.open();
  const sums = { solutions: 0, tokens: 0, labels: 0, bytes: 0 };
  const started = now();
  try {
    for (let i = 0; i < count; i++) {
      throwIfAborted(signal);
      const problem = problems[Math.floor((i * problems.length) / count)]!;
      for (const found of await labeller.label(problem, signal)) {
        sums.solutions++;
        sums.tokens += found.solution.length;
        sums.labels += found.labels.replace(/[-d]/g, '').length + (found.swaps?.length ?? 0);
        sums.bytes += JSON.stringify(found).length + 1;
      }
    }
  } finally {
    await labeller.dispose();
  }
  const whole = (part: number) => Math.round((part * problems.length) / count);
  return {
    solutions: whole(sums.solutions),
    tokens: whole(sums.tokens),
    labels: whole(sums.labels),
    bytes: whole(sums.bytes),
    milliseconds: whole(now() - started),
    triedProblems: count,
  };
}

export const shardPath = (folder: string, shard: number): string =>
  `${folder}/solutions-${String(shard).padStart(5, '0')}.jsonl`;

function checkProblems(problems: readonly TaskProblem[], problemsPerShard: number): void {
  if (problems.length === 0) throw invalidOption('problems', 'at least one problem', 'none');
  if (new Set(problems.map(({ id }) => id)).size < problems.length)
    throw invalidOption('problems', 'problems of different ids', 'the same id twice');
  if (!Number.isInteger(problemsPerShard) || problemsPerShard < 1)
    throw invalidOption('problemsPerShard', 'a whole number of at least 1', problemsPerShard);
}
