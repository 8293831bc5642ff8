import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readQuestions } from '../src/benchmarks/index.ts';

const folder = await mkdtemp(join(tmpdir(), 'judge-questions-'));
async function read(...rows: readonly unknown[]) {
  const file = join(folder, 'set.jsonl');
  await writeFile(file, rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n'));
  return readQuestions(file);
}

test.each<[string, object, string, string, boolean, boolean, string | undefined]>([
  [
    'GSM8K',
    { question: 'Eggs?', answer: '16 - 3 = <<16-3=13>>13\n#### 18' },
    'The final answer is 18',
    'it is 17',
    true,
    false,
    '18',
  ],
  ['a number', { question: 'Eggs?', answer: 1200 }, 'So 1,200.', '12', true, false, '1200'],
  ['a prompt', { prompt: 'Eggs?', answer: '7' }, 'The answer is 7', '8', true, false, '7'],
  [
    'ARC as AI2 has it',
    {
      question: {
        stem: 'Sky?',
        choices: [
          { text: 'red', label: 'A' },
          { text: 'blue', label: 'B' },
        ],
      },
      answerKey: 'B',
    },
    'The best answer is B.',
    'The best answer is A.',
    true,
    false,
    'B',
  ],
  [
    'ARC as Hugging Face has it',
    { question: 'Sky?', choices: { text: ['red', 'blue'], label: ['1', '2'] }, answerKey: '2' },
    'The best answer is B',
    'A',
    true,
    false,
    'B',
  ],
  [
    'choices as texts',
    { question: 'Sky?', choices: ['red', 'blue'], answer: 'blue' },
    'B',
    'A',
    true,
    false,
    'B',
  ],
])('%s', async (_, row, good, other, right, wrong, comesTo) => {
  const [question] = await read(row);
  expect(question).toMatchObject({ id: 'set/0', domain: 'set' });
  expect(question!.grade(good)).toBe(right);
  expect(question!.grade(other)).toBe(wrong);
  expect(question!.answerOf(good)).toBe(comesTo);
  expect(question!.answerOf(other)).not.toBe(comesTo);
});

test('Alpaca: nobody can grade it, the published output is a correct answer', async () => {
  const [question] = await read({ instruction: 'Name a bird.', input: 'In Europe.', output: 'A wren.' });
  expect(question).toMatchObject({ question: 'Name a bird.\n\nIn Europe.', gold: 'A wren.' });
  expect(question!.messages).toEqual([{ role: 'user', content: 'Name a bird.\n\nIn Europe.' }]);
  expect(question!.grade('A wren.')).toBeUndefined();
});

test('programs are graded by their tests, in MBPP’s shape and in a plain one', async () => {
  const ran: string[] = [];
  const runProgram = async ({ source }: { readonly source: string }) => {
    ran.push(source);
    const passes = source.includes('return 2');
    return {
      ending: 'exited' as const,
      exitCode: passes ? 0 : 1,
      stdout: /print\("\\n(.*)"\)/.exec(source)?.[1] ?? '',
      stderr: '',
    };
  };
  const file = join(folder, 'code.jsonl');
  const rows = [
    { text: 'Two.', code: 'def two(): return 2', test_list: ['assert two() == 2', 'assert two() > 1'] },
    { question: 'Two.', tests: 'assert two() == 2' },
  ];
  await writeFile(file, rows.map((row) => JSON.stringify(row)).join('\n'));
  const questions = await readQuestions(file, { runProgram: runProgram as never });
  for (const question of questions) {
    expect(question.question).toContain('assert two() == 2');
    expect(await question.grade('```python\ndef two():\n  return 2\n```')).toBe(true);
    expect(await question.grade('def two():\n  return 3')).toBe(false);
  }
  expect(ran[0]).toContain('assert two() > 1');
  await expect(async () => (await readQuestions(file))[0]!.grade('x')).rejects.toThrow('runProgram');
});

test.each([
  ['So the final answer is 18.\nAnd', true],
  ['#### 18\n', true],
  ['So the final answer is 18', false],
  ['So the final answer is 18.', false],
  ['18 eggs, then 20.', false],
])('whether an answer is out: %j is %s', async (text, out) => {
  const [question] = await read({ question: 'Eggs?', answer: '#### 18' });
  expect(question!.isOut!(text)).toBe(out);
});

test.each([
  ['{', 'Expected JSON at'],
  [{ question: 'Sky?', choices: ['red'], answer: 'red' }, 'set.jsonl:1'],
  [{ question: 'Sky?', choices: ['red', 'blue'], answer: 'green' }, 'to be one of the choices'],
  [{ nothing: 1 }, '`prompt` at'],
])('%j is refused by file and line', async (row, says) => {
  await expect(read(row)).rejects.toThrow(says);
});

test.each<[string, object, string, string, string | undefined]>([
  ['number', { answer: '18' }, 'so \\boxed{18}.', 'so \\boxed{17}.', '18'],
  ['exact', { answer: 'blue' }, ' blue\n', 'red', 'blue'],
  ['contains', { answer: 'blue' }, 'It is blue.', 'It is red.', undefined],
])(
  'a row with the grader %s is asked as it says, as `judge eval` asks it',
  async (grader, more, right, wrong, comesTo) => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Eggs?' },
    ];
    const [question, plain] = await read(
      { id: 'a', grader, messages, ...more },
      { id: 'b', grader, prompt: 'Eggs?', ...more },
    );
    expect(question).toMatchObject({ id: 'a', domain: 'set', graded: true, question: 'Eggs?', messages });
    expect(plain!.messages).toEqual(messages.slice(1));
    expect([await question!.grade(right), await question!.grade(wrong)]).toEqual([true, false]);
    expect(question!.answerOf(right)).toBe(comesTo);
    expect(question!.isOut?.(right)).toBe(grader === 'number' ? true : undefined);
  },
);

test('a row with the grader none is graded by nobody', async () => {
  const [question] = await read({ prompt: 'Say something.', grader: 'none' });
  expect(question).toMatchObject({ graded: false, question: 'Say something.' });
  await expect(read({ prompt: 'Eggs?', grader: 'number', answer: 'many' })).rejects.toThrow('set.jsonl:1');
});

test('an id twice is refused', async () => {
  await expect(read({ id: 'a', question: 'x' }, { id: 'a', question: 'y' })).rejects.toThrow('a second time');
});
