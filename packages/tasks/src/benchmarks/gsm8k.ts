import { invalidOption, JudgeDecodingError } from '@judge-decoding/core';
import { type Benchmark, besides, type LoadOptions } from './benchmark.ts';
import { finalNumber, isNumber } from './grade-number.ts';
import { checkCount, type FileRow, findFile, readJsonLines, textField } from './read-rows.ts';
import type { Message, TextProblem } from './text-problem.ts';

const PUBLISHED = { test: 1319, train: 7473 } as const;
type Split = keyof typeof PUBLISHED;

const ask = (question: string): string =>
  `Given the following problem, reason and give a final answer to the problem.\nProblem: ${question}\n` +
  'Your response should end with "The final answer is [answer]" where [answer] is the response to the problem.\n';

/** Grade-school arithmetic in words. (Cobbe et al. 2021.) */
export const gsm8k: Benchmark = {
  name: 'gsm8k',
  title: 'GSM8K',
  files:
    'test.jsonl and train.jsonl (question, answer that ends in "#### 42"), as openai/grade-school-math has them',
  template:
    'The Llama 3 report’s instruction prompt, 8 examples as turns of their own. Its examples are Wei et al.’s; ours are the first of train.jsonl, their calculator marks removed.',
  grading: 'number',
  splits: ['test', 'train'],
  shots: 8,
  load,
};

async function load(folder: string, options: LoadOptions = {}): Promise<readonly TextProblem[]> {
  const { split = 'test', shots = gsm8k.shots, count } = options;
  if (!Object.hasOwn(PUBLISHED, split)) throw invalidOption('split', 'test or train', split);
  const rows = await read(folder, split as Split, count);
  const examples = shots === 0 ? [] : (await read(folder, 'train', count)).slice(0, shots);
  if (examples.length < shots)
    throw invalidOption('shots', `at most ${examples.length}, which is what train.jsonl has`, shots);
  const before = examples.flatMap(turnsOf);
  return rows.map((row, index) => {
    const question = textField(row, 'question');
    const answer = textField(row, 'answer');
    const gold = goldOf(row, answer);
    return {
      id: `gsm8k/${split}/${index}`,
      domain: 'gsm8k',
      messages: [...before, { role: 'user', content: ask(question) }],
      gold: answer,
      grade: (text) => isNumber(text, gold),
    };
  });
}

async function read(folder: string, split: Split, count: LoadOptions['count']): Promise<readonly FileRow[]> {
  const path = await findFile(folder, besides(['gsm8k'], `${split}.jsonl`), `GSM8K’s ${split} problems`);
  const rows = await readJsonLines(path);
  checkCount(rows.length, PUBLISHED[split], path, count);
  return rows;
}

function turnsOf(row: FileRow): readonly Message[] {
  const answer = textField(row, 'answer');
  const steps = answer
    .split('####')[0]!
    .replace(/<<[^>]*>>/g, '')
    .trim();
  return [
    { role: 'user', content: ask(textField(row, 'question')) },
    { role: 'assistant', content: `${steps} The final answer is ${goldOf(row, answer)}` },
  ];
}

function goldOf({ where }: FileRow, answer: string): number {
  const gold = answer.includes('####') ? finalNumber(answer) : undefined;
  if (gold !== undefined) return gold;
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected an \`answer\` that ends in "#### number" at ${where}, got none.`,
  );
}
