import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { invalidOption, JudgeDecodingError } from '@judge-decoding/core';
import { type Benchmark, besides, type LoadOptions } from './benchmark.ts';
import { askForLetter, choiceProblem } from './choice-problem.ts';
import { parseCsv } from './csv.ts';
import { LETTERS } from './grade-choice.ts';
import { checkCount, findFile, readText } from './read-rows.ts';
import type { Message, TextProblem } from './text-problem.ts';

const PUBLISHED = { test: 14_042, dev: 285 } as const;
const SUBJECTS = 57;

/** Knowledge in 57 subjects, four choices. (Hendrycks et al. 2021.) */
export const mmlu: Benchmark = {
  name: 'mmlu',
  title: 'MMLU',
  files:
    'test/SUBJECT_test.csv and dev/SUBJECT_dev.csv of 57 subjects: question, four choices, answer (A to D, or 0 to 3 under a header row)',
  template:
    'The Llama 3 report’s instruction prompt, 5 examples of the subject’s dev file as turns of their own, the answer begun with "The best answer is".',
  grading: 'choice',
  splits: ['test', 'dev'],
  shots: 5,
  load,
};

interface Question {
  readonly question: string;
  readonly choices: readonly string[];
  readonly right: number;
}

async function load(folder: string, options: LoadOptions = {}): Promise<readonly TextProblem[]> {
  const { split = 'test', shots = mmlu.shots, count } = options;
  if (split !== 'test' && split !== 'dev') throw invalidOption('split', 'test or dev', split);
  if (!(Number.isInteger(shots) && shots >= 0 && shots <= 5))
    throw invalidOption('shots', 'from 0 to 5', shots);
  const root = await rootOf(folder, split);
  const names = (await readdir(join(root, split))).filter((name) => name.endsWith(`_${split}.csv`)).sort();
  const problems: TextProblem[] = [];
  for (const name of names) {
    const subject = name.slice(0, -`_${split}.csv`.length);
    const before = shots === 0 ? [] : await examplesOf(root, subject, shots);
    const questions = await read(join(root, split, name));
    for (const [index, asked] of questions.entries())
      problems.push(
        choiceProblem({
          ...asked,
          id: `mmlu/${split}/${subject}/${index}`,
          domain: `mmlu/${subject}`,
          before,
          answerPrefix: 'The best answer is',
        }),
      );
  }
  const where = join(root, split);
  if (count !== 'any' && names.length !== SUBJECTS)
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected ${SUBJECTS} subjects in \`${where}\`, got ${names.length}.`,
    );
  checkCount(problems.length, PUBLISHED[split], where, count);
  return problems;
}

async function rootOf(folder: string, split: string): Promise<string> {
  const first = `${split}/abstract_algebra_${split}.csv`;
  // any subject will do for telling where the folders are
  for (const root of [folder, join(folder, 'mmlu'), join(folder, 'data')]) {
    const names = await readdir(join(root, split)).catch(() => []);
    if (names.some((name) => name.endsWith(`_${split}.csv`))) return root;
  }
  await findFile(folder, besides(['mmlu'], first), `MMLU’s ${split} questions`);
  return folder;
}

async function examplesOf(root: string, subject: string, shots: number): Promise<readonly Message[]> {
  const path = await findFile(root, [`dev/${subject}_dev.csv`], `MMLU’s examples for ${subject}`);
  const examples = (await read(path)).slice(0, shots);
  if (examples.length < shots)
    throw invalidOption('shots', `at most ${examples.length}, which is what \`${path}\` has`, shots);
  return examples.flatMap(({ question, choices, right }): readonly Message[] => [
    { role: 'user', content: askForLetter(question, choices) },
    { role: 'assistant', content: `The best answer is ${LETTERS[right]}.` },
  ]);
}

async function read(path: string): Promise<readonly Question[]> {
  const rows = parseCsv(await readText(path), `\`${path}\``);
  const headed = rows[0]?.cells[0] === 'question' && rows[0]?.cells.at(-1) === 'answer';
  return rows.slice(headed ? 1 : 0).map(({ cells, line }) => {
    const [question, ...rest] = cells;
    const answer = rest.pop() ?? '';
    const right = /^[0-3]$/.test(answer)
      ? Number(answer)
      : /^[A-D]$/.test(answer)
        ? LETTERS.indexOf(answer)
        : -1;
    if (question === undefined || rest.length !== 4 || right < 0)
      throw new JudgeDecodingError(
        'invalid-file',
        `Expected a question, four choices and an answer (A to D, or 0 to 3) at ${path}:${line}, got ${cells.length} cells that end in ${JSON.stringify(answer)}.`,
      );
    return { question, choices: rest, right };
  });
}
