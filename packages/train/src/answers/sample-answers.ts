import { invalidOption, throwIfAborted } from '@judge-decoding/core';
import { claimFolder, readIfThere, writeAtomically } from '@judge-decoding/long-work';
import type { Question } from '@judge-decoding/tasks/benchmarks';
import { type DataSetRow, parseRow, rowLine } from '../data-set/index.ts';
import { growthOf, listed } from '../grown-list.ts';
import type { Watch } from '../progress.ts';
import { cutsOf } from './cuts-of.ts';
import type { AnswerTokenizer, AnswerWriter } from './writer.ts';

export interface AnswerOptions extends Watch {
  readonly questions: readonly Question[];
  /** In this order; each takes as many turns as `takes` says. */
  readonly writers: readonly AnswerWriter[];
  /** Answers of each writer to each question, as long as something is missing. */
  readonly takes?: number;
  /** Where finished questions are kept, a file each; what is there is not asked again. */
  readonly folder: string;
  /** Cuts answers for whoever marks them. */
  readonly tokenizer?: AnswerTokenizer | undefined;
}

export interface AnswerYield {
  readonly rows: readonly DataSetRow[];
  readonly questions: number;
  /** Questions with a right and a wrong answer. */
  readonly tuples: number;
  /** By writer: answers, and how many of those that can be graded were right. */
  readonly writers: Readonly<
    Record<string, { readonly answers: number; readonly graded: number; readonly right: number }>
  >;
}

interface Kept {
  readonly question: string;
  readonly answers: readonly {
    readonly writer: string;
    readonly text: string;
    readonly right: boolean | null;
  }[];
}

/**
 * Asks every writer, grades what it says, and keeps the first right and the first wrong answer of every
 * question as a row of a data set; the published answer is the right one where nobody found it.
 * Answers that nobody can grade are kept as `wrong`, to be marked by people.
 */
export async function sampleAnswers(options: AnswerOptions): Promise<AnswerYield> {
  const { questions, writers, takes = 2, folder, tokenizer, signal, onProgress } = options;
  if (questions.length === 0) throw invalidOption('questions', 'at least one question', 'none');
  if (writers.length === 0) throw invalidOption('writers', 'at least one writer', 'none');
  if (!Number.isInteger(takes) || takes < 1)
    throw invalidOption('takes', 'a whole number of at least 1', takes);
  const asked = questions.map(({ id, messages }) => [id, messages]);
  await claimFolder(
    folder,
    {
      kind: 'answers',
      version: 1,
      questions: listed(asked),
      writers: writers.map(({ name, settings }) => ({ name, settings })),
      takes,
    },
    growthOf('questions', asked),
  );
  const rows: DataSetRow[] = [];
  const counts = new Map<string, { answers: number; graded: number; right: number }>();
  let tuples = 0;
  for (const [done, question] of questions.entries()) {
    onProgress?.({ phase: 'answers', done, total: questions.length });
    const path = `${folder}/answers-${String(done).padStart(6, '0')}.json`;
    const before = await readIfThere(path);
    const kept =
      before === undefined ? await ask(question, writers, takes, signal) : (JSON.parse(before) as Kept);
    if (before === undefined) await writeAtomically(path, `${JSON.stringify(kept)}\n`);
    for (const { writer, right } of kept.answers) {
      const count = counts.get(writer) ?? { answers: 0, graded: 0, right: 0 };
      count.answers++;
      count.graded += Number(right !== null);
      count.right += Number(right === true);
      counts.set(writer, count);
    }
    const row = rowOf(question, kept, tokenizer);
    if (row === undefined) continue;
    rows.push(row);
    if (row.correct !== undefined && row.wrong !== undefined) tuples++;
  }
  onProgress?.({ phase: 'answers', done: questions.length, total: questions.length });
  return { rows, questions: questions.length, tuples, writers: Object.fromEntries(counts) };
}

async function ask(
  { id, messages, grade, question }: Question,
  writers: readonly AnswerWriter[],
  takes: number,
  signal: Watch['signal'],
): Promise<Kept> {
  const answers: Kept['answers'][number][] = [];
  const missing = () =>
    !answers.some(({ right }) => right === true) || !answers.some(({ right }) => right !== true);
  for (let take = 0; take < takes; take++) {
    for (const writer of writers) {
      if (!missing()) break;
      throwIfAborted(signal);
      const text = await writer.write(messages, { id, take });
      answers.push({ writer: writer.name, text, right: (await grade(text)) ?? null });
    }
  }
  return { question, answers };
}

function rowOf(
  { id, domain, question, gold, messages }: Question,
  { answers }: Kept,
  tokenizer: AnswerTokenizer | undefined,
): DataSetRow | undefined {
  const filled = answers.filter(({ text }) => text.trim() !== '');
  const right = filled.find((answer) => answer.right === true);
  const wrong = filled.find((answer) => answer.right !== true);
  const correct = right?.text ?? gold;
  if (correct === undefined && wrong === undefined) return undefined;
  const row: DataSetRow = {
    version: 1,
    id,
    domain,
    question,
    ...(messages.length === 1 && messages[0]!.content === question ? {} : { messages }),
    ...(correct === undefined ? {} : { correct }),
    ...(wrong === undefined ? {} : { wrong: wrong.text }),
    provenance: {
      ...(correct === undefined ? {} : { correct: right?.writer ?? 'as published' }),
      ...(wrong === undefined
        ? {}
        : { wrong: `${wrong.writer}${wrong.right === null ? ', not graded' : ''}` }),
    },
    ...(wrong === undefined || tokenizer === undefined ? {} : { cuts: cutsOf(wrong.text, tokenizer) }),
  };
  return parseRow(rowLine(row), `the row of \`${id}\``);
}
