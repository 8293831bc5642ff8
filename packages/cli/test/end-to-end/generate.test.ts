import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { pairForFile } from '../pair-for-file.ts';
import { runJudge as runJudgeFresh } from '../run-judge.ts';

const { pair, kept } = pairForFile();
const runJudge: typeof runJudgeFresh = (argv, options) =>
  runJudgeFresh(argv, { backends: kept.backends, ...options });
/** What most tests compare with: strict and judge decoding of the same prompt. */
let strict: Json;
let judge: Json;
beforeAll(async () => {
  strict = await json('--draft-length', '8');
  judge = await json('--head', pair.head, '--compare');
});

const models = () => ['--target', pair.target, '--draft', pair.draft];
const generate = (...argv: readonly string[]) =>
  runJudge(['generate', 'How many apples has Tom', ...models(), '-n', '40', ...argv], { env: pair.env });

interface Json {
  readonly text: string;
  readonly finish: { readonly reason: string };
  readonly tokens: readonly {
    readonly id: number;
    readonly text: string;
    readonly source: string;
    readonly score?: number;
  }[];
  readonly statistics: Readonly<Record<string, number>>;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly notices: readonly string[];
  readonly comparison?: readonly { readonly name: string; readonly sameTextAsPlain: boolean }[];
}
const json = async (...argv: readonly string[]): Promise<Json> =>
  JSON.parse((await generate('--json', ...argv)).out) as Json;

describe('judge generate', () => {
  test('writes text on stdout and the rest on stderr, strict by default', async () => {
    const { code, out, err } = await generate('--draft-length', '8');
    expect(code).toBe(0);
    expect(out.length).toBeGreaterThan(10);
    expect(out).not.toContain('\u001b');
    expect(err).toContain('verify=strict');
    expect(err).toMatch(/rounds of 8 drafted tokens/);
    expect(err).not.toContain('LOSSY');
  });

  test('writes the same text strictly as without a draft', async () => {
    const plain = await json('--draft', 'none');
    expect(plain.tokens.map(({ id }) => id)).toEqual(strict.tokens.map(({ id }) => id));
    expect(strict.statistics.accepted).toBeGreaterThan(0);
  });

  test.each([
    { argv: ['--draft-length', '8'], exact: true },
    { argv: ['--draft-length', '8', '--no-exact'], exact: false },
    { argv: ['--draft-length', 'auto'], exact: true },
    { argv: ['--draft', 'ngram'], exact: true },
    { argv: ['--draft', 'none', '--compare'], exact: true },
    { argv: ['--draft', 'none'], exact: false },
    { argv: ['--draft', 'none', '--exact'], exact: true },
  ])('with weights of few bits $argv is exact: $exact, and says so', async ({ argv, exact }) => {
    const { settings } = await json('--dtype', 'int8', ...argv);
    expect(settings.target).toMatchObject({ dtype: 'int8', exact });
    expect(settings.exact).toBe(exact);
    if (exact) expect(settings.mayPart).toBeUndefined();
    else expect(settings.mayPart).toContain('near');
    const { err } = await generate('--dtype', 'int8', ...argv);
    expect(err.replaceAll('\n', ' ').includes('passes that are not exact')).toBe(!exact);
  });

  test('in float32 nothing is said about passes: no rounding makes more of last bits', async () => {
    const { settings } = await json('--draft', 'none');
    expect(settings).toMatchObject({ exact: false });
    expect(settings.mayPart).toBeUndefined();
  });

  test('--head alone switches the judge on and says that it is lossy', async () => {
    const { code, err } = await generate('--head', pair.head);
    expect(code).toBe(0);
    expect(err).toContain('verify=judge (LOSSY)');
    expect(err).toContain('This rule is lossy');
  });

  test('--json tells every token’s source, and the score where a judge was asked', () => {
    const { tokens, statistics, settings, text } = judge;
    expect(settings.verify).toBe('judge');
    expect(settings.lossless).toBe(false);
    expect(statistics.committed).toBe(tokens.length);
    expect(statistics.rounds).toBeGreaterThan(0);
    const judged = tokens.filter(({ source }) => source === 'judge');
    expect(judged.length).toBeGreaterThan(0);
    for (const { score } of judged) expect(score).toBeGreaterThan(0.5);
    expect(tokens.map((token) => token.text).join('').length).toBeGreaterThan(0);
    expect(text.length).toBeGreaterThan(0);
  });

  test('threshold 1 is strict decoding, token by token', async () => {
    const never = await json('--head', pair.head, '--threshold', '1');
    expect(never.tokens.map(({ id }) => id)).toEqual(strict.tokens.map(({ id }) => id));
  });

  test('sampling repeats from a seed', async () => {
    const [once, again, other] = [
      await json('--temperature', '1', '--seed', '5'),
      await json('--temperature', '1', '--seed', '5'),
      await json('--temperature', '1', '--seed', '6'),
    ];
    expect(again.text).toBe(once.text);
    expect(other.text).not.toBe(once.text);
  });

  test('ends before a stop text', async () => {
    const { text, tokens } = strict;
    const stop = tokens.slice(6).find((token) => /^[!-~]+$/.test(token.text))!.text;
    const cut = await json('--stop', stop);
    expect(cut.text).toBe(text.slice(0, text.indexOf(stop)));
    expect(cut.finish.reason).toBe('stop-string');
  });

  test('--compare measures plain, strict and the rule beside it', () => {
    const { comparison } = judge;
    expect(comparison?.map(({ name }) => name)).toEqual(['plain', 'strict', 'judge']);
    expect(comparison?.[1]?.sameTextAsPlain).toBe(true);
  });

  test('opens and closes models of its own', async () => {
    const { code, out } = await runJudgeFresh(['generate', 'Tom', ...models(), '-n', '8'], { env: pair.env });
    expect(code).toBe(0);
    expect(out.length).toBeGreaterThan(1);
  });

  test('an n-gram draft needs no model', async () => {
    const { code, err } = await generate('--draft', 'ngram');
    expect(code).toBe(0);
    expect(err).toContain('draft=ngram');
  });

  test.each([
    ['{"method":"ngram","prompt_lookup_max":3,"num_speculative_tokens":4}', 'draft=ngram', 'draft-length=4'],
    ['{"model":"DRAFT","num_speculative_tokens":4}', 'draft=draft (fp32)', 'draft-length=4'],
  ])('--speculative-config names the draft: %s', async (config, ...said) => {
    const argv = ['generate', 'Tom', '--target', pair.target, '-n', '8', '--speculative-config'];
    const { code, err } = await runJudge([...argv, config.replace('DRAFT', pair.draft)], { env: pair.env });
    expect(code, err).toBe(0);
    for (const text of said) expect(err).toContain(text);
  });

  test('takes the prompt from a pipe, the same as from the command line', async () => {
    const piped = await runJudge(['generate', ...models(), '-n', '40'], {
      env: pair.env,
      input: 'How many apples has Tom\n',
    });
    expect(piped.out).toBe(`${strict.text}\n`);
  });

  test('understands familiar names, and warns of old ones', async () => {
    const { code, err } = await runJudge(
      ['generate', 'Tom', '-m', pair.target, '-md', pair.draft, '--draft-max', '4', '--n-predict', '8'],
      { env: pair.env },
    );
    expect(code).toBe(0);
    expect(err).toContain('draft-length=4');
    expect(err).toContain('--draft-max is an old name: use --draft-length');
  });

  test('the draft length is auto where the text does not depend on it, else fixed', async () => {
    const lengthOf = async (...argv: readonly string[]) => (await json(...argv)).settings.draftLength;
    expect(await lengthOf()).toBe('auto');
    expect(await lengthOf('--head', pair.head)).toBe(16);
    expect(await lengthOf('--temperature', '1')).toBe(8);
  });

  test('--draft-length auto writes the same text, measures once, and keeps the costs', async () => {
    const auto = await json('--draft-length', 'auto');
    expect(auto.tokens.map(({ id }) => id)).toEqual(strict.tokens.map(({ id }) => id));
    const kept = () => readdir(join(pair.folder, 'cache', 'costs'));
    const before = await kept();
    expect(before.length).toBeGreaterThan(0);
    await json('--draft-length', 'auto');
    expect(await kept()).toEqual(before);
    const { err } = await generate('--draft-length', 'auto', '--head', pair.head);
    expect(err).toContain('--draft-length to be a number');
  });

  test('--draft-length auto says in one line when speculation cannot pay', async () => {
    await json('--draft-length', 'auto');
    const folder = join(pair.folder, 'cache', 'costs');
    const files = (await readdir(folder)).map((name) => join(folder, name));
    const hopeless = {
      verify: [
        [1, 1],
        [33, 30],
      ],
      draftToken: 5,
      draftPrefillToken: 1,
    };
    for (const file of files) await writeFile(file, JSON.stringify(hopeless));
    const { code, out, err } = await generate('--draft-length', 'auto', '--json');
    for (const file of files) await rm(file);
    expect(code).toBe(0);
    expect(err).toContain('Speculation was off: even if every drafted token were accepted');
    const { statistics } = JSON.parse(out) as { readonly statistics: { readonly speculationOff: object } };
    expect(Object.keys(statistics.speculationOff)).toHaveLength(1);
  });

  test('colours tokens on a terminal, brackets them with --letters', async () => {
    const argv = ['generate', 'Tom', ...models(), '-n', '30', '--head', pair.head];
    const colour = await runJudge(argv, { env: pair.env, isTerminal: true });
    expect(colour.out).toContain('\u001b[32m');
    expect(colour.err).toContain('only the judge accepted');
    const plain = await runJudge([...argv, '--no-color'], { env: pair.env, isTerminal: true });
    expect(plain.out).not.toContain('\u001b[3');
    const letters = await runJudge([...argv, '--letters'], {
      env: { ...pair.env, NO_COLOR: '1' },
      isTerminal: true,
    });
    expect(letters.out).toMatch(/\[[^\]]+\]/);
    expect(letters.out).not.toContain('\u001b');
  });
});

describe('Ctrl-C', () => {
  test('keeps what was written, prints statistics, and exits with 130', async () => {
    const { code, out, err } = await runJudge(['generate', 'Tom', ...models()], {
      env: pair.env,
      interruptAfter: 12,
    });
    expect(code).toBe(130);
    expect(out.length).toBeGreaterThan(5);
    expect(err).toContain('interrupted');
    expect(err).toMatch(/\d+ tokens in/);
  });
});

describe('traces', () => {
  test('of a judge run replay with the same decisions on another thread count', async () => {
    const trace = join(pair.folder, 'trace.json');
    expect((await generate('--head', pair.head, '--trace', trace)).code).toBe(0);
    const { code, out } = await runJudge(['replay', trace, '--threads', '2'], { env: pair.env });
    expect(out).toContain('same: ');
    expect(code).toBe(0);
  });

  test('of a sampled run replay on the same backend', async () => {
    const trace = join(pair.folder, 'sampled.json');
    await generate('--temperature', '0.9', '--verify', 'lossless', '--seed', '3', '--trace', trace);
    const { code, out } = await runJudge(['replay', trace], { env: pair.env });
    expect(out).toContain('every decision alike');
    expect(code).toBe(0);
  });

  test('a changed decision is found and explained, with exit code 4', async () => {
    const trace = join(pair.folder, 'changed.json');
    await generate('--trace', trace);
    const changed = JSON.parse(await readFile(trace, 'utf8')) as {
      readonly rounds: { readonly tokens: { id: number }[] }[];
    };
    const last = changed.rounds.at(-1)!.tokens.at(-1)!;
    last.id = (last.id + 1) % 100;
    await writeFile(trace, JSON.stringify(changed));
    const { code, out } = await runJudge(['replay', trace], { env: pair.env });
    expect(code).toBe(4);
    expect(out).toContain('different: 1 of');
    expect(out).toMatch(/round \d+, token \d+: .* not close: the target’s ".*" is .* ahead of ".*"/);
    expect(out).toContain('so the two runs do not compute the same');
  });

  test('a score that moves a hair across the threshold is excused, and explained', async () => {
    const trace = join(pair.folder, 'hair.json');
    await generate('--head', pair.head, '--trace', trace);
    const edited = JSON.parse(await readFile(trace, 'utf8')) as {
      readonly head: { threshold: number };
      readonly rounds: { readonly tokens: { source: string }[]; readonly scores: number[] }[];
    };
    const judged = edited.rounds.flatMap(({ tokens, scores }) =>
      tokens.flatMap(({ source }, i) => (source === 'judge' ? [{ scores, i, score: scores[i]! }] : [])),
    );
    const least = judged.reduce((a, b) => (b.score < a.score ? b : a));
    edited.head.threshold = least.score + 1e-7;
    least.scores[least.i] = least.score + 2e-7;
    await writeFile(trace, JSON.stringify(edited));
    const { code, out } = await runJudge(['replay', trace], { env: pair.env });
    expect(out).toContain('same but where it was close: 1 of');
    expect(out).toMatch(
      /; close: the judge’s score was 0\.\d+ and is 0\.\d+, the threshold .*: both within 0\.02 of it/,
    );
    expect(code).toBe(0);
  });

  test('of a judge run replay in another dtype, every difference explained', async () => {
    const trace = join(pair.folder, 'dtype.json');
    await generate('--head', pair.head, '--trace', trace);
    const { code, out, err } = await runJudge(['replay', trace, '--dtype', 'int8'], { env: pair.env });
    expect(err).toContain('made in fp32, this replay runs in int8');
    expect([0, 4]).toContain(code);
    expect(out).toMatch(/judge scores moved by \d.* on average, by \d.* at most/);
    for (const line of out.split('\n').filter((each) => each.startsWith('  round'))) {
      expect(line).toMatch(/near tie|ahead of|the judge’s score/);
    }
  });

  test('a score that crosses the threshold from afar is no rounding', async () => {
    const trace = join(pair.folder, 'afar.json');
    await generate('--head', pair.head, '--trace', trace);
    const edited = JSON.parse(await readFile(trace, 'utf8')) as {
      readonly head: { threshold: number };
      readonly rounds: { readonly tokens: { source: string }[]; readonly scores: number[] }[];
    };
    // just below a threshold near 1: close as a probability, far off as a logit
    edited.head.threshold = 0.9999;
    for (const { tokens, scores } of edited.rounds) {
      for (const [i, { source }] of tokens.entries()) if (source === 'judge') scores[i] = 0.99995;
    }
    await writeFile(trace, JSON.stringify(edited));
    const { code, out } = await runJudge(['replay', trace], { env: pair.env });
    expect(out).toMatch(/not close: the judge’s score was 1\.0000 .* above 0\.02 in logits/);
    expect(code).toBe(4);
  });

  test('runs as the trace did, unless a flag says otherwise', async () => {
    const trace = join(pair.folder, 'int8.json');
    await generate('--dtype', 'int8', '--threads', '1', '--draft-length', '4', '--trace', trace);
    const { target } = JSON.parse(await readFile(trace, 'utf8'));
    expect([target.dtype, target.exact]).toEqual(['int8', true]);
    const { code, out, err } = await runJudge(['replay', trace], { env: pair.env });
    expect(out).toMatch(/then: (cpu, threads 1, int8, exact) · now: \1/);
    expect(err).toBe('');
    expect(code).toBe(0);
  });

  test('a head that changed since is refused, one that is named is taken', async () => {
    const trace = join(pair.folder, 'head-changed.json');
    const head = await pair.writeHead('changing.safetensors', (fitting) => fitting);
    await generate('--head', head, '--trace', trace);
    await pair.writeHead('changing.safetensors', (fitting) => ({ ...fitting, bias: 5 }));
    const refused = await runJudge(['replay', trace], { env: pair.env });
    expect(refused.code).toBe(4);
    expect(refused.err).toMatch(/The trace was made with the head [0-9a-f]{12}, .* is [0-9a-f]{12} by now/);
    const named = await runJudge(['replay', trace, '--head', head], { env: pair.env });
    expect(named.err).toContain('scores will differ');
    expect(named.out).toMatch(/same|different/);
  });

  test('other weights are refused unless allowed, then differences are said to be expected', async () => {
    const trace = join(pair.folder, 'other.json');
    await generate('--trace', trace);
    const other = await pair.make('other-weights', { seed: 9 });
    const refused = await runJudge(['replay', trace, '--target', other], { env: pair.env });
    expect(refused.code).toBe(4);
    expect(refused.err).toContain('Pass --allow-other-weights');
    const allowed = await runJudge(['replay', trace, '--target', other, '--allow-other-weights'], {
      env: pair.env,
    });
    expect(allowed.err).toContain('differences are to be expected');
    expect(allowed.out).toContain('different');
  });
});

describe('judge chat', () => {
  test('reads only what follows the common prefix of the conversation', async () => {
    const { code, out, err } = await runJudge(['chat', ...models(), '-n', '12'], {
      env: pair.env,
      input: 'How many apples\n/help\nand more\n/exit\n',
    });
    expect(code).toBe(0);
    expect(out.split('\n').length).toBeGreaterThan(2);
    const readings = [...err.matchAll(/read (\d+) new tokens of the conversation, kept (\d+)/g)];
    expect(readings).toHaveLength(2);
    expect(Number(readings[0]![2])).toBe(0);
    expect(Number(readings[1]![2])).toBeGreaterThan(Number(readings[0]![1]));
    expect(err).toContain('/reset');
  });

  test('leaves out the oldest exchange when the context is full, and says so', async () => {
    const line = `${'the and has '.repeat(6)}\n`;
    const { code, err } = await runJudge(['chat', ...models(), '-n', '8', '--context', '96'], {
      env: pair.env,
      input: line.repeat(4),
    });
    expect(err).toContain('the oldest exchange was left out');
    expect(code).toBe(0);
  });
});
