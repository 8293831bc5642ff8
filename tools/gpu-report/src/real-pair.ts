import { type CudaDtype, type CudaModel, cudaBackend } from '@judge-decoding/backend-cuda';
import { openCheckpoint, type Tokenizer } from '@judge-decoding/checkpoint';
import {
  complete,
  draftSession,
  JudgeDecodingError,
  klDivergence,
  type Session,
  type TokenId,
} from '@judge-decoding/core';
import { inTokens, readQuestions } from '@judge-decoding/tasks/benchmarks';
import { Kept, openedAll } from './kept.ts';
import { eachItem, type Part, type Run } from './run.ts';

/** A pair of somebody's models over questions: strict text against plain text, and what few bits change. */
export type RealPairResult = AnswersResult | FewBitsResult;

export interface AnswersResult {
  readonly kind: 'answers';
  readonly dtype: string;
  readonly draftLength: number;
  readonly questions: number;
  readonly tokens: number;
  /** Questions whose strict text was another one; must be none. */
  readonly differ: readonly string[];
  /** Right answers of plain decoding. */
  readonly right: number;
  readonly accepted: number;
  readonly rounds: number;
  /** Of the same texts: a speed only where nothing else used the GPU. */
  readonly plainSeconds: number;
  readonly strictSeconds: number;
}

export interface FewBitsResult {
  readonly kind: 'few bits';
  readonly dtype: string;
  /** Tokens of bf16's own answers, each predicted by both. */
  readonly rows: number;
  /** KL(bf16 ‖ dtype), nats. */
  readonly klMean: number;
  readonly klLargest: number;
  /** Rows with the same likeliest token. */
  readonly agree: number;
}

const DTYPES: readonly CudaDtype[] = ['bf16', 'int8', 'int4'];
const FEW_BITS: readonly CudaDtype[] = ['int8', 'fp8', 'int4'];
const BATCH = 25;
const QUESTIONS = 200;
const DRAFT_LENGTH = 8;
const MOST_TOKENS = 400;
/** Questions whose answers are read again in few bits, and so many of them an item. */
const READ_AGAIN = 20;
const READ_BATCH = 5;
/** Rows of a pass whose logits leave the device. */
const PASS = 32;

export const realPair: Part = async (run) => {
  if (run.realPair === undefined) {
    throw new JudgeDecodingError(
      'invalid-option',
      'Expected --target, --draft and --questions for real-pair, got not all of them.',
    );
  }
  const { target, draft } = run.realPair;
  const kept = new Kept<Models>();
  const batches = (questions: number, size: number) =>
    Array.from({ length: run.quick ? 1 : questions / size }, (_, batch) => batch);
  const fewBits = FEW_BITS.flatMap((dtype) =>
    batches(READ_AGAIN, READ_BATCH).map((batch) => ({
      name: `few bits, ${dtype} ${batch}`,
      item: (): Promise<RealPairResult> =>
        kept.use(
          `few bits, ${dtype}`,
          () => modelsOf(run, [target, 'bf16'], [target, dtype]),
          (models) => readAgain(run, models, dtype, batch),
        ),
    })),
  );
  const answers = DTYPES.flatMap((dtype) =>
    batches(QUESTIONS, BATCH).map((batch) => ({
      name: `answers, ${dtype} ${batch}`,
      item: (): Promise<RealPairResult> =>
        kept.use(
          dtype,
          () => modelsOf(run, [target, dtype], [draft, dtype]),
          (models) => answer(run, models, dtype, batch),
        ),
    })),
  );
  try {
    await eachItem(run, [...fewBits, ...answers], (work) => work());
  } finally {
    await kept.dispose();
  }
};

/** Two models that are at work together, and the first one's tokenizer. */
interface Models {
  readonly first: CudaModel;
  readonly second: CudaModel;
  readonly tokenizer: Tokenizer;
  dispose(): Promise<void>;
}

type Wanted = readonly [location: string, dtype: CudaDtype];

async function modelsOf({ engine, device }: Run, ...wanted: readonly [Wanted, Wanted]): Promise<Models> {
  const checkpoint = await openCheckpoint(wanted[0][0]);
  try {
    const models = await openedAll(
      wanted.map(
        ([location, dtype]) =>
          () =>
            cudaBackend({ engine, device, dtype }).open(location, { contextLength: 2048 }),
      ),
    );
    return {
      first: models[0]!,
      second: models[1]!,
      tokenizer: checkpoint.tokenizer,
      async dispose() {
        await Promise.all([...models, checkpoint].map((each) => each.dispose()));
      },
    };
  } catch (error) {
    await checkpoint.dispose();
    throw error;
  }
}

async function problemsOf({ realPair, quick }: Run, tokenizer: Tokenizer, from: number, count: number) {
  const questions = await readQuestions(realPair!.questions);
  return questions.slice(from, from + (quick ? 2 : count)).map((question) => inTokens(question, tokenizer));
}

async function answer(run: Run, models: Models, dtype: CudaDtype, batch: number): Promise<AnswersResult> {
  const { first: target, second: draft, tokenizer } = models;
  const sessions = await openedAll([target, target, draft].map((model) => () => model.openSession()));
  try {
    const [plainSession, strictSession] = [sessions[0]!, sessions[1]!];
    const source = draftSession(draft, sessions[2]!);
    const differ: string[] = [];
    let [tokens, right, accepted, rounds, plainSeconds, strictSeconds] = [0, 0, 0, 0, 0, 0];
    const problems = await problemsOf(run, tokenizer, batch * BATCH, BATCH);
    for (const problem of problems) {
      plainSession.truncate(0);
      strictSession.truncate(0);
      const maxTokens = run.quick ? 24 : MOST_TOKENS;
      const common = { model: target.info, prompt: problem.prompt, maxTokens };
      const from = performance.now();
      const plain = await complete({ ...common, target: plainSession });
      const between = performance.now();
      const drafted = { draft: source, draftLength: DRAFT_LENGTH, target: strictSession };
      const strict = await complete({ ...common, ...drafted });
      strictSeconds += (performance.now() - between) / 1000;
      plainSeconds += (between - from) / 1000;
      tokens += plain.tokens.length;
      accepted += strict.stats.accepted;
      rounds += strict.stats.rounds;
      if (await problem.grade(plain.tokens)) right++;
      const same =
        plain.tokens.length === strict.tokens.length &&
        plain.tokens.every((token, place) => token === strict.tokens[place]);
      if (!same) differ.push(problem.id);
    }
    return {
      ...{ kind: 'answers', dtype, draftLength: DRAFT_LENGTH, questions: problems.length, tokens, differ },
      ...{ right, accepted, rounds, plainSeconds, strictSeconds },
    };
  } finally {
    await Promise.all(sessions.map((session) => session.dispose()));
  }
}

async function readAgain(run: Run, models: Models, dtype: CudaDtype, batch: number): Promise<FewBitsResult> {
  const { first: full, second: few, tokenizer } = models;
  const sessions = await openedAll([full, few].map((model) => () => model.openSession()));
  try {
    const [session, other] = [sessions[0]!, sessions[1]!];
    let [rows, klSum, klLargest, agree] = [0, 0, 0, 0];
    for (const problem of await problemsOf(run, tokenizer, batch * READ_BATCH, READ_BATCH)) {
      session.truncate(0);
      other.truncate(0);
      const { prompt } = problem;
      const maxTokens = run.quick ? 24 : MOST_TOKENS;
      const { tokens } = await complete({ model: full.info, target: session, prompt, maxTokens });
      session.truncate(0);
      const ids: readonly TokenId[] = [...prompt, ...tokens.slice(0, -1)];
      // the prompt's last token predicts the answer's first
      const begin = prompt.length - 1;
      await read(session, ids.slice(0, begin), full.info.prefillChunk);
      await read(other, ids.slice(0, begin), few.info.prefillChunk);
      for (let at = begin; at < ids.length; at += PASS) {
        const part = ids.slice(at, at + PASS);
        const asked = { logits: true, argmax: true } as const;
        const [ours, theirs] = [await session.forward(part, asked), await other.forward(part, asked)];
        for (let row = 0; row < part.length; row++) {
          const of = ({ logits }: { readonly logits: Float32Array }) =>
            logits.subarray(row * full.info.vocabSize, (row + 1) * full.info.vocabSize);
          const apart = klDivergence(of(ours), of(theirs));
          klSum += apart;
          klLargest = Math.max(klLargest, apart);
          if (ours.argmax[row] === theirs.argmax[row]) agree++;
          rows++;
        }
      }
    }
    return { kind: 'few bits', dtype, rows, klMean: klSum / Math.max(1, rows), klLargest, agree };
  } finally {
    await Promise.all(sessions.map((session) => session.dispose()));
  }
}

async function read(session: Session, ids: readonly TokenId[], chunk: number): Promise<void> {
  for (let at = 0; at < ids.length; at += chunk) await session.forward(ids.slice(at, at + chunk), {});
}
