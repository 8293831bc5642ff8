import { join } from 'node:path';
import { type CudaDtype, cudaBackend } from '@judge-decoding/backend-cuda';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { complete, draftSession } from '@judge-decoding/core';
import { DOMAINS, pocketProblem } from '@judge-decoding/tasks';
import { pairOf } from './pair-of.ts';
import { eachItem, inLanes, type Part, type Run } from './run.ts';

/**
 * Whole texts of the pocket pair: strict decoding, drafted by the draft, must write what plain decoding of
 * the target writes, token for token, with no exception. The draft length changes from problem to problem.
 */
export interface TextsResult {
  /** As `pairOf` says it; results from before pairs were told apart have none. */
  readonly pair?: string;
  readonly dtype: string;
  readonly texts: number;
  readonly tokens: number;
  /** Problems whose strict text was another one; must be none. */
  readonly differ: readonly string[];
  /** Answers of plain decoding that are right. */
  readonly right: number;
  /** Share of the drafted tokens that strict verification kept. */
  readonly accepted: number;
}

const LENGTHS = [1, 4, 8, 16, 25, 40] as const;
/** Problems of one item: a stopped run loses at most that many. */
const BATCH = 50;
const MOST_TOKENS = 480;
/** Problems at work at once. */
const ABREAST = 8;

export const texts: Part = async (run) => {
  const pair = await pairOf(run);
  const dtypes: readonly CudaDtype[] = ['bf16', 'int8', 'int4', 'fp8'];
  const batches = run.quick ? 1 : 2000 / BATCH;
  const items = Array.from({ length: batches }, (_, batch) =>
    dtypes
      // fp8 is held to the same, over fewer texts
      .filter((dtype) => dtype !== 'fp8' || batch < 500 / BATCH)
      .map((dtype) => ({ name: `${pair} ${dtype} ${batch}`, item: { dtype, batch } })),
  ).flat();
  await eachItem(run, items, async ({ dtype, batch }) => ({
    pair,
    ...(await compareTexts(run, dtype, batch)),
  }));
};

async function compareTexts(run: Run, dtype: CudaDtype, batch: number): Promise<TextsResult> {
  const { engine, device, pair, quick } = run;
  // two sessions of the target for each problem at work
  const backend = cudaBackend({ engine, device, dtype, sessions: 2 * ABREAST });
  const folder = join(pair, 'target');
  const checkpoint = await openCheckpoint(folder);
  const target = await backend.open(folder);
  const draft = await backend.open(join(pair, 'draft'));
  try {
    const lanes = await Promise.all(
      Array.from({ length: ABREAST }, async () => ({
        plainSession: await target.openSession(),
        strictSession: await target.openSession(),
        source: draftSession(draft, await draft.openSession()),
      })),
    );
    const count = quick ? 6 : BATCH;
    const numbers = Array.from({ length: count }, (_, index) => batch * BATCH + index);
    const seen = await inLanes(numbers, lanes, async (number, { plainSession, strictSession, source }) => {
      const domain = DOMAINS[number % DOMAINS.length]!;
      const problem = pocketProblem({ domain, split: 'dev', index: number }, checkpoint.tokenizer);
      plainSession.truncate(0);
      strictSession.truncate(0);
      const common = { model: target.info, prompt: problem.prompt, maxTokens: quick ? 40 : MOST_TOKENS };
      const plain = await complete({ ...common, target: plainSession });
      const strict = await complete({
        ...common,
        target: strictSession,
        draft: source,
        draftLength: LENGTHS[number % LENGTHS.length]!,
      });
      const same =
        plain.tokens.length === strict.tokens.length &&
        plain.tokens.every((token, place) => token === strict.tokens[place]);
      return { id: problem.id, same, plain, strict, right: await problem.grade(plain.tokens) };
    });
    const sum = (of: (one: (typeof seen)[number]) => number) =>
      seen.reduce((total, one) => total + of(one), 0);
    return {
      dtype,
      texts: count,
      tokens: sum(({ plain }) => plain.tokens.length),
      differ: seen.filter(({ same }) => !same).map(({ id }) => id),
      right: seen.filter(({ right }) => right).length,
      accepted:
        sum(({ strict }) => strict.stats.accepted) /
        Math.max(
          1,
          sum(({ strict }) => strict.stats.drafted),
        ),
    };
  } finally {
    await target.dispose();
    await draft.dispose();
    await checkpoint.dispose();
  }
}
