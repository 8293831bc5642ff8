import { createHash } from 'node:crypto';
import {
  type AbortSignalLike,
  type Costs,
  type MeasureCostsOptions,
  type TokenId,
  throwIfAborted,
  unite,
} from '@judge-decoding/core';
import type { TaskProblem } from '@judge-decoding/tasks';
import { type Arm, checkArms, draftLengthOf } from '../arms/arm.ts';
import { asksOf } from '../arms/asks-of.ts';
import { costMeter } from './cost-meter.ts';
import { type Decoder, type DecoderOptions, MAX_TOKENS, openDecoder, type Timed } from './decoder.ts';
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
  readonly onProgress?: (progress: RunProgress) => void;
  /**
   * Told what passes cost: before the first row, after the last, and in between where rows take long. Not measured
   * when absent.
   */
  readonly onCosts?: ((costs: Costs) => Promise<void>) | undefined;
}

/** How far a run is; `done` and `total` count rows. */
export interface RunProgress {
  readonly done: number;
  readonly total: number;
  /** What passes cost is being measured, which may take as long as some rows: how much of it is done, from 0 to 1. */
  readonly measured?: number;
}

/**
 * Runs every arm on every problem and keeps a row of each, arms interleaved: A B C on the first
 * problem, B C A on the second, so that a machine that slows down slows all of them. Rows that are
 * there already are skipped: stopped and started again, it goes on where it was. What passes cost is measured
 * between problems, so that arms of a problem still follow one another.
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
  const costs = meterOf(options, decoder, open.length, (measured) =>
    onProgress?.({ done, total: all.length, measured }),
  );
  try {
    for (let i = 0; i < warmUps; i++)
      for (const arm of arms) await decoder.decode(arm, problems[i % problems.length]!, { signal });
    await costs?.measure();
    for (const [index, each] of open.entries()) {
      throwIfAborted(signal);
      const { arm, problem, repeat } = each;
      if (index > 0 && open[index - 1]!.problem !== problem) await costs?.measureWhenDue();
      const answer = await decoder.decode(arm, problem, {
        seed: seedOf(seed, problem.id, repeat),
        signal,
      });
      await sink.append({ ...keyOf(each), ...(await rowOf(problem, answer, options.textOf)) });
      onProgress?.({ done: ++done, total: all.length });
    }
    await costs?.measure();
  } finally {
    await decoder.dispose();
  }
}

/** Tokens by which a text grows in the second of two measurements. */
const LONGER_BY = 256;

/** A measurement may take so many milliseconds whatever the run, */
const FEW_SECONDS = 6000;
/** or this part of the run, of whose answers a third of the most tokens is expected: it is measured twice at least. */
const PART_OF_RUN = 1 / 12;
const TOKENS_OF_MOST = 1 / 3;

/** Costs as the model of a round wants them: behind texts as long as the run's, with what its arms ask for. */
function meterOf(
  { onCosts, problems, arms, named, signal, now, maxTokens = MAX_TOKENS }: RunOptions,
  decoder: Decoder,
  rows: number,
  onMeasure: (share: number) => void,
) {
  if (onCosts === undefined) return undefined;
  const asks = arms.map((arm) => asksOf(arm, named));
  const asked: MeasureCostsOptions = {
    repeats: 5,
    prefix: Math.round(problems.reduce((sum, { prompt }) => sum + prompt.length, 0) / problems.length),
    longerBy: LONGER_BY,
    outputs: asks.map(({ target }) => target).reduce(unite, {}),
    draftLogits: asks.some(({ draftLogits }) => draftLogits),
    within: (oneRow) => Math.max(FEW_SECONDS, PART_OF_RUN * TOKENS_OF_MOST * rows * maxTokens * oneRow),
    onProgress: onMeasure,
    signal,
  };
  const measure = () => {
    onMeasure(0);
    return decoder.costs(asked);
  };
  return costMeter(measure, onCosts, now);
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
