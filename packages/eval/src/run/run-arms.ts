import { createHash } from 'node:crypto';
import { type AbortSignalLike, type Model, type SamplingOptions, throwIfAborted } from '@judge-decoding/core';
import type { TokenProblem } from '@judge-decoding/tasks';
import { type Arm, checkArms, draftLengthOf } from '../arms/arm.ts';
import type { Named } from '../arms/rule-of.ts';
import { openDecoder } from './decoder.ts';
import { hashTokens } from './row.ts';
import type { RowSink } from './rows-folder.ts';

export interface RunOptions {
  readonly problems: readonly TokenProblem[];
  readonly arms: readonly Arm[];
  readonly target: Model;
  readonly draft: Model;
  readonly sink: RowSink;
  /** What the names in arms stand for. */
  readonly named?: Named;
  readonly maxTokens?: number;
  readonly sampling?: SamplingOptions;
  /** How often everything is run; for speeds. */
  readonly repeats?: number;
  /** Generations of every arm that are thrown away first; for speeds. */
  readonly warmUps?: number;
  readonly seed?: number;
  /** Milliseconds. */
  readonly now: () => number;
  readonly signal?: AbortSignalLike | undefined;
  /** Told at once what is there already, then after every generation. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/**
 * Runs every arm on every problem and keeps a row of each, arms interleaved: A B C on the first
 * problem, B C A on the second, so that a machine that slows down slows all of them. Rows that are
 * there already are skipped: stopped and started again, it goes on where it was.
 */
export async function runArms(options: RunOptions): Promise<void> {
  const { problems, arms, sink, repeats = 1, warmUps = 0, seed = 0, signal, onProgress } = options;
  checkArms(arms);
  const all = inTurns(problems, arms, repeats);
  const open = all.filter((each) => !sink.has(keyOf(each)));
  let done = all.length - open.length;
  onProgress?.({ done, total: all.length });
  if (open.length === 0) return;
  const decoder = await openDecoder(options);
  try {
    for (let i = 0; i < warmUps; i++)
      for (const arm of arms) await decoder.decode(arm, problems[i % problems.length]!, { signal });
    for (const each of open) {
      throwIfAborted(signal);
      const { arm, problem, repeat } = each;
      const { generation, milliseconds } = await decoder.decode(arm, problem, {
        seed: seedOf(seed, problem.id, repeat),
        signal,
      });
      const { tokens, finish, stats } = generation;
      await sink.append({
        ...keyOf(each),
        domain: problem.domain,
        correct: problem.grade(tokens),
        finish: finish.reason,
        tokens,
        hash: hashTokens(tokens),
        milliseconds,
        stats,
      });
      onProgress?.({ done: ++done, total: all.length });
    }
  } finally {
    await decoder.dispose();
  }
}

interface Step {
  readonly arm: Arm;
  readonly problem: TokenProblem;
  readonly repeat: number;
}

function inTurns(problems: readonly TokenProblem[], arms: readonly Arm[], repeats: number): Step[] {
  return Array.from({ length: repeats }, (_, repeat) =>
    problems.flatMap((problem, at) =>
      arms.map((_, turn) => ({ arm: arms[(at + repeat + turn) % arms.length]!, problem, repeat })),
    ),
  ).flat();
}

const keyOf = ({ arm, problem, repeat }: Step) => ({
  arm: arm.name,
  draftLength: draftLengthOf(arm),
  problem: problem.id,
  repeat,
});

/** Problems draw independently; arms share their numbers, which pairs them. */
function seedOf(seed: number, problem: string, repeat: number): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, problem, repeat]))
    .digest('hex');
  return Number.parseInt(digest.slice(0, 12), 16);
}
