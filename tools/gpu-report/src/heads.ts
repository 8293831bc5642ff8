import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CudaDtype, type CudaModel, cudaBackend } from '@judge-decoding/backend-cuda';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import {
  complete,
  type DraftSource,
  draftSession,
  exactMatch,
  generate,
  type JudgeHead,
  judged,
  logitOf,
  type MeasuredDtype,
  probabilityOf,
  type Rule,
  readHead,
  rule,
  type Session,
  strict,
} from '@judge-decoding/core';
import { HEAD_KINDS, USUAL_HEAD } from '@judge-decoding/pocket-pair';
import { DOMAINS, type PocketTokenizer, pocketProblem, type TokenProblem } from '@judge-decoding/tasks';
import { Kept, openedAll } from './kept.ts';
import { rocAuc } from './numbers.ts';
import { pairOf } from './pair-of.ts';
import { eachItem, inLanes, type Part, type Run } from './run.ts';

/**
 * The pocket pair's heads in the types of weights that this engine runs: what their scores tell apart where
 * standard verification rejects, and whether answers stay right. What a head file lists of a type.
 */
export interface HeadResult {
  readonly head: string;
  /** Fingerprint of the checkpoint's weights. */
  readonly weights: string;
  readonly entry: MeasuredDtype;
  readonly problems: number;
  /** Problems that may be lost at the threshold listed. */
  readonly allowed: number;
  /** Drafted tokens that standard verification rejects and whose truth is known. */
  readonly asked: number;
  /** What each threshold did, on the same problems. */
  readonly tried: readonly {
    readonly threshold: number;
    readonly right: number;
    /** Problems that the target gets right and this does not. */
    readonly lost: number;
    readonly accepted: number;
  }[];
  readonly targetRight: number;
}

const DTYPES: readonly CudaDtype[] = ['bf16', 'int8', 'fp8', 'int4'];
const DRAFT_LENGTH = 16;
const MOST_TOKENS = 480;
/** Problems at work at once. */
const ABREAST = 8;
/** Share of the problems that may be lost at the threshold that is listed. */
const MOST_LOST = 0.01;
const CURVE = [0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999];

export const heads: Part = async (run) => {
  const pair = await pairOf(run);
  // of all kinds, those that this pair has; first the one that is used where none is named
  const present = [...new Set([USUAL_HEAD, ...HEAD_KINDS])].filter((head) =>
    existsSync(join(run.pair, 'heads', `${head}.safetensors`)),
  );
  const kept = new Kept<Pair>();
  try {
    await eachItem(
      run,
      (run.quick ? DTYPES.slice(0, 1) : DTYPES).flatMap((dtype) =>
        present.map((head) => ({ name: `${pair} ${dtype} ${head}`, item: { dtype, head } })),
      ),
      ({ dtype, head }) =>
        kept.use(
          dtype,
          () => openPair(run, dtype),
          (opened) => measureHead(run, opened, head),
        ),
    );
  } finally {
    await kept.dispose();
  }
};

type Answers = { readonly right: readonly boolean[]; readonly accepted: number };

interface Pair {
  readonly target: CudaModel;
  readonly draft: CudaModel;
  readonly tokenizer: PocketTokenizer;
  /** The target's own answers, found once for all heads. */
  plain?: Answers;
  dispose(): Promise<void>;
}

async function openPair({ engine, device, pair }: Run, dtype: CudaDtype): Promise<Pair> {
  const checkpoint = await openCheckpoint(join(pair, 'target'));
  const backend = cudaBackend({ engine, device, dtype, sessions: ABREAST });
  try {
    const models = await openedAll(['target', 'draft'].map((model) => () => backend.open(join(pair, model))));
    return {
      ...{ target: models[0]!, draft: models[1]!, tokenizer: checkpoint.tokenizer },
      async dispose() {
        await Promise.all([...models, checkpoint].map((each) => each.dispose()));
      },
    };
  } catch (error) {
    await checkpoint.dispose();
    throw error;
  }
}

async function measureHead({ pair, quick }: Run, models: Pair, name: string): Promise<HeadResult> {
  const head = readHead(await readFile(join(pair, 'heads', `${name}.safetensors`)));
  const { target } = models;
  const problems = problemsFor(models.tokenizer, quick ? 1 : 100);
  const { logits, correct } = await askedTokens(models, head, problems);
  models.plain ??= await answers(models, problems, undefined);
  const { plain } = models;
  const tried: HeadResult['tried'][number][] = [];
  for (const threshold of candidates(head.threshold)) {
    const used = rule(exactMatch(), judged(head, { threshold }));
    const seen = await answers(models, problems, used);
    const lost = plain.right.filter((right, index) => right && !seen.right[index]).length;
    tried.push({ threshold, right: count(seen.right), lost, accepted: seen.accepted });
    if (lost <= MOST_LOST * problems.length) break;
  }
  const chosen = tried.at(-1)!;
  return {
    head: name,
    weights: target.info.fingerprint.weights,
    problems: problems.length,
    allowed: Math.floor(MOST_LOST * problems.length),
    asked: logits.length,
    tried,
    targetRight: count(plain.right),
    entry: {
      dtype: target.info.dtype,
      device: 'cuda',
      threshold: chosen.threshold,
      metrics: {
        'ROC-AUC where standard verification rejects': rocAuc(logits, correct),
        'accepted a round of 16': chosen.accepted,
        'problems lost': chosen.lost / problems.length,
      },
      calibration: CURVE.map((threshold) => ({ threshold, ...shares(logits, correct, threshold) })),
    },
  };
}

/** The head's own threshold first, then higher ones, half a logit further each. */
const candidates = (threshold: number): readonly number[] =>
  [0, 0.5, 1, 1.5, 2].map((step) => (step === 0 ? threshold : probabilityOf(logitOf(threshold) + step)));

const problemsFor = (tokenizer: PocketTokenizer, perDomain: number): readonly TokenProblem[] =>
  DOMAINS.flatMap((domain) =>
    Array.from({ length: perDomain }, (_, index) =>
      pocketProblem({ split: 'calibration', domain, index }, tokenizer),
    ),
  );

/** Scores and truth of drafted tokens that standard verification rejects, along strict decoding's own texts. */
async function askedTokens({ target, draft }: Pair, head: JudgeHead, problems: readonly TokenProblem[]) {
  // threshold 1 admits nothing, and scores are told all the same
  const watching = rule(exactMatch(), judged(head, { threshold: 1 }));
  const asked = await withLanes({ target, draft }, async (lanes) =>
    inLanes(problems, lanes, async (problem, { session, source }) => {
      const [logits, correct]: [number[], number[]] = [[], []];
      session.truncate(0);
      const rounds = generate({
        ...{ model: target.info, target: session, draft: source, draftLength: DRAFT_LENGTH },
        ...{ prompt: problem.prompt, maxTokens: MOST_TOKENS, rule: watching, allowOtherWeights: true },
      });
      for await (const { round, scores } of rounds) {
        const reader = problem.reader();
        for (const token of round.text.slice(problem.prompt.length)) reader.feed(token);
        for (const [index, token] of round.draft.entries()) {
          const label = reader.feed(token);
          if (label === 'dead') break;
          if (token === round.target.argmax(index)) continue;
          logits.push(logitOf(scores[index]!));
          correct.push(label === 'ok' ? 1 : 0);
        }
      }
      return { logits, correct };
    }),
  );
  return {
    logits: Float64Array.from(asked.flatMap(({ logits }) => logits)),
    correct: Uint8Array.from(asked.flatMap(({ correct }) => correct)),
  };
}

interface Lane {
  readonly session: Session;
  readonly source: DraftSource;
}

/** Sessions of both models, for as many problems as are at work at once. */
async function withLanes<Result>(
  { target, draft }: Pick<Pair, 'target' | 'draft'>,
  work: (lanes: readonly Lane[]) => Promise<Result>,
): Promise<Result> {
  const opened: Session[] = [];
  const open = async (model: CudaModel) => {
    const session = await model.openSession();
    opened.push(session);
    return session;
  };
  try {
    const lanes: Lane[] = [];
    for (let lane = 0; lane < ABREAST; lane++) {
      lanes.push({ session: await open(target), source: draftSession(draft, await open(draft)) });
    }
    return await work(lanes);
  } finally {
    await Promise.all(opened.map((session) => session.dispose()));
  }
}

/** Whether each problem is answered right, and how many tokens a round accepts; without a rule: the target alone. */
async function answers({ target, draft }: Pair, problems: readonly TokenProblem[], used: Rule | undefined) {
  const done = await withLanes({ target, draft }, (lanes) =>
    inLanes(problems, lanes, async ({ prompt, grade }, { session, source }) => {
      session.truncate(0);
      const { tokens, stats } = await complete({
        ...{ model: target.info, target: session, prompt, maxTokens: MOST_TOKENS, draftLength: DRAFT_LENGTH },
        ...{ rule: used ?? strict({ temperature: 0 }), allowOtherWeights: true },
        ...(used === undefined ? {} : { draft: source }),
      });
      return { right: await grade(tokens), stats };
    }),
  );
  const sum = (of: 'accepted' | 'rounds') => done.reduce((total, { stats }) => total + stats[of], 0);
  return { right: done.map(({ right }) => right), accepted: sum('accepted') / Math.max(1, sum('rounds')) };
}

function shares(logits: Float64Array, correct: Uint8Array, threshold: number) {
  const cut = logitOf(threshold);
  const of = (truth: number, above: boolean) =>
    logits.reduce((sum, logit, i) => sum + (correct[i] === truth && logit > cut === above ? 1 : 0), 0);
  const total = (truth: number) => Math.max(1, of(truth, true) + of(truth, false));
  return { wrongStopped: of(0, false) / total(0), correctAdmitted: of(1, true) / total(1) };
}

const count = (flags: readonly boolean[]): number => flags.filter(Boolean).length;
