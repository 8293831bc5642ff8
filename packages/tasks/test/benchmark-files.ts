import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder with made-up rows in the forms in which the benchmarks were published. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'judge-benchmarks-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export const lines = (...rows: readonly unknown[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const gsm8k = (count: number) =>
  lines(
    ...Array.from({ length: count }, (_, i) => ({
      question: `Ann has ${i + 2} boats and buys 1,000 more. How many has she?`,
      answer: `She has ${i + 2} + 1,000 = <<${i + 2}+1000=${i + 1002}>>${(i + 1002).toLocaleString('en')} boats.\n#### ${(i + 1002).toLocaleString('en')}`,
    })),
  );

const head = 'def double(x: int) -> int:\n    """ Twice a number.\n    >>> double(2)\n    4\n    """\n';

export const MADE_UP: Readonly<Record<string, string>> = {
  'gsm8k/test.jsonl': gsm8k(3),
  'gsm8k/train.jsonl': gsm8k(9),
  'humaneval/HumanEval.jsonl': lines({
    task_id: 'HumanEval/0',
    prompt: head,
    entry_point: 'double',
    canonical_solution: '    return 2 * x\n',
    test: 'def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(0) == 0\n',
  }),
  'humaneval/humaneval-js.jsonl': lines({
    name: 'HumanEval_0_double',
    language: 'js',
    prompt: '//Twice a number.\nfunction double(x){\n',
    tests:
      "const assert = require('node:assert');\nfunction test() {\n  let candidate = double;\n  assert.deepEqual(candidate(2),4);\n}\ntest();",
    stop_tokens: ['\nfunction ', '\n//'],
  }),
  'humaneval/humaneval-ts.jsonl': lines({
    name: 'HumanEval_0_double',
    language: 'ts',
    prompt: '//Twice a number.\nfunction double(x: number): number {\n',
    tests:
      "declare var require: any;\nconst assert = require('node:assert');\nfunction test() {\n  let candidate = double;\n  assert.deepEqual(candidate(2),4);\n}\ntest();",
    stop_tokens: ['\nfunction ', '\n//'],
  }),
  'mbpp/mbpp.jsonl': lines(
    ...[1, 11, 12].map((id) => ({
      task_id: id,
      text: 'Write a function to double a number.',
      code: 'def double(x):\r\n\treturn 2 * x',
      test_setup_code: '',
      test_list: ['assert double(2) == 4', 'assert double(0) == 0', 'assert double(-1) == -2'],
      challenge_test_list: [],
    })),
  ),
  'mt_bench/question.jsonl': lines(
    { question_id: 81, category: 'writing', turns: ['Write a line about boats.', 'And now a second one.'] },
    {
      question_id: 111,
      category: 'math',
      turns: ['What is 2 + 2?', 'And twice that?'],
      reference: ['4', '8'],
    },
  ),
  'spec_bench/question.jsonl': lines(
    { question_id: 81, category: 'writing', turns: ['Write a line about boats.', 'And a second one.'] },
    { question_id: 161, category: 'translation', turns: ['Translate German to English: Ein Boot.'] },
  ),
  'arc/ARC-Easy/test.json': JSON.stringify([
    {
      instruction:
        'Please choose the correct answer to the question: Which of these floats?\n\nAnswer1: a boat Answer2: a stone Answer3: an anchor\n\nAnswer format: answer1/answer2/answer3',
      input: '',
      output: 'the correct answer is answer1',
      answer: 'answer1',
    },
  ]),
  'arc/ARC-Challenge-Test.jsonl': lines({
    id: 'X_1',
    question: {
      stem: 'Which of these sinks?',
      choices: [
        { text: 'cork', label: '1' },
        { text: 'an anchor', label: '2' },
      ],
    },
    answerKey: '2',
  }),
  'mmlu/test/sailing_test.csv':
    '"Which side is port, ""seen"" from the stern?",left,right,"both, really",neither,A\n',
  'mmlu/dev/sailing_dev.csv': Array.from(
    { length: 5 },
    (_, i) => `What is ${i} + 1?,${i},${i + 1},${i + 2},${i + 3},B\n`,
  ).join(''),
  'mmlu/test/knots_test.csv':
    'question,choice0,choice1,choice2,choice3,answer\n"Which knot\nslips?",a bowline,a granny,a sheet bend,a hitch,1\n',
  'mmlu/dev/knots_dev.csv': `question,choice0,choice1,choice2,choice3,answer\n${'Q?,a,b,c,d,0\n'.repeat(5)}`,
};
