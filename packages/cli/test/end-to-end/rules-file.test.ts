import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { pairForFile } from '../pair-for-file.ts';
import { runJudge } from '../run-judge.ts';

const { pair, kept } = pairForFile();
/** The module that docs/rules.md shows. */
let file: string;
beforeAll(async () => {
  const page = await readFile(fileURLToPath(new URL('../../../../docs/rules.md', import.meta.url)), 'utf8');
  file = join(pair.folder, 'near-miss.mjs');
  await writeFile(file, /```js\n([\s\S]*?)```/.exec(page)![1]!);
});

const judge = (...argv: readonly string[]) => runJudge(argv, { env: pair.env, backends: kept.backends });
const generate = (...argv: readonly string[]) =>
  judge('generate', 'How many apples', '--target', pair.target, '--draft', pair.draft, '-n', '40', ...argv);
const module = async (name: string, text: string) => {
  const path = join(pair.folder, name);
  await writeFile(path, text);
  return path;
};

describe('--rules', () => {
  test('brings a rule that is used, counted, marked lossy and replayed', async () => {
    const trace = join(pair.folder, 'third.json');
    const { code, out } = await generate(
      ...['--rules', file, '--verify', 'near-miss:2', '--json', '--trace', trace],
    );
    expect(code).toBe(0);
    const { statistics, settings } = JSON.parse(out);
    expect(statistics.acceptedBySource['near-miss']).toBeGreaterThan(0);
    expect(settings).toMatchObject({ verify: 'near-miss:2', lossless: false });
    expect((await judge('replay', trace, '--rules', file)).code).toBe(0);
    const without = await judge('replay', trace);
    expect([without.code, without.err]).toEqual([2, expect.stringContaining('--rules FILE')]);
  });

  test('is an arm of what measures', async () => {
    const out = join(pair.folder, 'measured');
    const small = ['--problems', '1', '--repeats', '1', '--warm-ups', '0', '--max-tokens', '8'];
    const arms = ['--rules', file, '--arms', 'plain,near-miss:2', '--draft-lengths', '4', '--out', out];
    const run = await judge('bench', '--target', pair.target, '--draft', pair.draft, ...small, ...arms);
    expect([run.code, run.err]).toEqual([0, expect.any(String)]);
    expect(run.out).toContain('near-miss:2');
    // what was measured is read without the rule
    expect((await judge('report', out)).out).toContain('near-miss:2');
  });

  test('whose code has changed does not go on in a folder that was begun with it', async () => {
    const out = join(pair.folder, 'begun');
    const own = await module('edited.mjs', await readFile(file, 'utf8'));
    const run = (arms: string) =>
      judge(
        ...['bench', '--target', pair.target, '--draft', pair.draft, '--problems', '1', '--repeats', '1'],
        ...['--warm-ups', '0', '--max-tokens', '8', '--draft-lengths', '4', '--rules', own, '--arms', arms],
        ...['--out', out],
      );
    expect((await run('plain')).code).toBe(0);
    // a rule may join what is there
    expect((await run('plain,near-miss:2')).code).toBe(0);
    await writeFile(own, `${await readFile(own, 'utf8')}\n// another`);
    const changed = await run('plain,near-miss:2');
    expect([changed.code, changed.err]).toEqual([
      4,
      expect.stringMatching(/was begun with rules .*near-miss/),
    ]);
    // what does not use it does not ask
    expect((await run('plain')).code).toBe(0);
  });

  test('is in the help of every command that verifies, and composes with ours', async () => {
    for (const command of ['generate', 'chat', 'problems'])
      expect((await judge(command, '--help', '--rules', file)).out).toContain('near-miss[:gap]');
    for (const command of ['bench', 'eval', 'texts']) {
      const { out } = await judge(command, '--help', '--rules', file);
      expect(out.replaceAll(/\s+/g, ' ')).toMatch(/near-miss.*accept rules of yours, for --arms/);
    }
    const tree = '{"verify":{"allOf":["near-miss:2",{"anyOf":["topk:4","floor:0.01"]}]}}';
    const { code, err } = await generate(`--rules=${file}`, '--speculative-config', tree);
    expect(code).toBe(0);
    expect(err.replaceAll(/\s+/g, ' ')).toContain('near-miss:2 & (topk:4+floor:0.01)');
  });

  const SOUND = `{ name: 'mine', kind: 'admission', parameters: [], sentence: 'a rule of mine', source: 'me',
    build: () => ({ name: 'mine', needs: { target: {}, draft: 'nothing' }, decoding: 'either', admits: ADMITS }) }`;
  test.each([
    ['a file that is missing', () => 'no-such.mjs', 3, 'found nothing at no-such.mjs'],
    ['a folder', () => pair.folder, 3, 'found no file'],
    ['what is no module', () => module('syntax.mjs', 'export default {'), 3, 'cannot be loaded'],
    ['a module that fails', () => module('throws.mjs', 'throw new Error("oh");'), 3, 'cannot be loaded: oh'],
    ['one without rules', () => module('other.mjs', 'export const a = 1;'), 3, 'it exports a'],
    [
      'a rule that is half written',
      () => module('half.mjs', 'export default { name: "x" };'),
      3,
      'kind of x',
    ],
    [
      'a name of ours',
      () => module('taken.mjs', `export default ${SOUND.replaceAll("'mine'", "'kl'")};`),
      3,
      'the name kl is taken',
    ],
    [
      'an answer that is a promise',
      () => module('promise.mjs', `export const rules = [${SOUND.replace('ADMITS', 'async () => false')}];`),
      3,
      'must answer true or false, got a promise',
    ],
    [
      'a fault inside',
      () => module('fault.mjs', `export default ${SOUND.replace('ADMITS', '(round) => round.nothing.at')};`),
      3,
      'failed while asked about a token: TypeError',
    ],
  ])('%s is one sentence that names the file', async (_, make, expected, message) => {
    const path = await make();
    const { code, err } = await generate('--rules', path, '--verify', 'mine');
    const errors = err.split('\n').filter((line) => line.startsWith('error:'));
    expect([code, errors.length], err).toEqual([expected, 1]);
    expect(errors[0]).toContain(message);
    expect(errors[0]).toContain(path);
    expect(err).not.toMatch(/^\s+at /m);
  });

  test('without a rule of that name is said with what there is', async () => {
    const { code, err } = await generate('--rules', file, '--verify', 'near-mis');
    expect([code, err]).toEqual([2, expect.stringContaining('Did you mean near-miss?')]);
  });
});
