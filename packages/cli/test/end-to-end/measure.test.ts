import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pairForFile } from '../pair-for-file.ts';
import { runJudge as runJudgeFresh } from '../run-judge.ts';

const { pair, kept } = pairForFile({ contextLength: 384 });

const run = (argv: readonly string[], options: Parameters<typeof runJudgeFresh>[1] = {}) =>
  runJudgeFresh(argv, { backends: kept.backends, env: pair.env, ...options });
const models = () => ['--target', pair.target, '--draft', pair.draft, '--threads', '1'];
const small = () => [...models(), '--problems', '3', '--max-tokens', '12', '--draft-lengths', '4'];

describe('judge eval', () => {
  test('keeps rows, writes a page, and goes on where it was', async () => {
    const out = join(pair.folder, 'results');
    const command = [
      'eval',
      '--out',
      out,
      ...small(),
      '--arms',
      'plain,strict,judge,kl:0.3',
      '--head',
      pair.head,
      '--margin',
      '1',
    ];
    const first = await run(command);
    expect(first.err).toContain('report.html');
    expect(first.code).toBe(0);
    expect(first.out).toContain('Quality');
    expect(first.out).toContain('What this does not show');
    const rows = await readFile(join(out, 'runs.jsonl'), 'utf8');
    expect(rows.trim().split('\n')).toHaveLength(12);
    expect(await readdir(out)).toEqual(
      expect.arrayContaining([
        'args.json',
        'env.json',
        'examples.json',
        'report.html',
        'report.md',
        'acceptance.csv',
      ]),
    );
    const page = await readFile(join(out, 'report.html'), 'utf8');
    expect(page).not.toMatch(/NaN|undefined/);

    expect((await run(command)).code).toBe(0);
    expect(await readFile(join(out, 'runs.jsonl'), 'utf8')).toBe(rows);
    // arms that share what was read write the same texts
    const shared = join(pair.folder, 'shared');
    const sharing = command.map((word) => (word === out ? shared : word));
    expect((await run([...sharing, '--share-readings'])).out).toContain('shared what the models had read');
    const hashes = (text: string) => [...text.matchAll(/"hash":"(\w+)"/g)].map(([, hash]) => hash);
    expect(hashes(await readFile(join(shared, 'runs.jsonl'), 'utf8'))).toEqual(hashes(rows));
    // more problems join; another margin does not
    expect((await run([...command, '--problems', '4'])).code).toBe(0);
    expect((await readFile(join(out, 'runs.jsonl'), 'utf8')).startsWith(rows)).toBe(true);
    const later = await run([...command, '--margin', '2']);
    expect(later.code).toBe(4);
    expect(later.err).toContain('before the run');
  });

  test('shards share a folder, and the report is the same wherever it is made', async () => {
    const out = join(pair.folder, 'shards');
    const command = ['eval', '--out', out, ...small(), '--arms', 'plain,strict'];
    expect((await run([...command, '--shard', '1/2'])).code).toBe(0);
    expect((await run([...command, '--shard', '2/2'])).code).toBe(0);
    expect(await readdir(out)).toEqual(expect.arrayContaining(['runs-1of2.jsonl', 'runs-2of2.jsonl']));
    const first = await run(['report', out]);
    const html = await readFile(join(out, 'report.html'), 'utf8');
    const second = await run(['report', out]);
    expect(second.out).toBe(first.out);
    expect(await readFile(join(out, 'report.html'), 'utf8')).toBe(html);
    const compared = await run(['report', '--compare', out, out]);
    expect(compared.code).toBe(0);
    expect(compared.out).toContain('100.0 %');
    const merged = await run(['report', '--merge', join(pair.folder, 'merged'), out]);
    expect(merged.code).toBe(0);
  });

  test('several processes share the problems, and their times are no speeds', async () => {
    const out = join(pair.folder, 'processes');
    const script = join(import.meta.dirname, '..', '..', 'bin', 'judge.mjs');
    const argv = ['eval', '--out', out, ...small(), '--arms', 'plain,strict', '--processes', '2'];
    const { code, err, out: shown } = await run(argv, { script });
    expect(err).toContain('report.html');
    expect(code).toBe(0);
    expect(shown).toContain('Several processes shared the machine');
    const lines = async (name: string) => (await readFile(join(out, name), 'utf8')).trim().split('\n');
    expect(await lines('runs-1of2.jsonl')).toHaveLength(4);
    expect(await lines('runs-2of2.jsonl')).toHaveLength(2);
    // one that had the machine for itself
    const alone = ['bench', '--out', out, ...small(), '--from', '3', '--arms', 'plain,strict'];
    const later = await run([...alone, '--repeats', '1', '--warm-ups', '0']);
    expect(later.out).toContain('6 of 12');
    const broken = await run([...argv, '--margin', '1'], { script });
    expect(broken.err).toMatch(/Process \d of 2 ended with code 4\. .*margin/);
    expect(broken.code).toBe(3);
  });

  test('asks problems of one’s own and grades them', async () => {
    const file = join(pair.folder, 'mine.jsonl');
    await writeFile(
      file,
      [
        { prompt: 'Tom has 2 apples', answer: '2', grader: 'contains' },
        { prompt: 'Say nothing in particular', grader: 'none' },
      ]
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    );
    const out = join(pair.folder, 'own');
    const { code, err } = await run([
      'eval',
      '--out',
      out,
      ...models(),
      '--task',
      'own',
      '--data',
      file,
      '--arms',
      'plain',
      '--max-tokens',
      '4',
    ]);
    expect(err).toContain('report.html');
    expect(code).toBe(0);
    const rows = (await readFile(join(out, 'runs.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map(({ correct }) => correct === null)).toEqual([false, true]);
  });

  test('stopped with Ctrl-C it says where it goes on', async () => {
    const out = join(pair.folder, 'stopped');
    const file = join(pair.folder, 'many.jsonl');
    const rows = Array.from({ length: 2000 }, (_, i) => ({
      prompt: `Tom has ${i} apples`,
      answer: `${i}`,
      grader: 'contains',
    }));
    await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const command = ['eval', '--out', out, ...models(), '--task', 'own', '--data', file, '--arms', 'plain'];
    const stopped = await run(command, {
      onStart(press) {
        const timer = setInterval(() => {
          if (!existsSync(join(out, 'runs.jsonl'))) return;
          clearInterval(timer);
          press();
        }, 20);
      },
    });
    expect(stopped.code).toBe(130);
    expect(stopped.err).toContain(`What was finished is in ${out}`);
    const finished = (await readFile(join(out, 'runs.jsonl'), 'utf8')).trim().split('\n');
    expect(finished.length).toBeLessThan(2000);
    expect(existsSync(join(out, 'runs.jsonl.lock'))).toBe(false);
  });
});

describe('judge texts', () => {
  test('reads texts of others under every rule, and shows them', async () => {
    const file = join(pair.folder, 'texts.jsonl');
    const rows = [
      { prompt: 'Tom has apples', text: 'Tom has two apples and a pear.' },
      { prompt: 'Tom has apples', text: 'Tom has no apples at all.', mistake: 8 },
    ];
    await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const out = join(pair.folder, 'texts.html');
    const argv = [
      'texts',
      file,
      '--target',
      pair.target,
      '--threads',
      '1',
      '--arms',
      'strict,everything',
      '--out',
      out,
    ];
    const { code, out: shown, err } = await run(argv);
    expect(err).toContain('texts.html');
    expect(code).toBe(0);
    expect(shown).toMatch(/everything +1 .* 1 +\d/);
    expect(shown).not.toMatch(/Infinity|NaN/);
    expect(await readFile(out, 'utf8')).toContain('</html>');
    await writeFile(file, '{"prompt": "a", "text": "b", "mistake": 7}\n');
    const refused = await run(argv);
    expect(refused.err).toContain('texts.jsonl:1');
    expect(refused.code).toBe(3);
  });
});

describe('judge bench', () => {
  test('measures and prints, without leaving anything behind', async () => {
    const { code, out, err } = await run([
      'bench',
      ...small(),
      '--repeats',
      '1',
      '--warm-ups',
      '1',
      '--arms',
      'plain,strict',
    ]);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toContain('tokens/s');
    expect(out).toContain('model, tokens/s');
  });

  test('takes programs of others as arms', async () => {
    const file = join(pair.folder, 'programs.mjs');
    await writeFile(
      file,
      `export default [{ name: 'theirs', about: 'a stand-in', async open({ target, endTokens }) {
        return { facts: 'theirs 1.0 on ' + (target.length > 0), async dispose() {}, async decode({ prompt, maxTokens }) {
          return { tokens: prompt.slice(0, 3), milliseconds: 3, at: [1, 2, 3] };
        } };
      } }];`,
    );
    const argv = ['bench', ...small(), '--repeats', '1', '--warm-ups', '0', '--anchors', file];
    const { code, out, err } = await run([...argv, '--arms', 'plain,theirs']);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toContain('Against other programs');
    expect(out).toContain('theirs wrote plain decoding’s text, token for token, 0 times of 3.');
    const sampled = await run([...argv, '--temperature', '0.5']);
    expect(sampled.err).toContain('--anchors');
    const none = join(pair.folder, 'no-programs.mjs');
    await writeFile(none, 'export default 3;');
    const refused = await run([...argv, '--anchors', none]);
    expect(refused.err).toContain('a list of programs');
    expect(refused.code).toBe(3);
    const broken = join(pair.folder, 'broken-program.mjs');
    await writeFile(
      broken,
      `export default [{ name: 'it', about: '', async open() { throw new Error('no binary'); } }];`,
    );
    const unopened = await run([...argv.slice(0, -1), broken, '--arms', 'plain,it']);
    expect(unopened.err).toContain('it cannot be opened: no binary');
    expect(unopened.err).not.toContain('should not happen');
  });

  test('assumes an acceptance without a draft, and says so everywhere', async () => {
    const argv = [
      'bench',
      '--target',
      pair.target,
      '--threads',
      '1',
      '--problems',
      '2',
      '--max-tokens',
      '40',
      '--repeats',
      '1',
      '--warm-ups',
      '0',
      '--synthetic-acceptance',
      'length:3',
      '--arms',
      'plain',
      '--draft-lengths',
      '6',
    ];
    const { code, out } = await run(argv);
    expect(code).toBe(0);
    expect(out).toContain('synthetic /6 (synthetic)');
    expect(out).toContain('Its text means nothing');
    expect(out).toMatch(/assumed/);
    const { out: json } = await run([...argv, '--json']);
    const { arms } = JSON.parse(json) as {
      readonly arms: readonly {
        readonly name: string;
        readonly whole: { readonly quality?: unknown; readonly accepted: number };
      }[];
    };
    const synthetic = arms.find(({ name }) => name === 'synthetic')!;
    expect(synthetic.whole.quality).toBeUndefined();
    expect(synthetic.whole.accepted).toBeCloseTo(3, 0);
  });
});

describe('what cannot be measured is refused before any model is opened', () => {
  test.each([
    ['no folder', ['eval'], 2, '--out'],
    ['a task that is none', ['bench', '--task', 'gsm9k'], 2, 'gsm8k'],
    ['a benchmark without its files', ['bench', '--task', 'gsm8k'], 2, '--data'],
    ['an arm that is none', ['bench', '--arms', 'plain,vibes'], 2, 'vibes'],
    ['a shard that is none', ['bench', '--shard', '3/2'], 2, '--shard'],
    ['processes without a folder', ['bench', '--processes', '2'], 2, '--out'],
    ['processes of a part', ['eval', '--out', 'x', '--processes', '2', '--shard', '1/2'], 2, '--shard'],
    ['an acceptance that is none', ['bench', '--synthetic-acceptance', '1.5'], 2, 'rate'],
    ['a profile that is not there', ['bench', '--synthetic-acceptance', 'nowhere.json'], 3, 'nowhere.json'],
    [
      'made-up weights on a backend without',
      ['bench', '--synthetic', 'llama-3.1-8b:int8'],
      3,
      'made-up|makes up',
    ],
    ['a margin of nothing', ['bench', '--margin', '0'], 2, '--margin'],
    ['speeds of what was read by others', ['bench', '--share-readings'], 2, 'judge eval'],
    [
      'sampling from what was read by others',
      ['eval', '--share-readings', '--temperature', '1'],
      2,
      'greedy',
    ],
    ['shared readings of other passes', ['eval', '--share-readings', '--no-exact'], 2, 'exact passes'],
    ['an author whom nobody knows', ['texts', '--authors', 'drafft'], 2, 'draft'],
    ['an author of texts in a file', ['texts', 'x.jsonl', '--authors', 'draft'], 2, '--authors'],
    ['results that are not there', ['report', 'nowhere'], 3, 'judge eval'],
    ['one folder to compare', ['report', '--compare', 'nowhere'], 2, '--compare'],
  ] as const)('%s', async (_, argv, code, said) => {
    const result = await run([
      ...argv,
      ...(argv[0] === 'report' || (argv as readonly string[]).includes('--synthetic') ? [] : models()),
    ]);
    expect(result.err).toMatch(new RegExp(said));
    expect(result.code).toBe(code);
  });

  test('prompts that do not fit, all of them at once', async () => {
    const file = join(pair.folder, 'long.jsonl');
    const rows = [{ prompt: 'Tom has apples' }, { prompt: 'Tom has apples and '.repeat(300) }];
    await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const result = await run(['bench', ...models(), '--task', 'own', '--data', file, '--arms', 'plain']);
    expect(result.err).toContain('1 of 2 of own are longer');
    expect(result.code).toBe(5);
  });

  test('a draft that an arm asks for', async () => {
    const result = await run(['bench', '--target', pair.target, '--arms', 'plain,strict']);
    expect(result.err).toContain('--draft');
    expect(result.code).toBe(2);
  });
});
