import { invalidOption } from '@judge-decoding/core';
import type { Language } from '../sandbox/run-program.ts';
import { type Benchmark, besides, type LoadOptions } from './benchmark.ts';
import { cutAt } from './code-answer.ts';
import { passesTests } from './grade-tests.ts';
import { checkCount, type FileRow, findFile, readJsonLines, textField, textsField } from './read-rows.ts';
import type { TextProblem } from './text-problem.ts';

const FENCE = '\n```';

const template = (fence: string, prompt: string) => ({
  messages: [
    {
      role: 'user',
      content: `Write a solution to the following problem and make sure that it passes the tests:\n\`\`\`${fence}\n${prompt}\n\`\`\`\n`,
    },
  ] as const,
  answerPrefix: `Here is the completed function:\n\`\`\`${fence}\n${prompt}`,
});

const TEMPLATE =
  'The Llama 3 report’s: the function’s head in a fenced block, no example, the answer begun with the same head. What follows is the function’s body, up to the closing fence.';

/** Python functions from their docstrings, with unit tests. (Chen et al. 2021.) */
export const humaneval: Benchmark = {
  name: 'humaneval',
  title: 'HumanEval',
  files:
    'HumanEval.jsonl (task_id, prompt, entry_point, canonical_solution, test), as openai/human-eval has it',
  template: TEMPLATE,
  grading: 'tests',
  splits: ['test'],
  shots: 0,
  async load(folder, { split = 'test', shots = 0, count, runProgram } = {}) {
    refuse(split, shots);
    const path = await findFile(folder, besides(['humaneval'], 'HumanEval.jsonl'), 'HumanEval');
    const rows = await readJsonLines(path);
    checkCount(rows.length, 164, path, count);
    return rows.map((row): TextProblem => {
      const prompt = textField(row, 'prompt');
      const tail = `${textField(row, 'test')}\ncheck(${textField(row, 'entry_point')})`;
      return {
        id: textField(row, 'task_id').toLowerCase(),
        domain: 'humaneval',
        ...template('python', prompt),
        stop: [FENCE],
        maxTokens: 1024,
        gold: textField(row, 'canonical_solution'),
        grade: (answer) => passesTests('python', `${prompt}${cutAt(answer, [FENCE])}\n${tail}`, runProgram),
      };
    });
  },
};

/** HumanEval's problems in another language. (MultiPL-E, Cassano et al. 2023.) */
const translated = (language: Language, short: 'js' | 'ts', published: number, title: string): Benchmark => ({
  name: `humaneval-${short}`,
  title,
  files: `humaneval-${short}.jsonl (name, prompt, tests, stop_tokens), as MultiPL-E has it`,
  template: TEMPLATE,
  grading: 'tests',
  splits: ['test'],
  shots: 0,
  async load(folder, { split = 'test', shots = 0, count, runProgram } = {}) {
    refuse(split, shots);
    const path = await findFile(folder, besides(['humaneval'], `humaneval-${short}.jsonl`), title);
    const rows = await readJsonLines(path);
    checkCount(rows.length, published, path, count);
    return rows.map((row) => translatedProblem(row, language, short, runProgram));
  },
});

export const humanevalJs = translated('javascript', 'js', 161, 'HumanEval in JavaScript');
export const humanevalTs = translated('typescript', 'ts', 159, 'HumanEval in TypeScript');

function translatedProblem(
  row: FileRow,
  language: Language,
  short: string,
  runProgram: LoadOptions['runProgram'],
): TextProblem {
  const prompt = textField(row, 'prompt');
  const tests = textField(row, 'tests');
  const marks = [...textsField(row, 'stop_tokens'), FENCE];
  return {
    id: `humaneval-${short}/${textField(row, 'name')}`,
    domain: `humaneval-${short}`,
    ...template(language, prompt),
    stop: marks,
    maxTokens: 1024,
    grade: (answer) => passesTests(language, `${prompt}${cutAt(answer, marks)}\n${tests}`, runProgram),
  };
}

function refuse(split: string, shots: number): void {
  if (split !== 'test') throw invalidOption('split', 'test: there is no other', split);
  if (shots !== 0) throw invalidOption('shots', '0: HumanEval is asked without examples', shots);
}
