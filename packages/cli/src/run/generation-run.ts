import {
  type AbortSignalLike,
  type CommittedToken,
  type Finish,
  type GenerateOptions,
  generate,
  JudgeDecodingError,
  NO_STATS,
  type RoundResult,
  type Stats,
} from '@judge-decoding/core';

export interface GenerationRun {
  readonly tokens: readonly CommittedToken[];
  readonly finish: Finish | { readonly reason: 'interrupted' };
  readonly stats: Stats;
  /** Milliseconds from the call to the first committed token, and to the end. */
  readonly firstToken: number;
  readonly total: number;
}

export interface RunOptions extends GenerateOptions {
  readonly signal: AbortSignalLike;
  readonly now: () => number;
  readonly onRound?: (round: RoundResult) => void;
}

/** Runs a generation to its end or to Ctrl-C; what was written until then is kept either way. */
export async function runGeneration({ onRound, ...options }: RunOptions): Promise<GenerationRun> {
  const { now } = options;
  const start = now();
  const tokens: CommittedToken[] = [];
  let soFar: Stats = { ...NO_STATS, generations: 1 };
  let firstToken = Number.NaN;
  const rounds = generate(options);
  const done = (finish: GenerationRun['finish'], stats: Stats): GenerationRun => ({
    tokens,
    finish,
    stats,
    firstToken: Number.isNaN(firstToken) ? now() - start : firstToken,
    total: now() - start,
  });
  try {
    for (;;) {
      const next = await rounds.next();
      if (next.done) return done(next.value.finish, next.value.stats);
      if (tokens.length === 0) firstToken = now() - start;
      tokens.push(...next.value.tokens);
      soFar = next.value.stats;
      onRound?.(next.value);
    }
  } catch (error) {
    // a prompt that was still being read leaves nothing to keep
    if (!JudgeDecodingError.is(error, 'aborted')) throw error;
    return done({ reason: 'interrupted' }, soFar);
  }
}
