import { JudgeDecodingError } from '@judge-decoding/core';
import { besides } from '../benchmarks/benchmark.ts';
import { findFile, numberField, readJsonLines, textField, textsField } from '../benchmarks/read-rows.ts';
import type { Message } from '../benchmarks/text-problem.ts';

/** A question of MT-Bench, with what a judge is shown beside it. */
export interface JudgedQuestion {
  readonly id: number;
  readonly category: string;
  readonly turns: readonly string[];
  /** GPT-4's answers, where judges are given one: mathematics, reasoning and programs. */
  readonly reference: readonly string[] | undefined;
}

/** What a judge is asked, with the names of the fields to be filled in braces. */
export interface JudgePrompt {
  readonly system: string;
  readonly template: string;
}

/** All that grading needs, from the files that FastChat publishes. */
export interface MtBenchJudge {
  readonly questions: ReadonlyMap<string, JudgedQuestion>;
  readonly prompts: ReadonlyMap<string, JudgePrompt>;
}

/** Categories whose judge is shown a reference, as in FastChat. */
const WITH_REFERENCE = new Set(['math', 'reasoning', 'coding']);

const PROMPTS = [
  'single-v1',
  'single-v1-multi-turn',
  'single-math-v1',
  'single-math-v1-multi-turn',
  'pair-v2',
  'pair-v2-multi-turn',
  'pair-math-v1',
  'pair-math-v1-multi-turn',
];

/**
 * Reads question.jsonl, reference_answer/gpt-4.jsonl and judge_prompts.jsonl below `folder`.
 *
 * @throws JudgeDecodingError `invalid-file` where a reference or a prompt is missing, `not-found` where a file is.
 */
export async function readMtBenchJudge(folder: string): Promise<MtBenchJudge> {
  const places = ['mt_bench', 'mt-bench', 'mt_bench/mt_bench'];
  const asked = await readJsonLines(
    await findFile(folder, besides(places, 'question.jsonl'), 'MT-Bench’s questions'),
  );
  const answered = await readJsonLines(
    await findFile(
      folder,
      besides([...places, 'mt_bench/mt_bench'], 'reference_answer/gpt-4.jsonl'),
      'MT-Bench’s reference answers',
    ),
  );
  const promptFile = await findFile(
    folder,
    besides(places, 'judge_prompts.jsonl'),
    'MT-Bench’s judge prompts',
  );
  const references = new Map(
    answered.map((row) => {
      const turns = (row.value.choices as readonly { readonly turns?: unknown }[] | undefined)?.[0]?.turns;
      if (!Array.isArray(turns) || !turns.every((turn) => typeof turn === 'string'))
        throw new JudgeDecodingError('invalid-file', `Expected \`choices\` with \`turns\` at ${row.where}.`);
      return [numberField(row, 'question_id'), turns as readonly string[]];
    }),
  );
  const prompts = new Map(
    (await readJsonLines(promptFile)).map((row) => [
      textField(row, 'name'),
      { system: textField(row, 'system_prompt'), template: textField(row, 'prompt_template') },
    ]),
  );
  const missing = PROMPTS.filter((name) => !prompts.has(name));
  if (missing.length > 0)
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected the prompts ${missing.join(', ')} in \`${promptFile}\`, found none of that name.`,
    );
  const questions = new Map(
    asked.map((row): readonly [string, JudgedQuestion] => {
      const id = numberField(row, 'question_id');
      const category = textField(row, 'category');
      return [
        `mt-bench/${id}`,
        {
          id,
          category,
          turns: textsField(row, 'turns'),
          reference: WITH_REFERENCE.has(category) ? references.get(id) : undefined,
        },
      ];
    }),
  );
  return { questions, prompts };
}

/** Asks a judge; `askChat` with an endpoint fits. */
export type AskJudge = (messages: readonly Message[]) => Promise<string>;

/** A score from 1 to 10 for one turn (0 or 1); nothing where the judge names none. */
export async function scoreAnswer(
  { prompts }: MtBenchJudge,
  question: JudgedQuestion,
  answers: readonly string[],
  turn: 0 | 1,
  ask: AskJudge,
): Promise<number | undefined> {
  const name = `single-${question.reference === undefined ? 'v1' : 'math-v1'}${turn === 1 ? '-multi-turn' : ''}`;
  const [first = '', second = ''] = answers;
  return ratingIn(
    await ask(filled(prompts.get(name)!, question, { answer: first, answer_1: first, answer_2: second })),
  );
}

/** Which of two answers a judge prefers. */
export type Preference = 'first' | 'second' | 'tie';

/**
 * Which of two answers is better at one turn, asked in both orders: a judge that prefers a place rather
 * than an answer says nothing, and it is a tie. Nothing where neither order brings a verdict.
 */
export async function preferAnswer(
  { prompts }: MtBenchJudge,
  question: JudgedQuestion,
  first: readonly string[],
  second: readonly string[],
  turn: 0 | 1,
  ask: AskJudge,
): Promise<{ readonly preference: Preference; readonly consistent: boolean } | undefined> {
  const name = `pair-${question.reference === undefined ? 'v2' : 'math-v1'}${turn === 1 ? '-multi-turn' : ''}`;
  const inOrder = async (a: readonly string[], b: readonly string[]) =>
    verdictIn(
      await ask(
        filled(prompts.get(name)!, question, {
          answer_a: a[0] ?? '',
          answer_b: b[0] ?? '',
          answer_a_1: a[0] ?? '',
          answer_a_2: a[1] ?? '',
          answer_b_1: b[0] ?? '',
          answer_b_2: b[1] ?? '',
        }),
      ),
    );
  const one = await inOrder(first, second);
  const other = await inOrder(second, first);
  if (one === undefined || other === undefined) return undefined;
  const swapped = other === 'A' ? 'B' : other === 'B' ? 'A' : 'C';
  if (one !== swapped) return { preference: 'tie', consistent: false };
  return { preference: one === 'A' ? 'first' : one === 'B' ? 'second' : 'tie', consistent: true };
}

function filled(
  { system, template }: JudgePrompt,
  { turns, reference = [] }: JudgedQuestion,
  answers: Readonly<Record<string, string>>,
): readonly Message[] {
  const values: Readonly<Record<string, string>> = {
    ...answers,
    question: turns[0] ?? '',
    question_1: turns[0] ?? '',
    question_2: turns[1] ?? '',
    ref_answer_1: reference[0] ?? '',
    ref_answer_2: reference[1] ?? '',
  };
  // all at once: an answer may itself hold the word {question}
  const content = template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  return [
    { role: 'system', content: system },
    { role: 'user', content },
  ];
}

/** `[[7]]`, or `[7]` where a judge forgets half of it; from 1 to 10. */
export function ratingIn(text: string): number | undefined {
  const found = /\[\[(\d+(?:\.\d+)?)\]\]/.exec(text) ?? /\[(\d+(?:\.\d+)?)\]/.exec(text);
  const rating = Number(found?.[1]);
  return rating >= 1 && rating <= 10 ? rating : undefined;
}

/** The last of `[[A]]`, `[[B]]`, `[[C]]`. */
export const verdictIn = (text: string): 'A' | 'B' | 'C' | undefined =>
  [...text.matchAll(/\[\[([ABC])\]\]/g)].at(-1)?.[1] as 'A' | 'B' | 'C' | undefined;
