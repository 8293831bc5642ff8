import { invalidOption, JudgeDecodingError } from '@judge-decoding/core';
import { type Benchmark, besides, type LoadOptions } from './benchmark.ts';
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

const PUBLISHED = 80;

/** Talks of two turns in eight categories, graded by a model. (Zheng et al. 2023.) */
export const mtBench: Benchmark = {
  name: 'mt-bench',
  title: 'MT-Bench',
  files:
    'question.jsonl (question_id, category, turns), and for grading reference_answer/gpt-4.jsonl and judge_prompts.jsonl, as FastChat has them',
  template: 'The questions as they are, turn by turn, without a system message.',
  grading: 'judge',
  splits: ['test'],
  shots: 0,
  load: (folder, options) => load(folder, options),
};

async function load(folder: string, options: LoadOptions = {}): Promise<readonly TextProblem[]> {
  const path = await findFile(
    folder,
    besides(['mt_bench', 'mt-bench', 'mt_bench/mt_bench'], 'question.jsonl'),
    'MT-Bench’s questions',
  );
  return talks('mt-bench', path, PUBLISHED, options);
}

/** Eight of MT-Bench's categories are one domain of Spec-Bench. */
const MULTI_TURN = new Set([
  'writing',
  'roleplay',
  'reasoning',
  'math',
  'coding',
  'extraction',
  'stem',
  'humanities',
]);

/** What speculative methods are compared on: six domains of 80 questions. (Xia et al. 2024.) */
export const specBench: Benchmark = {
  name: 'spec-bench',
  title: 'Spec-Bench',
  files: 'question.jsonl (question_id, category, turns), as hemingkx/Spec-Bench has it',
  template:
    'The questions as they are, turn by turn. MT-Bench’s eight categories are counted as one, multi-turn, as the paper counts them. Nothing is graded: it is a measure of speed.',
  grading: 'judge',
  splits: ['test'],
  shots: 0,
  async load(folder, options = {}) {
    const path = await findFile(
      folder,
      besides(['spec_bench', 'spec-bench'], 'question.jsonl'),
      'Spec-Bench’s questions',
    );
    return talks('spec-bench', path, 480, options);
  },
};

async function talks(
  name: string,
  path: string,
  published: number,
  { split = 'test', shots = 0, count }: LoadOptions,
): Promise<readonly TextProblem[]> {
  if (split !== 'test') throw invalidOption('split', 'test: there is no other', split);
  if (shots !== 0) throw invalidOption('shots', `0: ${name} is asked without examples`, shots);
  const rows = await readJsonLines(path);
  checkCount(rows.length, published, path, count);
  return rows.map((row) => {
    const [first, ...followUps] = turnsOf(row);
    const category = textField(row, 'category');
    const domain = name === 'spec-bench' && MULTI_TURN.has(category) ? 'multi-turn' : category;
    return {
      id: `${name}/${numberField(row, 'question_id')}`,
      domain: `${name}/${domain}`,
      messages: [{ role: 'user', content: first! }],
      ...(followUps.length === 0 ? {} : { followUps }),
      maxTokens: 1024,
      grade: () => undefined,
    };
  });
}

function turnsOf(row: FileRow): readonly string[] {
  const turns = textsField(row, 'turns');
  if (turns.length > 0) return turns;
  throw new JudgeDecodingError('invalid-file', `Expected at least one turn at ${row.where}, got none.`);
}
