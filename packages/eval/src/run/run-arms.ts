import { createHash } from 'node:crypto';
import { type AbortSignalLike, type TokenId, throwIfAborted } from '@judge-decoding/core';
import type { TaskProblem } from '@judge-decoding/tasks';
import { type Arm, checkArms, draftLengthOf } from '../arms/arm.ts';
import { type DecoderOptions, openDecoder, type Timed } from './decoder.ts';
import { hashTokens } from './row.ts';
import type { RowSink } from './row-sink.ts';

/** Which problems every arm solves, how often, and where the rows go. */
export interface RunOptions extends DecoderOptions {
  readonly problems: readonly TaskProblem[];
  readonly arms: readonly Arm[];
  readonly sink: RowSink;
  /** Answers that no program can grade are kept as text, too. */
  readonly textOf?: (tokens: readonly TokenId[]) => string;
  /** How often everything is run; for speeds, and for flips when sampling. */
  readonly repeats?: number;
  /** Generations of every arm that are thrown away first; for speeds. */
  readonly warmUps?: number;
  readonly seed?: number;
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
      const answer = await decoder.decode(arm, problem, {
        seed: seedOf(seed, problem.id, repeat),
        signal,
      });
      await sink.append({ ...keyOf(each), ...(await rowOf(problem, answer, options.textOf)) });
      onProgress?.({ done: ++done, total: all.length });
    }
  } finally {
    await decoder.dispose();
  }
}

async function rowOf(
  problem: TaskProblem,
  { tokens, finish, stats, milliseconds, firstToken, rounds, marks, turns }: Timed,
  textOf: RunOptions['textOf'],
) {
  const correct = (await problem.grade(tokens)) ?? null;
  return {
    domain: problem.domain,
    correct,
    finish: finish.reason,
    tokens,
    hash: hashTokens(tokens),
    milliseconds: rounded(milliseconds),
    stats,
    firstToken: rounded(firstToken),
    rounds: rounds.map(([committed, time]) => [committed, rounded(time)] as const),
    marks,
    ...(turns.length > 1 ? { turns } : {}),
    ...(correct === null && textOf !== undefined ? { texts: byTurn(tokens, turns).map(textOf) } : {}),
  };
}

function byTurn(tokens: readonly TokenId[], turns: readonly number[]): readonly (readonly TokenId[])[] {
  const ends = turns.map((_, turn) => turns.slice(0, turn + 1).reduce((sum, count) => sum + count, 0));
  return ends.map((end, turn) => tokens.slice(end - turns[turn]!, end));
}

/** Microseconds are enough, and rows are long. */
const rounded = (milliseconds: number): number => Math.round(1000 * milliseconds) / 1000;

interface Step {
  readonly arm: Arm;
  readonly problem: TaskProblem;
  readonly repeat: number;
}

function inTurns(problems: readonly TaskProblem[], arms: readonly Arm[], repeats: number): Step[] {
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
