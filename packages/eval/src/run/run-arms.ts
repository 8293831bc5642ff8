import { createHash } from 'node:crypto';
import { type AbortSignalLike, type Model, type SamplingOptions, throwIfAborted } from '@judge-decoding/core';
import type { TokenProblem } from '@judge-decoding/train';
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
  const total = problems.length * arms.length * repeats;
  const keyOf = (arm: Arm, problem: TokenProblem, repeat: number) => ({
    arm: arm.name,
    draftLength: draftLengthOf(arm),
    problem: problem.id,
    repeat,
  });
  let done = 0;
  const decoder = await openDecoder(options);
  try {
    let warm = false;
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const [at, problem] of problems.entries()) {
        for (let turn = 0; turn < arms.length; turn++) {
          const arm = arms[(at + repeat + turn) % arms.length]!;
          const key = keyOf(arm, problem, repeat);
          if (!sink.has(key)) {
            throwIfAborted(signal);
            if (!warm) {
              warm = true;
              for (let i = 0; i < warmUps; i++)
                for (const one of arms) await decoder.decode(one, problems[i % problems.length]!, { signal });
            }
            const generationSeed = seedOf(seed, problem.id, repeat);
            const { generation, milliseconds } = await decoder.decode(arm, problem, {
              seed: generationSeed,
              signal,
            });
            const { tokens, finish, stats } = generation;
            await sink.append({
              ...key,
              domain: problem.domain,
              correct: problem.grade(tokens),
              finish: finish.reason,
              tokens,
              hash: hashTokens(tokens),
              milliseconds,
              stats,
            });
          }
          done++;
          onProgress?.({ done, total });
        }
      }
    }
  } finally {
    await decoder.dispose();
  }
}

/** Problems draw independently; arms share their numbers, which pairs them. */
function seedOf(seed: number, problem: string, repeat: number): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, problem, repeat]))
    .digest('hex');
  return Number.parseInt(digest.slice(0, 12), 16);
}
