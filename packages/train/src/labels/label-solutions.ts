import { invalidOption, type Model, throwIfAborted } from '@judge-decoding/core';
import {
  claimFolder,
  isOurs,
  readIfThere,
  type ShardShare,
  sha256,
  writeAtomically,
} from '@judge-decoding/long-work';
import type { TokenProblem } from '@judge-decoding/tasks';
import type { Watch } from '../progress.ts';
import type { LabelledSolution } from './labelled-solution.ts';
import { openWriter, SOURCES, type SolutionSource, type Writer } from './sources.ts';

export interface LabelOptions extends Watch {
  readonly problems: readonly TokenProblem[];
  readonly target: Model;
  readonly draft: Model;
  /** Where the shards lie; one that was begun before is continued. */
  readonly folder: string;
  readonly sources?: readonly SolutionSource[];
  readonly seed?: number;
  /** Tokens a solution may have at most. */
  readonly maxTokens?: number;
  /** What is lost at most when the program is killed. */
  readonly problemsPerShard?: number;
  /** Several processes may share a folder; each is given its share. */
  readonly share?: ShardShare;
}

/**
 * Samples solutions and labels every token by the problem's reader. Shards are JSONL files of
 * `LabelledSolution`s, written whole: killed and started again, it continues after the last whole
 * shard and ends with the same data, byte for byte.
 */
export async function labelSolutions(options: LabelOptions): Promise<void> {
  const { problems, target, draft, folder, problemsPerShard = 20, signal, onProgress } = options;
  const { sources, seed, maxTokens } = checked(options);
  await claimFolder(folder, {
    kind: 'labelled-solutions',
    version: 1,
    problems: {
      count: problems.length,
      digest: sha256(JSON.stringify(problems.map(({ id, prompt }) => [id, prompt]))),
    },
    problemsPerShard,
    sources,
    seed,
    maxTokens,
    target: target.info.fingerprint,
    draft: draft.info.fingerprint,
  });
  const writer = await openWriter({ target, draft }, { seed, maxTokens });
  try {
    for (let start = 0, shard = 0; start < problems.length; start += problemsPerShard, shard++) {
      const path = shardPath(folder, shard);
      const part = problems.slice(start, start + problemsPerShard);
      if (isOurs(shard, options.share) && (await readIfThere(path)) === undefined) {
        let lines = '';
        for (const problem of part) {
          for (const source of sources) {
            throwIfAborted(signal);
            lines += `${JSON.stringify(await labelled(writer, problem, source))}\n`;
          }
        }
        await writeAtomically(path, lines);
      }
      onProgress?.({ phase: 'label', done: start + part.length, total: problems.length });
    }
  } finally {
    await writer.dispose();
  }
}

/** What labelling would cost; nothing is written. */
export interface LabelEstimate {
  readonly solutions: number;
  readonly tokens: number;
  readonly bytes: number;
  readonly milliseconds: number;
  /** What the estimate rests on. */
  readonly triedSolutions: number;
}

/** A dry run: labels the first few problems, keeps nothing, and reckons up the whole. */
export async function estimateLabelling(
  options: LabelOptions,
  { now, tried = 3 }: { readonly now: () => number; readonly tried?: number },
): Promise<LabelEstimate> {
  const { problems, target, draft, signal } = options;
  const { sources, seed, maxTokens } = checked(options);
  const writer = await openWriter({ target, draft }, { seed, maxTokens });
  let tokens = 0;
  let bytes = 0;
  let solutions = 0;
  const started = now();
  try {
    for (const problem of problems.slice(0, tried)) {
      for (const source of sources) {
        throwIfAborted(signal);
        const found = await labelled(writer, problem, source);
        tokens += found.solution.length;
        bytes += JSON.stringify(found).length + 1;
        solutions++;
      }
    }
  } finally {
    await writer.dispose();
  }
  const total = problems.length * sources.length;
  const whole = (part: number) => Math.round((part * total) / solutions);
  return {
    solutions: total,
    tokens: whole(tokens),
    bytes: whole(bytes),
    milliseconds: whole(now() - started),
    triedSolutions: solutions,
  };
}

export const shardPath = (folder: string, shard: number): string =>
  `${folder}/solutions-${String(shard).padStart(5, '0')}.jsonl`;

async function labelled(
  writer: Writer,
  problem: TokenProblem,
  source: SolutionSource,
): Promise<LabelledSolution> {
  const { id, domain, prompt } = problem;
  const solution = await writer.write(source, id, prompt);
  const reader = problem.reader();
  const labels = solution.map((token) => reader.feed(token).charAt(0)).join('');
  return { problem: id, domain, source: source.name, prompt, solution, labels };
}

function checked({
  problems,
  sources = SOURCES,
  seed = 0,
  maxTokens = 420,
  problemsPerShard = 20,
}: LabelOptions) {
  if (problems.length === 0) throw invalidOption('problems', 'at least one problem', 'none');
  if (new Set(problems.map(({ id }) => id)).size < problems.length)
    throw invalidOption('problems', 'problems of different ids', 'the same id twice');
  if (sources.length === 0) throw invalidOption('sources', 'at least one source', 'none');
  if (!Number.isInteger(problemsPerShard) || problemsPerShard < 1)
    throw invalidOption('problemsPerShard', 'a whole number of at least 1', problemsPerShard);
  return { sources, seed, maxTokens };
}
