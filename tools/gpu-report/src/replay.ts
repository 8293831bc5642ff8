import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CudaDtype, cudaBackend } from '@judge-decoding/backend-cuda';
import {
  type CachedText,
  cachedText,
  type DraftSource,
  exactMatch,
  generate,
  JudgeDecodingError,
  type JudgeHead,
  judged,
  type Model,
  type RoundResult,
  readHead,
  rule,
  type Session,
  type TokenId,
} from '@judge-decoding/core';
import { shortWeights } from './pair-of.ts';
import { DRAFT_LENGTH, type Recorded, type RecordedProblem, type RecordedRound } from './recorded.ts';
import { eachItem, type Part, type Run } from './run.ts';

/**
 * Rounds that the CPU decided (`npm run record`), decided again here, each on the text as it was there: one difference
 * does not hide the next. A decision may be another where the judge's score lies at the threshold or where the target's two
 * likeliest tokens are as good as even.
 */
export interface ReplayResult {
  /** The target by its weights (drafts are as recorded), and which head; results from before pairs were told apart have neither. */
  readonly pair?: string;
  readonly head?: string;
  readonly dtype: string;
  readonly by: string;
  readonly problems: number;
  readonly rounds: number;
  /** Drafted tokens looked at in both, and tokens drawn. */
  readonly decisions: number;
  readonly differ: readonly Difference[];
  /** How far the judge's scores moved. */
  readonly scoreMean: number;
  readonly scoreLargest: number;
}

export interface Difference {
  readonly problem: string;
  readonly round: number;
  readonly at: number;
  /** How far the score recorded lies from the threshold; null where nothing was scored there. */
  readonly fromThreshold: number | null;
  /** ln p of the target's likeliest token less that of the next one. */
  readonly gap: number;
  readonly excused: 'threshold' | 'near tie' | null;
}

/** Scores this close to the threshold may fall on its other side. */
const AT_THRESHOLD = 1e-3;
/** ln p of two tokens that are as good as even in bf16. */
const NEAR_TIE = 0.02;
const BATCH = 100;
const DTYPES: readonly CudaDtype[] = ['bf16', 'int8', 'fp8', 'int4'];

export const replay: Part = async (run) => {
  const recorded = await readRecorded(run.recorded);
  const pair = shortWeights(recorded.weights);
  const problems = run.quick ? recorded.problems.slice(0, 2) : recorded.problems;
  const batches = Array.from({ length: Math.ceil(problems.length / BATCH) }, (_, batch) => batch);
  const items = batches.flatMap((batch) =>
    (run.quick ? DTYPES.slice(0, 1) : DTYPES).map((dtype) => ({
      name: `${pair} ${recorded.head} ${dtype} ${batch}`,
      item: { dtype, problems: problems.slice(batch * BATCH, (batch + 1) * BATCH) },
    })),
  );
  await eachItem(run, items, (item) => decideAgain(run, recorded, item.dtype, item.problems));
};

async function readRecorded(path: string): Promise<Recorded> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new JudgeDecodingError(
      'not-found',
      `Expected what \`npm run record\` wrote at ${path}, got ${error.code}. Name it with --recorded.`,
    );
  });
  return JSON.parse(text) as Recorded;
}

async function decideAgain(
  { engine, device, pair }: Run,
  recorded: Recorded,
  dtype: CudaDtype,
  problems: readonly RecordedProblem[],
): Promise<ReplayResult> {
  const head = readHead(await readFile(join(pair, 'heads', `${recorded.head}.safetensors`)));
  const target = await cudaBackend({ engine, device, dtype }).open(join(pair, 'target'));
  try {
    if (target.info.fingerprint.weights !== recorded.weights) {
      throw new JudgeDecodingError(
        'mismatch',
        `Expected rounds of the target in ${pair}, they are of another one. Record them anew.`,
      );
    }
    const [cache, other] = [cachedText(await target.openSession()), await target.openSession()];
    const differ: Difference[] = [];
    let [rounds, decisions, moved, scored, largest] = [0, 0, 0, 0, 0];
    for (const { name, prompt, rounds: then } of problems) {
      const text = [...prompt];
      for (const [index, round] of then.entries()) {
        const now = await roundOn(target, cache, text, round, head, recorded.threshold);
        rounds++;
        decisions += round.tokens.length;
        for (const [place, score] of round.scores.entries()) {
          const change = Math.abs(score - (now.scores[place] ?? Number.NaN));
          if (Number.isNaN(change)) continue;
          moved += change;
          scored++;
          largest = Math.max(largest, change);
        }
        const at = round.tokens.findIndex((id, place) => now.tokens[place]?.id !== id);
        if (at >= 0) {
          const gap = await gapAt(other, [...text, ...round.tokens.slice(0, at)]);
          const score = round.scores[at];
          const fromThreshold = score === undefined ? null : Math.abs(score - recorded.threshold);
          const excused =
            fromThreshold !== null && fromThreshold <= AT_THRESHOLD
              ? 'threshold'
              : gap <= NEAR_TIE
                ? 'near tie'
                : null;
          differ.push({ problem: name, round: index + 1, at, fromThreshold, gap, excused });
        }
        text.push(...round.tokens);
      }
    }
    return {
      ...{ pair: shortWeights(recorded.weights), head: recorded.head },
      ...{ dtype, by: recorded.by, problems: problems.length, rounds, decisions, differ },
      ...{ scoreMean: moved / Math.max(1, scored), scoreLargest: largest },
    };
  } finally {
    await target.dispose();
  }
}

/** One round on a text as it was then: a generation that is left after its first round. */
async function roundOn(
  { info }: Model,
  cache: CachedText,
  text: readonly TokenId[],
  { draft }: RecordedRound,
  head: JudgeHead,
  threshold: number,
): Promise<RoundResult> {
  const scripted: DraftSource = {
    name: 'what was recorded',
    hasDistribution: false,
    propose: async ({ count }) => ({ tokens: draft.slice(0, count) }),
  };
  const rounds = generate({
    ...{ model: info, target: cache, prompt: text, draft: scripted, draftLength: DRAFT_LENGTH },
    ...{ rule: rule(exactMatch(), judged(head, { threshold })), allowOtherWeights: true },
  });
  const next = await rounds.next();
  await rounds.return(undefined as never);
  return next.value as RoundResult;
}

async function gapAt(session: Session, text: readonly TokenId[]): Promise<number> {
  session.truncate(0);
  const { top } = await session.forward(text, { top: 2 });
  const last = 2 * (text.length - 1);
  return top.logProbs[last]! - top.logProbs[last + 1]!;
}
