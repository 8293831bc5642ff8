import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runJudge } from '../run-judge.ts';
import { type TinyPair, tinyPair } from '../tiny-pair.ts';

let pair: TinyPair;
let made = 0;
beforeAll(async () => {
  pair = await tinyPair();
});
afterAll(() => pair.dispose());

/** A model with another chat template, or with none. */
async function modelWith(template: string | undefined): Promise<string> {
  const folder = await pair.make(`model-${made++}`, { seed: 1 });
  const path = join(folder, 'tokenizer_config.json');
  const { chat_template: _, ...rest } = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify(template === undefined ? rest : { ...rest, chat_template: template }));
  return folder;
}

const generate = (target: string, ...argv: readonly string[]) =>
  runJudge(['generate', '--target', target, '-n', '3', ...argv], { env: pair.env });

describe('contradictions are refused before a model is looked for', () => {
  test.each([
    [['--stop', ''], '--stop'],
    [['--raw', '--system', 'x'], '--system without --raw'],
    [['--special'], '--special with --raw'],
    [['-p', 'again'], 'one prompt'],
    [['--verify', 'block'], '--temperature to be above 0'],
    [['--verify', 'fly', '--temperature', '1'], 'greedy'],
    [['--draft', 'ngram', '--verify', 'kl:0.5'], 'compares its distribution'],
    [['--draft-length', 'auto', '--temperature', '1'], '--draft-length to be a number'],
    [['--draft-length', 'auto', '--verify', 'topk:4'], '--draft-length to be a number'],
    [['--penalty-scope', 'some'], 'usual, all, written'],
  ])('%j', async (argv, said) => {
    const { code, err } = await generate('/no/such/model', 'Hi', ...argv);
    expect(err).toContain(said);
    expect(err).not.toContain('/no/such/model');
    expect(code).toBe(2);
  });
});

describe('what a template would drop', () => {
  test('a system message for a model without a template is refused', async () => {
    const { code, err } = await generate(await modelWith(undefined), 'Hi', '--system', 'Be brief.');
    expect(err).toContain('no chat template, so it takes no system message');
    expect(code).toBe(2);
  });

  test('a system message that a template leaves out is refused', async () => {
    const model = await modelWith("{% for m in messages if m.role != 'system' %}{{ m.content }}{% endfor %}");
    const { code, err } = await generate(model, 'Hi', '--system', 'Be brief.');
    expect(err).toContain('leaves the system message out');
    expect(code).toBe(2);
    expect((await generate(model, 'Hi')).code).toBe(0);
  });

  test.each([
    ['generate', ['generate']],
    ['chat', ['chat']],
  ])('a template that is a constant is refused by %s', async (_, argv) => {
    const model = await modelWith('<|begin|>Hello');
    const { code, err } = await runJudge([...argv, '--target', model, '-n', '3'], {
      env: pair.env,
      input: 'Hi\n',
    });
    expect(err).toContain('does not write the prompt');
    expect(code).toBe(3);
  });

  test('a template that cannot be read keeps nobody from --raw and from inspect', async () => {
    const model = await modelWith('{% if %}');
    expect((await generate(model, 'Hi', '--raw')).code).toBe(0);
    const inspected = await runJudge(['inspect', model], { env: pair.env });
    expect(inspected.code).toBe(0);
    expect(inspected.out + inspected.err).toContain('cannot be used');
    const { code, err } = await generate(model, 'Hi');
    expect(err).toContain('cannot be read');
    expect(code).toBe(3);
  });
});

describe('special tokens that are typed', () => {
  test('are text with --raw, which is said', async () => {
    const { err, code } = await generate(pair.target, '<|turn|>user', '--raw');
    expect(err).toContain('<|turn|> in the prompt is text: --special');
    expect(code).toBe(0);
  });

  test('are read with --special, and the begin token is not put in front twice', async () => {
    const tokens = async (...argv: readonly string[]) => {
      const { out, err } = await generate(pair.target, '--raw', '--special', '--json', ...argv);
      expect(err).not.toContain('--special reads');
      return (JSON.parse(out) as { promptTokens: number }).promptTokens;
    };
    // begin, turn, and the letters of user
    const plain = await tokens('<|turn|>user');
    expect(plain).toBe(6);
    expect(await tokens('<|begin|><|turn|>user')).toBe(plain);
  });
});

test('what is piped in as UTF-16 is the same prompt, and what is no text is refused', async () => {
  const bytes = Buffer.from('\ufeffHow many apples', 'utf16le');
  const run = (input: NodeJS.ReadableStream | string) =>
    runJudge(['generate', '--target', pair.target, '-n', '5'], { env: pair.env, input });
  const [piped, typed] = [await run(Readable.from([bytes])), await run('How many apples')];
  expect(piped.out).toBe(typed.out);
  const broken = await run(Readable.from([Buffer.from([0x63, 0xe9, 0x20])]));
  expect(broken.err).toMatch(/Expected text in UTF-8.*no UTF-8/);
  expect(broken.code).toBe(2);
});
