import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { afterEach, describe, expect, test } from 'vitest';
import {
  askChat,
  type MtBenchJudge,
  preferAnswer,
  ratingIn,
  readMtBenchJudge,
  scoreAnswer,
  verdictIn,
} from '../src/judge-model/index.ts';
import { folderOf, lines } from './benchmark-files.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

/** A server on this machine that answers each request with the next of `answers`. */
async function serve(...answers: readonly { readonly status?: number; readonly body: unknown }[]) {
  const seen: {
    readonly url: string;
    readonly key: string | undefined;
    readonly body: { readonly messages: readonly { readonly content: string }[] } & Record<string, unknown>;
  }[] = [];
  let at = 0;
  server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    seen.push({ url: request.url ?? '', key: request.headers.authorization, body: JSON.parse(body) });
    const answer = answers[Math.min(at++, answers.length - 1)]!;
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    endpoint: {
      baseUrl: `http://127.0.0.1:${port}/v1/`,
      model: 'judge',
      apiKey: 'secret',
      pause: 1,
      retries: 2,
    },
    seen,
  };
}
const says = (content: string) => ({ body: { choices: [{ message: { role: 'assistant', content } }] } });

describe('an endpoint', () => {
  test('is asked as OpenAI’s is', async () => {
    const { endpoint, seen } = await serve(says('Rating: [[7]]'));
    expect(await askChat(endpoint, [{ role: 'user', content: 'Hello' }], { maxTokens: 9 })).toBe(
      'Rating: [[7]]',
    );
    expect(seen[0]).toMatchObject({
      url: '/v1/chat/completions',
      key: 'Bearer secret',
      body: { model: 'judge', max_tokens: 9, temperature: 0, messages: [{ role: 'user', content: 'Hello' }] },
    });
  });

  test('that is busy is asked again', async () => {
    const { endpoint, seen } = await serve(
      { status: 429, body: {} },
      { status: 503, body: 'x' },
      says('yes'),
    );
    expect(await askChat(endpoint, [])).toBe('yes');
    expect(seen).toHaveLength(3);
  });

  test.each([
    ['stays busy', { status: 503, body: { error: { message: 'overloaded' } } }, 'overloaded', 3],
    ['refuses', { status: 401, body: { error: { message: 'no such key' } } }, 'no such key', 1],
    ['says something else', { body: { text: 'hi' } }, 'something else', 1],
    ['says no JSON', { body: '<html>' }, '<html>', 1],
  ] as const)('that %s is an error, without the key', async (_, answer, said, times) => {
    const { endpoint, seen } = await serve(answer);
    const asking = askChat(endpoint, []);
    await expect(asking).rejects.toThrow(said);
    await expect(asking).rejects.toSatisfy(
      (error) => JudgeDecodingError.is(error, 'io') && !(error as Error).message.includes('secret'),
    );
    expect(seen).toHaveLength(times);
  });

  test('that is not there, and one that takes too long', async () => {
    await expect(askChat({ baseUrl: 'http://127.0.0.1:9', model: 'm', retries: 0 }, [])).rejects.toThrow(
      'no connection',
    );
    server = createServer(() => undefined);
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const asking = askChat({ baseUrl: `http://127.0.0.1:${port}`, model: 'm', retries: 0, timeout: 100 }, []);
    await expect(asking).rejects.toThrow('nothing within 0.1 s');
    server.closeAllConnections();
  });
});

test.each([
  ['Fine. Rating: [[7]]', 7],
  ['[[10]]', 10],
  ['Rating: [8]', 8],
  ['[[7.5]]', 7.5],
  ['[[11]]', undefined],
  ['seven', undefined],
])('%j rates %s', (text, rating) => {
  expect(ratingIn(text)).toBe(rating);
});

test.each([
  ['[[A]]', 'A'],
  ['At first [[A]], but finally [[B]]', 'B'],
  ['[[C]]', 'C'],
  ['A', undefined],
])('%j prefers %s', (text, verdict) => {
  expect(verdictIn(text)).toBe(verdict);
});

const prompt = (name: string, template: string) => ({
  name,
  type: 'x',
  system_prompt: `system of ${name}`,
  prompt_template: template,
});
const SINGLE = 'Q: {question} R: {ref_answer_1} A: {answer}';
const MULTI = 'Q: {question_1} / {question_2} R: {ref_answer_1} A: {answer_1} / {answer_2}';
const files = {
  'mt_bench/question.jsonl': lines(
    { question_id: 81, category: 'writing', turns: ['Write.', 'Again.'] },
    { question_id: 111, category: 'math', turns: ['2 + 2?', 'Twice that?'] },
  ),
  'mt_bench/reference_answer/gpt-4.jsonl': lines({
    question_id: 111,
    choices: [{ index: 0, turns: ['4', '8'] }],
  }),
  'mt_bench/judge_prompts.jsonl': lines(
    prompt('single-v1', SINGLE),
    prompt('single-math-v1', SINGLE),
    prompt('single-v1-multi-turn', MULTI),
    prompt('single-math-v1-multi-turn', MULTI),
    prompt('pair-v2', 'Q: {question} A: {answer_a} B: {answer_b}'),
    prompt('pair-math-v1', 'Q: {question} R: {ref_answer_1} A: {answer_a} B: {answer_b}'),
    prompt('pair-v2-multi-turn', 'A: {answer_a_1} / {answer_a_2} B: {answer_b_1} / {answer_b_2}'),
    prompt('pair-math-v1-multi-turn', 'A: {answer_a_1} / {answer_a_2} B: {answer_b_1} / {answer_b_2}'),
  ),
};

describe('MT-Bench’s judge', () => {
  const read = () => readMtBenchJudge(folderOf(files));
  const questionOf = ({ questions }: MtBenchJudge, id: number) => questions.get(`mt-bench/${id}`)!;

  test('is shown a reference for mathematics, and both turns at the second', async () => {
    const judge = await read();
    const shown: string[] = [];
    const ask = async (messages: readonly { readonly content: string }[]) => {
      shown.push(messages.map(({ content }) => content).join(' | '));
      return 'Rating: [[6]]';
    };
    expect(await scoreAnswer(judge, questionOf(judge, 81), ['one {question}', 'two'], 0, ask)).toBe(6);
    expect(await scoreAnswer(judge, questionOf(judge, 111), ['4', '9'], 1, ask)).toBe(6);
    expect(shown).toEqual([
      'system of single-v1 | Q: Write. R:  A: one {question}',
      'system of single-math-v1-multi-turn | Q: 2 + 2? / Twice that? R: 4 A: 4 / 9',
    ]);
  });

  test.each([
    ['prefers the first in both orders', ['[[A]]', '[[B]]'], { preference: 'first', consistent: true }],
    ['prefers the second in both orders', ['[[B]]', '[[A]]'], { preference: 'second', consistent: true }],
    ['prefers whatever comes first', ['[[A]]', '[[A]]'], { preference: 'tie', consistent: false }],
    ['sees a tie', ['[[C]]', '[[C]]'], { preference: 'tie', consistent: true }],
    ['says nothing', ['hm', '[[A]]'], undefined],
  ] as const)('that %s', async (_, answers, expected) => {
    const judge = await read();
    let at = 0;
    const found = await preferAnswer(
      judge,
      questionOf(judge, 81),
      ['x', ''],
      ['y', ''],
      0,
      async () => answers[at++]!,
    );
    expect(found).toEqual(expected);
  });

  test('without one of its prompts is refused by name', async () => {
    const folder = folderOf({ ...files, 'mt_bench/judge_prompts.jsonl': lines(prompt('single-v1', SINGLE)) });
    await expect(readMtBenchJudge(folder)).rejects.toThrow('pair-v2');
  });
});

const real = process.env.JUDGE_BENCHMARKS;
if (real === undefined || !existsSync(real))
  console.info('JUDGE_BENCHMARKS names no folder of published files: MT-Bench’s prompts are not checked.');
else
  test('the published prompts: what FastChat asked GPT-4 is asked again, to the letter', async () => {
    const judge = await readMtBenchJudge(real);
    expect(judge.questions.size).toBe(80);
    expect([...judge.questions.values()].filter(({ reference }) => reference !== undefined)).toHaveLength(30);
    const asked = readFileSync(join(real, 'mt_bench/mt_bench/model_judgment/gpt-4_single.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as {
            question_id: number;
            turn: number;
            user_prompt: string;
            judge: [string, string];
          },
      );
    expect(asked).toHaveLength(480);
    let same = 0;
    for (const { question_id: id, turn, user_prompt: prompt } of asked) {
      let shown = '';
      const ask = async (messages: readonly { readonly content: string }[]) => {
        shown = messages.at(-1)!.content;
        return '[[1]]';
      };
      const answers = ['<<mark>>', '<<mark>>'];
      await scoreAnswer(judge, judge.questions.get(`mt-bench/${id}`)!, answers, turn === 2 ? 1 : 0, ask);
      // what stands around the answers, in order
      let at = 0;
      const found = shown.split('<<mark>>').every((part) => {
        const next = prompt.indexOf(part, at);
        at = next + part.length;
        return next >= 0;
      });
      if (found) same++;
    }
    expect(same).toBe(480);
  });
