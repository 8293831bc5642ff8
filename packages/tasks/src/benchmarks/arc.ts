import { invalidOption, JudgeDecodingError } from '@judge-decoding/core';
import { type Benchmark, besides, type LoadOptions } from './benchmark.ts';
import { choiceProblem } from './choice-problem.ts';
import { LETTERS } from './grade-choice.ts';
import { checkCount, type FileRow, findFile, readJsonLines, readJsonList, textField } from './read-rows.ts';
import type { TextProblem } from './text-problem.ts';

const PUBLISHED = {
  easy: { title: 'ARC-Easy', train: 2251, test: 2376 },
  challenge: { title: 'ARC-Challenge', train: 1119, test: 1172 },
} as const;

/** School science, four choices mostly. (Clark et al. 2018.) */
const arc = (level: keyof typeof PUBLISHED): Benchmark => {
  const { title } = PUBLISHED[level];
  return {
    name: `arc-${level}`,
    title,
    files: `${title}-Test.jsonl as AI2 has it (question with stem and choices, answerKey), or ${title}/test.json in instruction form (instruction, answer "answer3")`,
    template:
      'The Llama 3 report’s: the question and its lettered choices, no example, the answer begun with "The best answer is".',
    grading: 'choice',
    splits: ['test', 'train'],
    shots: 0,
    load: (folder, options) => load(level, folder, options),
  };
};

export const arcEasy = arc('easy');
export const arcChallenge = arc('challenge');

async function load(
  level: keyof typeof PUBLISHED,
  folder: string,
  { split = 'test', shots = 0, count }: LoadOptions = {},
): Promise<readonly TextProblem[]> {
  if (split !== 'test' && split !== 'train') throw invalidOption('split', 'test or train', split);
  if (shots !== 0) throw invalidOption('shots', '0: ARC is asked without examples', shots);
  const { title } = PUBLISHED[level];
  const official = `${title}-${split === 'test' ? 'Test' : 'Train'}.jsonl`;
  const path = await findFile(
    folder,
    [...besides(['arc', title, `arc/${title}`], official), ...besides(['arc'], `${title}/${split}.json`)],
    `${title}’s ${split} questions`,
  );
  const rows = path.endsWith('.jsonl') ? await readJsonLines(path) : await readJsonList(path);
  checkCount(rows.length, PUBLISHED[level][split], path, count);
  return rows.map((row, index) => {
    const { question, choices, right } = 'instruction' in row.value ? ofInstruction(row) : ofQuestion(row);
    return choiceProblem({
      id: `arc-${level}/${split}/${index}`,
      domain: `arc-${level}`,
      question,
      choices,
      right,
      before: [],
      answerPrefix: 'The best answer is',
    });
  });
}

interface Asked {
  readonly question: string;
  readonly choices: readonly string[];
  readonly right: number;
}

/** AI2's own form; keys are letters or, in some questions, digits. */
function ofQuestion(row: FileRow): Asked {
  const { stem, choices } = (row.value.question ?? {}) as {
    readonly stem?: unknown;
    readonly choices?: readonly { readonly text?: unknown; readonly label?: unknown }[];
  };
  if (typeof stem !== 'string' || !Array.isArray(choices))
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected \`question\` with a \`stem\` and \`choices\` at ${row.where}.`,
    );
  const texts = choices.map(({ text }) => String(text));
  const key = textField(row, 'answerKey');
  return {
    question: stem,
    choices: texts,
    right: checked(
      row,
      choices.findIndex(({ label }) => label === key),
      key,
    ),
  };
}

/** "Please choose the correct answer to the question: … Answer1: … Answer2: … Answer format: …" */
function ofInstruction(row: FileRow): Asked {
  const text = textField(row, 'instruction')
    .replace(/^Please choose the correct answer to the question:\s*/, '')
    .replace(/\s*Answer format:[^\n]*$/, '');
  const [question = '', ...rest] = text.split(/\s*\bAnswer(?=\d:)/);
  const choices = rest.map((one) => one.replace(/^\d:\s*/, '').trim());
  const key = textField(row, 'answer');
  return {
    question: question.trim(),
    choices,
    right: checked(row, Number(/^answer(\d)$/.exec(key)?.[1]) - 1, key, choices.length),
  };
}

function checked(row: FileRow, right: number, key: string, count = LETTERS.length): number {
  if (Number.isInteger(right) && right >= 0 && right < count) return right;
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected the answer at ${row.where} to be one of the choices, got ${JSON.stringify(key)}.`,
  );
}
