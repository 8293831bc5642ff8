import { join } from 'node:path';
import { type CudaDtype, cudaBackend } from '@judge-decoding/backend-cuda';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { complete, draftSession } from '@judge-decoding/core';
import { DOMAINS, pocketProblem } from '@judge-decoding/tasks';
import { eachItem, type Part, type Run } from './run.ts';

/**
 * Whole texts of the pocket pair: strict decoding, drafted by the draft, must write what plain decoding of
 * the target writes, token for token, with no exception. The draft length changes from problem to problem.
 */
export interface TextsResult {
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

export const texts: Part = (run) => {
  const dtypes: readonly CudaDtype[] = ['bf16', 'int8', 'int4', 'fp8'];
  const batches = run.quick ? 1 : 2000 / BATCH;
  const items = Array.from({ length: batches }, (_, batch) =>
    dtypes
      // fp8 is held to the same, over fewer texts
      .filter((dtype) => dtype !== 'fp8' || batch < 500 / BATCH)
      .map((dtype) => ({ name: `${dtype} ${batch}`, item: { dtype, batch } })),
  ).flat();
  return eachItem(run, items, ({ dtype, batch }) => compareTexts(run, dtype, batch));
};

async function compareTexts(run: Run, dtype: CudaDtype, batch: number): Promise<TextsResult> {
  const { engine, device, pair, quick } = run;
  const backend = cudaBackend({ engine, device, dtype });
  const folder = join(pair, 'target');
  const checkpoint = await openCheckpoint(folder);
  const target = await backend.open(folder);
  const draft = await backend.open(join(pair, 'draft'));
  try {
    const [plainSession, strictSession] = [await target.openSession(), await target.openSession()];
    const source = draftSession(draft, await draft.openSession());
    const differ: string[] = [];
    let [tokens, right, drafted, kept] = [0, 0, 0, 0];
    const count = quick ? 6 : BATCH;
    for (let index = 0; index < count; index++) {
      const number = batch * BATCH + index;
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
      tokens += plain.tokens.length;
      drafted += strict.stats.drafted;
      kept += strict.stats.accepted;
      if (await problem.grade(plain.tokens)) right++;
      const same =
        plain.tokens.length === strict.tokens.length &&
        plain.tokens.every((token, place) => token === strict.tokens[place]);
      if (!same) differ.push(problem.id);
    }
    return {
      dtype,
      texts: count,
      tokens,
      differ,
      right,
      accepted: kept / Math.max(1, drafted),
    };
  } finally {
    await target.dispose();
    await draft.dispose();
    await checkpoint.dispose();
  }
}
