import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runJudge } from '../run-judge.ts';
import { type TinyPair, tinyPair } from '../tiny-pair.ts';

let pair: TinyPair;
beforeAll(async () => {
  pair = await tinyPair();
});
afterAll(() => pair.dispose());

test('without a pair: ours and the paper’s, with what is assumed', async () => {
  const { code, out } = await runJudge(['plan']);
  expect(code).toBe(0);
  expect(out).toContain('llama-3.1-70b int8, drafted by llama-3.1-8b int4, on H200');
  expect(out).toContain('141 tokens/s');
  expect(out).toContain('129 tokens/s');
  expect(out).toContain('the target does not fit');
  expect(out).toMatch(/Predicted, not run: .*\(assumed\)/);
});

test('as JSON, for a number of GPUs and a draft length', async () => {
  const argv = ['plan', '--target', 'llama-3.1-70b:bf16', '--gpus', '2', '--draft-length', '25', '--json'];
  const { out } = await runJudge([...argv, '--synthetic-acceptance', 'length:19']);
  const { pairs, gpu, acceptance } = JSON.parse(out);
  expect(gpu.name).toBe('H200');
  expect(acceptance).toEqual({ kind: 'length', length: 19 });
  expect(pairs[0].plans).toHaveLength(1);
  expect(pairs[0].plans[0].rounds[0]).toMatchObject({ draftLength: 25, committed: 20 });
});

test('models of one’s own are planned by their config', async () => {
  const { code, out } = await runJudge(
    [
      'plan',
      '--target',
      pair.target,
      '--draft',
      pair.draft,
      '--dtype',
      'bf16',
      '--gpu',
      'l40s',
      '--gpus',
      '1',
    ],
    { env: pair.env },
  );
  expect(code).toBe(0);
  expect(out).toContain('target bf16, drafted by draft int4, on L40S');
});

test.each([
  [['--gpu', 'abacus'], 'Expected a GPU among h200'],
  [['--dtype', 'fp32'], 'Expected --dtype to be one of bf16, fp16, fp8, int8, int4, q8_0, q4_0, got fp32'],
  [['--target', 'llama-9'], '--target'],
  [['--bandwidth', '-1'], 'Expected --bandwidth to be a number above 0'],
  [['--gpus', '0'], 'Expected --gpus'],
  [['--gpus', '16'], 'Expected --gpus to be at most 8'],
  [['--draft-length', '64'], 'Expected --draft-length to be at most 63'],
  [['--context', '200000'], 'Expected --context to be at most 131072, as long as llama-3.1-70b int8 can be'],
  [['--gpu', 'mine', '--bandwidth', '2'], 'got mine without its memory'],
  [['--target', 'llama-9:int8'], 'Shapes known by name: '],
])('%j is refused', async (argv, sentence) => {
  const { code, out, err } = await runJudge(['plan', ...argv]);
  expect(err).toContain(sentence);
  expect([code === 0, out]).toEqual([false, '']);
});

test('GPUs that a model cannot be shared out over: which would do', async () => {
  const { code, out } = await runJudge(['plan', '--target', 'llama-3.1-70b', '--gpus', '3']);
  expect(code).toBe(0);
  expect(out).toContain('which 3 GPUs cannot share alike. 1, 2, 4 or 8 can');
  expect(out).not.toContain('0.00 GB');
});

test('a draft as large as its target: plain decoding is the fastest, and it says so', async () => {
  const pair = ['--target', 'llama-3.1-8b:int8', '--draft', 'llama-3.1-8b:bf16'];
  const { out } = await runJudge(['plan', ...pair, '--gpus', '1']);
  expect(out).toContain('Drafting does not pay with this draft: plain decoding is the fastest');
});

test('a pair of two vocabularies is no pair, and it says so', async () => {
  const { out } = await runJudge(['plan', '--target', 'qwen2.5-72b', '--gpus', '2']);
  expect(out.replaceAll('\n', ' ')).toContain('these have 128256 and 151665 tokens');
  expect((await runJudge(['plan', '--gpus', '2'])).out).not.toContain('tokenizer');
});

test('a long context takes its cache from every GPU', async () => {
  const bytesAt = async (context: string) => {
    const { out } = await runJudge([
      'plan',
      '--target',
      'llama-3.1-70b:int8',
      '--context',
      context,
      '--json',
    ]);
    return JSON.parse(out).pairs[0].plans[1].bytes;
  };
  // 80 layers, 4 of 8 key-value heads of 128 numbers, keys and values in two bytes
  const perToken = 80 * 4 * 128 * 2 * 2;
  expect((await bytesAt('32000')) - (await bytesAt('16000'))).toBe(16_000 * perToken);
});

test('lines fit a narrow terminal', async () => {
  const { out } = await runJudge(['plan'], { isTerminal: true, columns: 60 });
  for (const line of out.split('\n')) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(60);
});
