import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { invalidOption, JudgeDecodingError } from '@judge-decoding/core';
import type { Language, RunProgram } from '../sandbox/run-program.ts';
import type { Benchmark } from './benchmark.ts';
import { choiceProblem } from './choice-problem.ts';
import { fencedCode } from './code-answer.ts';
import { isNumber } from './grade-number.ts';
import { passesTests } from './grade-tests.ts';
import { type FileRow, readJsonLines, textField, textsField } from './read-rows.ts';
import type { Message, TextProblem, Verdict } from './text-problem.ts';

const GRADERS = ['number', 'exact', 'contains', 'choice', 'python', 'javascript', 'none'] as const;

/** A folder of JSONL files of one's own, or one such file. */
export const ownRows: Benchmark = {
  name: 'own',
  title: 'own problems',
  files:
    'any *.jsonl: `prompt` (a text) or `messages`; `grader` (number, exact, contains, choice, python, javascript, none) with `answer`, `choices` or `tests`; and, if you like, id, domain, follow_ups, stop, max_tokens',
  template: 'What the row says, through the model’s chat template.',
  grading: 'own',
  splits: ['all'],
  shots: 0,
  async load(folder, { shots = 0, runProgram } = {}) {
    if (shots !== 0) throw invalidOption('shots', '0: write examples into `messages`', shots);
    const problems: TextProblem[] = [];
    const seen = new Set<string>();
    for (const path of await filesOf(folder)) {
      const name = path
        .split('/')
        .at(-1)!
        .replace(/\.jsonl$/, '');
      for (const [index, row] of (await readJsonLines(path)).entries()) {
        const problem = ownProblem(row, name, index, runProgram);
        if (seen.has(problem.id))
          throw new JudgeDecodingError(
            'invalid-file',
            `Expected an id of its own at ${row.where}, got \`${problem.id}\` a second time.`,
          );
        seen.add(problem.id);
        problems.push(problem);
      }
    }
    if (problems.length === 0)
      throw new JudgeDecodingError('invalid-file', `Expected problems in \`${folder}\`, found none.`);
    return problems;
  },
};

async function filesOf(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return [path];
  const names = found?.isDirectory()
    ? (await readdir(path)).filter((name) => name.endsWith('.jsonl')).sort()
    : [];
  if (names.length > 0) return names.map((name) => join(path, name));
  throw new JudgeDecodingError('not-found', `Expected a .jsonl file, or a folder of them, at \`${path}\`.`);
}

/** One such row; `file` is its name without the ending. */
export function ownProblem(
  row: FileRow,
  file: string,
  index: number,
  runProgram: RunProgram | undefined,
): TextProblem {
  const { value } = row;
  const id = value.id === undefined ? `${file}/${index}` : String(value.id);
  const domain = value.domain === undefined ? file : textField(row, 'domain');
  const grader =
    value.grader === undefined ? (value.answer === undefined ? 'none' : 'exact') : textField(row, 'grader');
  if (!(GRADERS as readonly string[]).includes(grader))
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected \`grader\` at ${row.where} to be one of ${GRADERS.join(', ')}, got ${JSON.stringify(grader)}.`,
    );
  if (grader === 'choice') {
    const choices = textsField(row, 'choices');
    const answer = textField(row, 'answer');
    const right = /^[A-J]$/.test(answer) ? answer.charCodeAt(0) - 65 : choices.indexOf(answer);
    if (choices.length < 2 || choices.length > 10 || right < 0 || right >= choices.length)
      throw new JudgeDecodingError(
        'invalid-file',
        `Expected 2 to 10 \`choices\` at ${row.where}, and \`answer\` to be one of them or its letter.`,
      );
    const answerPrefix = 'The best answer is';
    return choiceProblem({
      id,
      domain,
      question: textField(row, 'prompt'),
      choices,
      right,
      before: [],
      answerPrefix,
    });
  }
  return {
    id,
    domain,
    messages: messagesOf(row),
    ...(value.follow_ups === undefined ? {} : { followUps: textsField(row, 'follow_ups') }),
    ...(value.stop === undefined ? {} : { stop: textsField(row, 'stop') }),
    ...(value.max_tokens === undefined ? {} : { maxTokens: atLeastOne(row, value.max_tokens) }),
    ...gradedBy(grader as (typeof GRADERS)[number], row, runProgram),
  };
}

function messagesOf(row: FileRow): readonly Message[] {
  const { messages } = row.value;
  if (messages === undefined) return [{ role: 'user', content: textField(row, 'prompt') }];
  const fits = (one: unknown): one is Message => {
    const { role, content } = (one ?? {}) as Readonly<Record<string, unknown>>;
    return typeof content === 'string' && ['system', 'user', 'assistant'].includes(role as string);
  };
  if (Array.isArray(messages) && messages.length > 0 && messages.every(fits)) return messages;
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected \`messages\` at ${row.where} to be a list of {role, content}, role system, user or assistant.`,
  );
}

function atLeastOne(row: FileRow, value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= 1) return value as number;
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected \`max_tokens\` at ${row.where} to be a whole number of at least 1.`,
  );
}

function gradedBy(
  grader: (typeof GRADERS)[number],
  row: FileRow,
  runProgram: RunProgram | undefined,
): { readonly gold?: string; readonly grade: (answer: string) => Verdict | Promise<Verdict> } {
  switch (grader) {
    case 'number': {
      const gold = Number(row.value.answer);
      if (row.value.answer === undefined || Number.isNaN(gold))
        throw new JudgeDecodingError(
          'invalid-file',
          `Expected \`answer\` at ${row.where} to be a number, got ${row.value.answer === undefined ? 'none' : JSON.stringify(row.value.answer)}.`,
        );
      return { gold: `The final answer is ${gold}`, grade: (answer) => isNumber(answer, gold) };
    }
    case 'exact': {
      const gold = textField(row, 'answer');
      return { gold, grade: (answer) => answer.trim() === gold.trim() };
    }
    case 'contains': {
      const gold = textField(row, 'answer');
      return { gold, grade: (answer) => answer.includes(gold) };
    }
    case 'python':
    case 'javascript': {
      const tests = textField(row, 'tests');
      const language: Language = grader;
      return {
        ...(row.value.answer === undefined ? {} : { gold: textField(row, 'answer') }),
        grade: (answer) => passesTests(language, `${fencedCode(answer)}\n${tests}`, runProgram),
      };
    }
    default:
      return { grade: () => undefined };
  }
}
