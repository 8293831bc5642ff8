import { JudgeDecodingError } from '@judge-decoding/core';
import {
  DOMAINS,
  drawProblem,
  finalAnswer,
  grade,
  type ProblemAddress,
  pocketProblem,
  type TaskProblem,
  type TokenProblem,
} from '@judge-decoding/tasks';
import { inTokens, type Question, type RunProgram, readQuestions } from '@judge-decoding/tasks/benchmarks';
import { openSandbox, type Sandbox } from '@judge-decoding/tasks/sandbox';
import { type Contexts, roomFor } from '@judge-decoding/train';
import type { TrainFlags } from '../options/train-flags.ts';
import type { OpenedModel } from '../pair/open-pair.ts';

/** Minutes on a laptop, and already a useful head. */
const POCKET_PROBLEMS = 150;

/** Problems to train on, and what is known of them besides. */
export interface TrainProblems {
  readonly problems: readonly TaskProblem[];
  /** Where they come from, for the card. */
  readonly said: string;
  /** Their truth is known down to the token: the pocket world. */
  readonly exact: readonly TokenProblem[] | undefined;
  readonly questions: ReadonlyMap<string, Question>;
  /** Ids of questions that leave no room for an answer in the models' contexts: they are left out. */
  readonly tooLong: readonly string[];
}

export async function trainProblems(
  {
    questions,
    count,
    domain,
    unsandboxed,
  }: Pick<TrainFlags, 'questions' | 'count' | 'domain' | 'unsandboxed'>,
  { tokenizer }: Pick<OpenedModel, 'tokenizer'>,
  pair: Contexts,
): Promise<TrainProblems> {
  if (questions === undefined) {
    const exact = pocketAddresses(count).map((address) => pocketProblem(address, tokenizer));
    return {
      problems: exact,
      exact,
      said: `${exact.length} training problems of the pocket world`,
      questions: new Map(),
      tooLong: [],
    };
  }
  const all = await readForTraining({ questions, domain, unsandboxed });
  const chosen = all
    .slice(0, count)
    .map((question) => ({ question, problem: inTokens(question, tokenizer) }));
  const fits = chosen.filter(({ problem }) => roomFor(problem.prompt, pair) >= 1);
  const tooLong = chosen.filter((one) => !fits.includes(one)).map(({ question }) => question.id);
  if (fits.length < 10)
    throw new JudgeDecodingError(
      'invalid-input',
      `Expected at least 10 questions, some to fit on, some to choose a threshold on, some to measure on, got ${fits.length}${
        tooLong.length === 0 ? '' : ` and ${tooLong.length} that are too long for the models’ contexts`
      }.`,
    );
  return {
    problems: fits.map(({ problem }) => problem),
    exact: undefined,
    said: `${fits.length} questions of ${questions.split('/').at(-1)}`,
    questions: new Map(fits.map(({ question }) => [question.id, question])),
    tooLong,
  };
}

const pocketAddresses = (count = POCKET_PROBLEMS): readonly ProblemAddress[] =>
  Array.from({ length: count }, (_, index) => ({
    domain: DOMAINS[index % DOMAINS.length]!,
    split: 'train',
    index: Math.floor(index / DOMAINS.length),
  }));

/** The same problems as `trainProblems` takes, as texts to be answered. */
export const pocketQuestions = (count?: number): readonly Question[] =>
  pocketAddresses(count).map((address) => {
    const problem = drawProblem(address);
    return {
      id: problem.id,
      domain: problem.domain,
      question: problem.prompt,
      messages: [{ role: 'user', content: problem.prompt }],
      graded: true,
      grade: (text) => grade(problem, text),
      answerOf: (text) => finalAnswer(text)?.toString(),
    };
  });

/** Questions of a file; programs that models write for them run in the sandbox, or nowhere. */
export async function readForTraining({
  questions,
  domain,
  unsandboxed,
}: {
  readonly questions?: string | undefined;
  readonly domain?: string | undefined;
  readonly unsandboxed?: boolean | undefined;
}): Promise<readonly Question[]> {
  let sandbox: Promise<Sandbox> | undefined;
  // opened where the first program is to be run
  const runProgram: RunProgram = async (program) => {
    sandbox ??= openSandbox(unsandboxed ? { mechanism: 'none' } : {});
    return (await sandbox).run(program);
  };
  return readQuestions(questions!, { runProgram, ...(domain === undefined ? {} : { domain }) });
}
