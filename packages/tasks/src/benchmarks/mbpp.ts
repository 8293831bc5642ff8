import { invalidOption } from '@judge-decoding/core';
import { type Benchmark, besides, type LoadOptions } from './benchmark.ts';
import { fencedCode } from './code-answer.ts';
import { passesTests } from './grade-tests.ts';
import {
  checkCount,
  type FileRow,
  findFile,
  numberField,
  readJsonLines,
  textField,
  textsField,
} from './read-rows.ts';
import type { TextProblem } from './text-problem.ts';

const PUBLISHED = 974;
/** First and last task_id of each split, as published. */
const SPLITS: Readonly<Record<string, readonly [number, number]>> = {
  all: [1, 974],
  prompt: [1, 10],
  test: [11, 510],
  validation: [511, 600],
  train: [601, 974],
};

/** Python programs from a sentence and three asserts. (Austin et al. 2021.) */
export const mbpp: Benchmark = {
  name: 'mbpp',
  title: 'MBPP',
  files: 'mbpp.jsonl (task_id, text, code, test_list, test_setup_code), as google-research has it',
  template:
    'The paper’s words, which the Llama 3 report keeps: the task and its asserts, no example by default; examples are the split `prompt`’s. The program is the answer’s first fenced block.',
  grading: 'tests',
  splits: Object.keys(SPLITS),
  shots: 0,
  load,
};

async function load(folder: string, options: LoadOptions = {}): Promise<readonly TextProblem[]> {
  const { split = 'test', shots = 0, count, runProgram } = options;
  const range = Object.hasOwn(SPLITS, split) ? SPLITS[split] : undefined;
  if (range === undefined) throw invalidOption('split', `one of ${Object.keys(SPLITS).join(', ')}`, split);
  const path = await findFile(folder, besides(['mbpp'], 'mbpp.jsonl'), 'MBPP');
  const rows = await readJsonLines(path);
  checkCount(rows.length, PUBLISHED, path, count);
  const within = ([first, last]: readonly [number, number]) =>
    rows.filter((row) => {
      const id = numberField(row, 'task_id');
      return id >= first && id <= last;
    });
  const examples = within(SPLITS.prompt!).slice(0, shots);
  if (examples.length < shots) throw invalidOption('shots', `at most ${examples.length}`, shots);
  const before = examples.flatMap((row) => [
    { role: 'user', content: ask(row) } as const,
    { role: 'assistant', content: fenced(textField(row, 'code')) } as const,
  ]);
  return within(range).map((row): TextProblem => {
    // two rows build a tree of the program's own class
    const setup = textField(row, 'test_setup_code');
    const tests = textsField(row, 'test_list').join('\n');
    return {
      id: `mbpp/${numberField(row, 'task_id')}`,
      domain: 'mbpp',
      messages: [...before, { role: 'user', content: ask(row) }],
      maxTokens: 1024,
      gold: fenced(textField(row, 'code')),
      grade: (answer) => passesTests('python', `${fencedCode(answer)}\n${setup}\n${tests}`, runProgram),
    };
  });
}

const ask = (row: FileRow): string =>
  `You are an expert Python programmer, and here is your task: ${textField(row, 'text')} Your code should pass these tests:\n\n${textsField(row, 'test_list').join('\n')}\n`;

const fenced = (code: string): string => `\`\`\`python\n${code.replace(/\r\n/g, '\n')}\n\`\`\``;
