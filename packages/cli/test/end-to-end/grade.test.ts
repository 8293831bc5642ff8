import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pairForFile } from '../pair-for-file.ts';
import { runJudge } from '../run-judge.ts';

const { pair, kept } = pairForFile({ contextLength: 384 });

const run = (argv: readonly string[]) => runJudge(argv, { backends: kept.backends, env: pair.env });
const models = () => ['--target', pair.target, '--draft', pair.draft, '--threads', '1'];

describe('judge grade', () => {
  test('has a model grade both turns, against plain decoding in both orders, and goes on', async () => {
    const data = join(pair.folder, 'mt_bench');
    await mkdir(join(data, 'reference_answer'), { recursive: true });
    const rows = (...all: readonly unknown[]) => all.map((row) => `${JSON.stringify(row)}\n`).join('');
    await writeFile(
      join(data, 'question.jsonl'),
      rows({ question_id: 81, category: 'writing', turns: ['Tom has apples', 'And pears'] }),
    );
    await writeFile(join(data, 'reference_answer', 'gpt-4.jsonl'), '');
    const names = ['single-v1', 'single-math-v1', 'pair-v2', 'pair-math-v1'].flatMap((name) => [
      name,
      `${name}-multi-turn`,
    ]);
    await writeFile(
      join(data, 'judge_prompts.jsonl'),
      rows(
        ...names.map((name) => ({
          name,
          system_prompt: name,
          prompt_template: '{question} {answer} {answer_a} {answer_b}',
        })),
      ),
    );
    const out = join(pair.folder, 'mt');
    const argv = [
      'eval',
      '--out',
      out,
      ...models(),
      '--task',
      'mt-bench',
      '--data',
      data,
      '--any-count',
      '--arms',
      'plain,everything',
      '--max-tokens',
      '6',
      '--draft-lengths',
      '3',
    ];
    const ran = await run(argv);
    expect(ran.err).toContain('report.html');
    let asked = 0;
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      asked++;
      const isPair = body.includes('"pair-');
      response.end(
        JSON.stringify({ choices: [{ message: { content: isPair ? '[[A]]' : 'Rating: [[7]]' } }] }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as { port: number };
      const grade = [
        'grade',
        out,
        '--data',
        data,
        '--endpoint',
        `http://127.0.0.1:${port}/v1`,
        '--grader',
        'toy',
      ];
      const first = await run(grade);
      expect(first.err).toBe('');
      expect(first.code).toBe(0);
      expect(first.out).toContain('7.00');
      // always the first place: the orders disagree, and it is a tie
      expect(first.out).toContain('0 / 2 / 0');
      const times = asked;
      expect((await run(grade)).out).toBe(first.out);
      expect(asked).toBe(times);
      expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('Graded by a model');
    } finally {
      server.close();
    }
  });
});
