import { JudgeDecodingError } from '@judge-decoding/core';
import type { Language, RunProgram } from '../sandbox/run-program.ts';
import { askForLetter } from './choice-problem.ts';
import { fencedCode } from './code-answer.ts';
import { chosenLetter, LETTERS } from './grade-choice.ts';
import { finalNumber, isNumber } from './grade-number.ts';
import { passesTests } from './grade-tests.ts';
import { ownProblem } from './own-rows.ts';
import { type FileRow, readJsonLines, readJsonList, textField, textsField } from './read-rows.ts';
import type { TextProblem } from './text-problem.ts';

/** A question to be answered freely, reasoning and all, whatever shape it was published in. */
export interface Question extends TextProblem {
  /** Whether a program can tell a right answer from a wrong one. */
  readonly graded: boolean;
  /** What is asked, as people are shown it. */
  readonly question: string;
  /**
   * What an answer comes to, to compare answers by; nothing where it comes to nothing, or nobody can say
   * (free text).
   */
  answerOf(answer: string): string | undefined;
  /** Whether nothing that follows can change what a text comes to. */
  isOut?(text: string): boolean;
}

/**
 * Questions of any of the usual shapes, one JSON object a line (.jsonl) or a list of them (.json):
 * GSM8K's (question, answer that ends in "#### 42"), ARC's (question with stem and choices, or
 * question and choices, answerKey), Alpaca's (instruction, input, output), MBPP's (text, test_list) or
 * another program's (question and tests, language python or javascript; run by `runProgram`), plain (question or
 * prompt, and answer, if there is one), or with a `grader`, as `judge eval --task own` takes them: then the prompt is
 * what the row says, and nothing is put around it.
 */
export async function readQuestions(
  path: string,
  { domain, runProgram }: { readonly domain?: string; readonly runProgram?: RunProgram } = {},
): Promise<readonly Question[]> {
  const rows = path.endsWith('.json') ? await readJsonList(path) : await readJsonLines(path);
  if (rows.length === 0)
    throw new JudgeDecodingError('invalid-file', `Expected questions in \`${path}\`, found none.`);
  const stem = path
    .split('/')
    .at(-1)!
    .replace(/\.jsonl?$/, '');
  const seen = new Set<string>();
  return rows.map((row, index) => {
    const { id = `${stem}/${index}`, domain: own = domain ?? stem } = row.value;
    const name = String(id);
    if (seen.has(name))
      throw new JudgeDecodingError(
        'invalid-file',
        `Expected an id of its own at ${row.where}, got \`${name}\` a second time.`,
      );
    seen.add(name);
    const shape = 'grader' in row.value ? asSaid(row, stem, index, runProgram) : ofRow(row, runProgram);
    return { ...shape, id: name, domain: String(own) };
  });
}

type Shape = Omit<Question, 'id' | 'domain'>;

function ofRow(row: FileRow, runProgram: RunProgram | undefined): Shape {
  const { value } = row;
  if ('test_list' in value || 'tests' in value) return program(row, runProgram);
  if ('answerKey' in value || 'choices' in value) return choice(row);
  if ('instruction' in value) {
    const input = value.input === undefined || value.input === '' ? '' : `\n\n${textField(row, 'input')}`;
    const output = value.output === undefined || value.output === '' ? undefined : textField(row, 'output');
    return free(`${textField(row, 'instruction')}${input}`, output);
  }
  const question = textField(row, value.question === undefined ? 'prompt' : 'question');
  if (value.answer === undefined) return free(question, undefined);
  const answer = typeof value.answer === 'number' ? String(value.answer) : textField(row, 'answer');
  const gold =
    answer.includes('####') || /^-?\$?[\d,]+(\.\d+)?$/.test(answer.trim()) ? finalNumber(answer) : undefined;
  return gold === undefined ? free(question, answer) : numeric(question, answer, gold);
}

/** As a row of one's own says it: the same prompt that `judge eval` measures with. */
function asSaid(row: FileRow, file: string, index: number, runProgram: RunProgram | undefined): Shape {
  const { grader } = row.value;
  if (grader === 'choice') return choice(row);
  const problem = ownProblem(row, file, index, runProgram);
  return {
    ...problem,
    graded: grader !== 'none',
    question: problem.messages.at(-1)!.content,
    answerOf: (text) =>
      grader === 'number' ? finalNumber(text)?.toString() : grader === 'exact' ? text.trim() : undefined,
    ...(grader === 'number' ? { isOut: isNumberOut } : {}),
  };
}

const isNumberOut = (text: string): boolean =>
  /(?:####|answer is:?|\\boxed\{)\s*\**\$?-?\d[\d,]*(?:\.\d+)?(?:[^\d,.]|[.,](?!\d).)/is.test(text);

const said = (content: string): TextProblem['messages'] => [{ role: 'user', content }];

function numeric(question: string, answer: string, gold: number): Shape {
  return {
    graded: true,
    question,
    messages: said(
      `Given the following problem, reason and give a final answer to the problem.\nProblem: ${question}\n` +
        'Your response should end with "The final answer is [answer]" where [answer] is the response to the problem.\n',
    ),
    gold: answer.replace(/<<[^>]*>>/g, ''),
    grade: (text) => isNumber(text, gold),
    answerOf: (text) => finalNumber(text)?.toString(),
    isOut: isNumberOut,
  };
}

/** Graded by its tests. */
function program(row: FileRow, runProgram: RunProgram | undefined): Shape {
  const { value } = row;
  const language = (value.language ?? 'python') as Language;
  if (language !== 'python' && language !== 'javascript')
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected \`language\` at ${row.where} to be python or javascript, got ${JSON.stringify(language)}.`,
    );
  const tests = 'test_list' in value ? textsField(row, 'test_list').join('\n') : textField(row, 'tests');
  const asked = textField(
    row,
    value.text !== undefined ? 'text' : value.question !== undefined ? 'question' : 'prompt',
  );
  const gold = [value.code, value.answer].find((one) => typeof one === 'string') as string | undefined;
  const question = `${asked}\nYour code must pass:\n${tests}`;
  return {
    graded: true,
    question,
    messages: said(question),
    ...(gold === undefined ? {} : { gold }),
    grade: (answer) => passesTests(language, `${fencedCode(answer)}\n${tests}`, runProgram),
    answerOf: () => undefined,
  };
}

/** Nobody can grade it; two answers are the same where they are word for word. */
function free(question: string, output: string | undefined): Shape {
  return {
    graded: false,
    question,
    messages: said(question),
    ...(output === undefined ? {} : { gold: output }),
    grade: () => undefined,
    answerOf: () => undefined,
  };
}

function choice(row: FileRow): Shape {
  const { question, choices: listed } = row.value;
  const asked = (typeof question === 'object' && question !== null ? question : row.value) as {
    readonly stem?: unknown;
    readonly question?: unknown;
    readonly choices?: unknown;
  };
  const stem = asked.stem ?? asked.question ?? row.value.prompt;
  const found = choicesOf(asked.choices ?? listed);
  const key = row.value.answerKey ?? row.value.answer;
  if (typeof stem !== 'string' || found === undefined || typeof key !== 'string')
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected a question with \`choices\` (2 to ${LETTERS.length}, text and label) and \`answerKey\` at ${row.where}.`,
    );
  const right = found.findIndex(({ label, text }) => label === key || text === key);
  if (right < 0)
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected the answer at ${row.where} to be one of the choices, got ${JSON.stringify(key)}.`,
    );
  const texts = found.map(({ text }) => text);
  const letterOf = (answer: string) => chosenLetter(answer, texts.length);
  return {
    graded: true,
    question: [stem, ...texts.map((text, i) => `${LETTERS[i]}. ${text}`)].join('\n'),
    messages: said(askForLetter(stem, texts)),
    gold: `The best answer is ${LETTERS[right]}.`,
    grade: (answer) => letterOf(answer) === right,
    answerOf: (answer) => {
      const letter = letterOf(answer);
      return letter === undefined ? undefined : LETTERS[letter];
    },
    isOut: (text) => /answer is:?\s*\**\(?[A-J]\b[^a-z]/i.test(text),
  };
}

/** AI2's list of {text, label}, Hugging Face's {text: [], label: []}, or texts alone. */
function choicesOf(value: unknown): readonly { readonly text: string; readonly label: string }[] | undefined {
  const lists = value as { readonly text?: unknown; readonly label?: unknown } | null | undefined;
  const items: readonly unknown[] = Array.isArray(value)
    ? value
    : Array.isArray(lists?.text)
      ? lists.text.map((text: unknown, i) => ({
          text,
          label: Array.isArray(lists.label) ? lists.label[i] : LETTERS[i],
        }))
      : [];
  const choices = items.map((item, i) => {
    const { text, label } = (typeof item === 'string' ? { text: item, label: LETTERS[i] } : (item ?? {})) as {
      readonly text?: unknown;
      readonly label?: unknown;
    };
    return { text, label: label ?? LETTERS[i] };
  });
  const sound = choices.every(({ text, label }) => typeof text === 'string' && typeof label === 'string');
  if (!sound || choices.length < 2 || choices.length > LETTERS.length) return undefined;
  return choices as unknown as readonly { readonly text: string; readonly label: string }[];
}
