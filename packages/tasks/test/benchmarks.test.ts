import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { describe, expect, test } from 'vitest';
import {
  BENCHMARKS,
  type Benchmark,
  benchmarkNamed,
  inTokens,
  type LoadOptions,
  type TextProblem,
  type TextTokenizer,
} from '../src/benchmarks/index.ts';
import { openSandbox } from '../src/sandbox/index.ts';
import { folderOf, lines, MADE_UP } from './benchmark-files.ts';

const sandbox = await openSandbox({ limits: { milliseconds: 20_000 } }).catch((error: Error) => error);
if (sandbox instanceof Error)
  console.info(`Nothing here keeps programs in, so none is run: ${sandbox.message}`);
const any = { count: 'any', ...(sandbox instanceof Error ? {} : { runProgram: sandbox.run }) } as const;
const official = BENCHMARKS.filter(({ name }) => name !== 'own');
const folder = folderOf(MADE_UP);

/** A right answer made wrong, for every kind of grading. */
function corrupted({ gold = '', domain }: TextProblem): string {
  if (domain === 'gsm8k')
    return gold.replace(/####\s*(.*)$/, (_, number) => `#### ${Number(number.replaceAll(',', '')) + 1}`);
  if (/^(arc|mmlu)/.test(domain)) return gold.replace(/[A-E]/, (letter) => (letter === 'A' ? 'B' : 'A'));
  // something that equals nothing, whatever the function was
  if (domain === 'mbpp')
    return gold.replace(
      /\n```$/,
      '\nfor _name in [n for n, f in list(globals().items()) if callable(f) and not n.startswith("__")]:\n    globals()[_name] = lambda *a, **k: object()\n```',
    );
  return '    return object()\n';
}

async function graded(problems: readonly TextProblem[], answerOf: (problem: TextProblem) => string) {
  const verdicts = new Map<string, boolean | undefined>();
  const open = problems.filter(({ gold }) => gold !== undefined);
  // two at a time: programs wait more than they work
  const next = async () => {
    for (let problem = open.pop(); problem !== undefined; problem = open.pop())
      verdicts.set(problem.id, await problem.grade(answerOf(problem)));
  };
  await Promise.all([next(), next()]);
  return verdicts;
}
const having = (verdicts: ReadonlyMap<string, boolean | undefined>, wanted: boolean) =>
  [...verdicts].filter(([, verdict]) => verdict !== wanted).map(([id]) => id);

describe.each(official.map((benchmark) => [benchmark.name, benchmark] as const))(
  'made-up rows of %s',
  (_, benchmark) => {
    test('are read, asked and graded: gold is right, corrupted gold is wrong', async () => {
      const problems = await benchmark.load(folder, any);
      expect(problems.length).toBeGreaterThan(0);
      for (const { id, domain, messages } of problems) {
        expect(id).toMatch(/./);
        expect(domain).toContain(benchmark.name.split('-')[0]!);
        expect(messages.at(-1)).toMatchObject({ role: 'user' });
      }
      if (benchmark.grading === 'tests' && sandbox instanceof Error) return;
      expect(having(await graded(problems, ({ gold }) => gold!), true)).toEqual([]);
      expect(having(await graded(problems, corrupted), false)).toEqual([]);
    });

    test('another count than the published one is refused, by file', async () => {
      const loading = benchmark.load(folder);
      await expect(loading).rejects.toSatisfy((error) => JudgeDecodingError.is(error, 'invalid-file'));
      await expect(loading).rejects.toThrow(/Expected \d+ (rows|subjects) in/);
    });

    test('a folder without its files is refused, and the files are named', async () => {
      const loading = benchmark.load(join(folder, 'nowhere'), any);
      await expect(loading).rejects.toSatisfy((error) => JudgeDecodingError.is(error, 'not-found'));
      await expect(loading).rejects.toThrow(/json|csv/);
    });

    test('a split that is none is refused', async () => {
      await expect(benchmark.load(folder, { ...any, split: 'toast' })).rejects.toThrow('toast');
    });
  },
);

describe('templates', () => {
  const one = async (name: string, options: LoadOptions = {}) =>
    (await benchmarkNamed(name).load(folder, { ...any, ...options }))[0]!;

  test('GSM8K: eight examples as turns, without calculator marks', async () => {
    const { messages } = await one('gsm8k');
    expect(messages).toHaveLength(17);
    expect(messages[1]!.content).toBe('She has 2 + 1,000 = 1,002 boats. The final answer is 1002');
    expect(messages[16]!.content).toMatch(/^Given the following problem, reason and give a final answer/);
    expect((await one('gsm8k', { shots: 0 })).messages).toHaveLength(1);
  });

  test('choices: as many letters as there are choices', async () => {
    const { messages, answerPrefix } = await one('arc-easy');
    expect(messages[0]!.content).toBe(
      [
        'Given the following question and three candidate answers (A, B and C), choose the best answer.',
        'Question: Which of these floats?',
        'A. a boat',
        'B. a stone',
        'C. an anchor',
        'Your response should end with "The best answer is [the_answer_letter]" where the [the_answer_letter] is one of A, B or C.',
      ].join('\n'),
    );
    expect(answerPrefix).toBe('The best answer is');
  });

  test('MMLU: five examples of the same subject, with and without a header row', async () => {
    const problems = await benchmarkNamed('mmlu').load(folder, any);
    expect(problems.map(({ id }) => id)).toEqual(['mmlu/test/knots/0', 'mmlu/test/sailing/0']);
    expect(problems.map(({ choices }) => choices!.right)).toEqual([1, 0]);
    for (const { messages } of problems) expect(messages).toHaveLength(11);
    expect(problems[1]!.messages.at(-1)!.content).toContain('both, really');
  });

  test.each(['humaneval-js', 'humaneval-ts'])(
    '%s: the function’s body is run with the tests',
    async (name) => {
      if (sandbox instanceof Error) return;
      const problem = await one(name);
      expect(await problem.grade('  return 2 * x;\n}\n```\nThat is all.')).toBe(true);
      expect(await problem.grade('  return 3 * x;\n}\n')).toBe(false);
      expect(await problem.grade('  return 2 *')).toBe(false);
    },
  );

  test('HumanEval: the answer begins with the function’s head', async () => {
    const { messages, answerPrefix } = await one('humaneval');
    expect(messages[0]!.content).toContain('```python\ndef double');
    expect(answerPrefix!.startsWith('Here is the completed function:\n```python\ndef double')).toBe(true);
  });

  test('MT-Bench: turns follow, Spec-Bench counts its categories as the paper does', async () => {
    expect((await one('mt-bench')).followUps).toEqual(['And now a second one.']);
    const domains = (await benchmarkNamed('spec-bench').load(folder, any)).map(({ domain }) => domain);
    expect(domains).toEqual(['spec-bench/multi-turn', 'spec-bench/translation']);
  });
});

describe('programs that cheat', () => {
  test.skipIf(sandbox instanceof Error)('by leaving before the tests, have not passed', async () => {
    const [problem] = await benchmarkNamed('humaneval').load(folder, any);
    for (const answer of [
      '    return 2 * x\n\nimport os\nos._exit(0)\n',
      '    return 2 * x\n\nimport sys\nsys.exit(0)\n',
      '    return 2 * x\n\nprint("all passed")\nraise SystemExit\n',
    ])
      expect(await problem!.grade(answer)).toBe(false);
    expect(await problem!.grade('    return x + x\n```\nThis passes.')).toBe(true);
  });
});

describe('problems of one’s own', () => {
  const own = (...rows: readonly unknown[]) =>
    benchmarkNamed('own').load(folderOf({ 'mine.jsonl': lines(...rows) }), any);

  test('are asked and graded as the rows say', async () => {
    const problems = await own(
      { prompt: '2 + 2?', answer: 4, grader: 'number' },
      { prompt: 'Say yes.', answer: 'yes' },
      { prompt: 'Name a boat.', answer: 'canoe', grader: 'contains', domain: 'boats', id: 'b1' },
      { prompt: 'Which?', choices: ['red', 'blue'], answer: 'blue', grader: 'choice' },
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hello.' },
        ],
        follow_ups: ['Bye.'],
      },
    );
    expect(problems.map(({ id }) => id)).toEqual(['mine/0', 'mine/1', 'b1', 'mine/3', 'mine/4']);
    const verdicts = problems.map(({ grade }, i) =>
      grade(['It is 4.', ' yes\n', 'A canoe!', ' B.', 'Hi'][i]!),
    );
    expect(verdicts).toEqual([true, true, true, true, undefined]);
    expect(problems.map(({ grade }) => grade('no'))).toEqual([false, false, false, false, undefined]);
  });

  test.each([
    ['a line that is no JSON', '{"prompt": "a"}\n{"prompt": \n', 'mine.jsonl:2'],
    ['no prompt', lines({ prompt: 'a' }, { answer: 'b' }), 'mine.jsonl:2'],
    ['a grader that is none', lines({ prompt: 'a', grader: 'vibes' }), 'vibes'],
    ['a number that is none', lines({ prompt: 'a', grader: 'number', answer: 'four' }), 'four'],
    [
      'an answer that is no choice',
      lines({ prompt: 'a', grader: 'choice', choices: ['x', 'y'], answer: 'z' }),
      'choices',
    ],
    ['an id twice', lines({ prompt: 'a', id: 1 }, { prompt: 'b', id: 1 }), 'second time'],
    ['a list', '[1]\n', 'object'],
    ['nothing', '', 'found none'],
  ])('%s is refused, with its line', async (_, text, said) => {
    const loading = benchmarkNamed('own').load(folderOf({ 'mine.jsonl': text }), any);
    await expect(loading).rejects.toThrow(said);
    await expect(loading).rejects.toSatisfy((error) => JudgeDecodingError.is(error, 'invalid-file'));
  });
});

describe('broken files', () => {
  test.each<[string, Record<string, string>, string]>([
    ['gsm8k', { 'test.jsonl': lines({ question: 'a' }) }, 'test.jsonl:1'],
    ['gsm8k', { 'test.jsonl': lines({ question: 'a', answer: '12' }) }, '####'],
    ['humaneval', { 'HumanEval.jsonl': lines({ task_id: 'HumanEval/0', prompt: 'x' }) }, '`test`'],
    ['mbpp', { 'mbpp.jsonl': lines({ task_id: '1' }) }, '`task_id`'],
    ['arc-easy', { 'arc/ARC-Easy/test.json': '{}' }, 'JSON list'],
    [
      'arc-easy',
      { 'arc/ARC-Easy/test.json': '[{"instruction": "Q Answer1: a Answer2: b", "answer": "answer3"}]' },
      'entry 0',
    ],
    [
      'mmlu',
      { 'test/x_test.csv': 'Q,a,b,c,A\n', 'dev/x_dev.csv': 'Q,a,b,c,d,A\n'.repeat(5) },
      'x_test.csv:1',
    ],
    [
      'mt-bench',
      { 'question.jsonl': lines({ question_id: 1, category: 'x', turns: [] }) },
      'question.jsonl:1',
    ],
  ])('of %s are told by file and line', async (name, files, said) => {
    const shots = name === 'gsm8k' ? { shots: 0 } : {};
    const loading = benchmarkNamed(name).load(folderOf(files), { ...any, ...shots });
    await expect(loading).rejects.toSatisfy((error) => JudgeDecodingError.is(error, 'invalid-file'));
    await expect(loading).rejects.toThrow(said);
  });
});

describe('in tokens', () => {
  /** A token a character; 0 ends; a message is `<role>content`. */
  const tokenizer: TextTokenizer = {
    hasChatTemplate: true,
    endTokens: [0],
    encode: (text) => [...text].map((char) => char.codePointAt(0)!),
    encodeChat: (messages) =>
      [...`${messages.map(({ role, content }) => `<${role}>${content}`).join('')}<assistant>`].map(
        (char) => char.codePointAt(0)!,
      ),
    decode: (tokens) => String.fromCodePoint(...tokens),
  };
  const textOf = (tokens: readonly number[]) => tokenizer.decode(tokens);

  test('a talk goes on with what was answered, until its turns are over', async () => {
    const [problem] = await benchmarkNamed('mt-bench').load(folder, any);
    const { prompt, followUp, grade } = inTokens(problem!, tokenizer);
    expect(textOf(prompt)).toBe('<user>Write a line about boats.<assistant>');
    const answer = [...tokenizer.encode('They float.'), 0];
    expect(textOf(followUp!([answer])!)).toBe(
      '<user>Write a line about boats.<assistant>They float.<user>And now a second one.<assistant>',
    );
    expect(followUp!([answer, answer])).toBeUndefined();
    expect(grade(answer)).toBeUndefined();
  });

  test('an answer goes on from the template’s own beginning, and end tokens are no part of it', async () => {
    const [problem] = await benchmarkNamed('arc-easy').load(folder, any);
    const { prompt, grade } = inTokens(problem!, tokenizer);
    expect(textOf(prompt).endsWith('<assistant>The best answer is')).toBe(true);
    expect(grade([...tokenizer.encode(' A'), 0])).toBe(true);
    expect(grade([...tokenizer.encode(' B'), 0])).toBe(false);
  });

  test('a model without a chat template is given text', async () => {
    const [problem] = await benchmarkNamed('arc-easy').load(folder, any);
    const { prompt } = inTokens(problem!, { ...tokenizer, hasChatTemplate: false });
    expect(textOf(prompt).startsWith('Given the following')).toBe(true);
  });
});

/** Counts of the papers; what the folder in JUDGE_BENCHMARKS has of them is checked in full. */
const PUBLISHED: readonly (readonly [string, string, number])[] = [
  ['gsm8k', 'test', 1319],
  ['gsm8k', 'train', 7473],
  ['humaneval', 'test', 164],
  ['humaneval-js', 'test', 161],
  ['humaneval-ts', 'test', 159],
  ['mbpp', 'all', 974],
  ['mbpp', 'test', 500],
  ['mt-bench', 'test', 80],
  ['spec-bench', 'test', 480],
  ['arc-easy', 'test', 2376],
  ['arc-easy', 'train', 2251],
  ['arc-challenge', 'test', 1172],
  ['arc-challenge', 'train', 1119],
  ['mmlu', 'test', 14042],
  ['mmlu', 'dev', 285],
];

const real = process.env.JUDGE_BENCHMARKS;
if (real === undefined || !existsSync(real))
  console.info('JUDGE_BENCHMARKS names no folder of published files: they are not checked.');
else
  describe('the published files', () => {
    test.each(PUBLISHED)(
      '%s, %s: %d problems, gold right, corrupted wrong',
      { timeout: 600_000 },
      async (name, split, count) => {
        const benchmark: Benchmark = benchmarkNamed(name);
        const runs = benchmark.grading === 'tests' ? any.runProgram : undefined;
        const problems = await benchmark.load(real, { split, ...(runs ? { runProgram: runs } : {}) });
        expect(problems).toHaveLength(count);
        expect(new Set(problems.map(({ id }) => id)).size).toBe(count);
        // the 500 are among the 974
        if ((benchmark.grading === 'tests' && runs === undefined) || (name === 'mbpp' && split === 'test'))
          return;
        expect(having(await graded(problems, ({ gold }) => gold!), true)).toEqual([]);
        expect(having(await graded(problems, corrupted), false)).toEqual([]);
      },
    );
  });
