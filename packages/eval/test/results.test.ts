import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toyPair } from '@judge-decoding/backend-contract';
import { GREEDY, JudgeDecodingError } from '@judge-decoding/core';
import { describe, expect, test } from 'vitest';
import {
  type Arm,
  analyse,
  armKey,
  compareResults,
  examplesOf,
  type Machine,
  machineName,
  mergeResults,
  openResults,
  parseArms,
  type Row,
  type RunSettings,
  readResults,
  reportPage,
  runArms,
  thisMachine,
  writeReport,
} from '../src/index.ts';
import { steadyClock, toyProblems } from './toy-problems.ts';

const newFolder = () => mkdtemp(join(tmpdir(), 'judge-results-'));
const hasCode = (code: Parameters<typeof JudgeDecodingError.is>[1]) => (error: unknown) =>
  JudgeDecodingError.is(error, code);
const arms: readonly Arm[] = parseArms('plain,strict,oracle,everything,random:0.5,random:0.9,draft', {
  draftLength: 4,
});
const pair = () => toyPair({ agreement: 0.6, seed: 4, sharpness: 0.5, context: 128 });
const machine = thisMachine('toy');

function settingsOf(more: Partial<RunSettings['fixed']> = {}, own: readonly Arm[] = arms): RunSettings {
  const model = { name: 'toy', dtype: 'fp32', exact: true, weights: 'w'.repeat(64) };
  return {
    version: 2,
    fixed: {
      task: 'toys',
      split: 'test',
      shots: null,
      target: model,
      draft: model,
      backend: 'toy',
      maxTokens: 30,
      sampling: GREEDY,
      seed: 0,
      margin: 0.01,
      heads: {},
      sandbox: null,
      ...more,
    },
    arms: own,
    runs: [{ arms: own.map(armKey), from: 0, problems: 12, repeats: 1, warmUps: 0 }],
    costs: {
      [machineName(machine)]: [
        {
          verify: [
            [1, 1],
            [5, 2],
          ],
          draftToken: 0.1,
          draftPrefillToken: 0.1,
        },
      ],
    },
    commands: ['judge eval'],
  };
}

interface RunOptions {
  readonly settings?: RunSettings;
  readonly shard?: { readonly part: number; readonly of: number };
  readonly signal?: { readonly aborted: boolean };
  readonly on?: Machine;
}

async function runInto(
  folder: string,
  { settings = settingsOf(), shard, signal, on = machine }: RunOptions = {},
) {
  const open = await openResults({
    folder,
    settings,
    machine: on,
    ...(shard === undefined ? {} : { shard }),
  });
  const problems = toyProblems(12).filter(
    (_, index) => shard === undefined || index % shard.of === shard.part,
  );
  try {
    await runArms({
      ...pair(),
      problems,
      arms: settings.arms,
      sink: open.sink,
      maxTokens: 30,
      now: steadyClock(),
      ...(signal === undefined ? {} : { signal }),
    });
  } finally {
    await open.close();
  }
}

const texts = (rows: readonly Row[]) =>
  rows.map(({ arm, problem, hash }) => `${arm} ${problem} ${hash}`).sort();

describe('a result folder', () => {
  test('holds a row of each, with times, sources and rounds that add up', async () => {
    const folder = await newFolder();
    await runInto(folder);
    const { rows, settings, machines, broken } = await readResults(folder);
    expect(rows).toHaveLength(arms.length * 12);
    expect(settings).toEqual(settingsOf());
    expect(broken).toEqual([]);
    for (const row of rows) {
      expect(row.marks).toHaveLength(row.tokens.length);
      expect(row.rounds!.reduce((sum, [tokens]) => sum + tokens, 0)).toBe(row.tokens.length);
      expect(row.rounds).toHaveLength(row.stats.rounds);
      expect(row.firstToken).toBeGreaterThan(0);
      expect(row.firstToken!).toBeLessThanOrEqual(row.milliseconds);
      expect(machines[row.machine!]!.device).toBe('toy');
      const { accepted, recovered, bonus } = row.stats;
      const count = (mark: string) => row.marks!.split(mark).length - 1;
      expect(count('s') + count('a')).toBe(accepted);
      expect(count('r')).toBe(recovered);
      expect(count('b')).toBe(bonus);
    }
  });

  test('stopped in the middle, its last row torn, it goes on and ends with the same texts', async () => {
    const [whole, stopped] = [await newFolder(), await newFolder()];
    await runInto(whole);
    let asked = 0;
    const signal = {
      get aborted() {
        return ++asked > 400;
      },
    };
    await expect(runInto(stopped, { signal })).rejects.toSatisfy(hasCode('aborted'));
    const before = (await readResults(stopped)).rows.length;
    expect(before).toBeGreaterThan(0);
    await appendFile(join(stopped, 'runs.jsonl'), '{"arm":"strict","problem":"to');
    expect((await readResults(stopped)).broken[0]).toContain('middle of a row');
    await runInto(stopped);
    const after = await readResults(stopped);
    expect(texts(after.rows)).toEqual(texts((await readResults(whole)).rows));
    const lines = (await readFile(join(stopped, 'runs.jsonl'), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(arms.length * 12);
  });

  test('shards share it and make the whole; in folders of their own they merge', async () => {
    const [whole, shared, merged] = [await newFolder(), await newFolder(), join(await newFolder(), 'all')];
    const apart = [await newFolder(), await newFolder()];
    await runInto(whole);
    for (const part of [0, 1]) {
      await runInto(shared, { shard: { part, of: 2 } });
      await runInto(apart[part]!, { shard: { part, of: 2 } });
    }
    const expected = texts((await readResults(whole)).rows);
    expect(texts((await readResults(shared)).rows)).toEqual(expected);
    expect(texts((await mergeResults(merged, [...apart, apart[0]!])).rows)).toEqual(expected);
    expect(texts((await readResults(merged)).rows)).toEqual(expected);
    await expect(mergeResults(merged, apart)).rejects.toSatisfy(hasCode('mismatch'));
  });

  test('is not begun with settings that could not be read again', async () => {
    const folder = await newFolder();
    const { commands: _, ...fewer } = settingsOf();
    for (const settings of [fewer, { arms: [] }, undefined]) {
      const begun = openResults({ folder, settings: settings as never, machine });
      await expect(begun).rejects.toThrow('Expected `settings` to be `RunSettings`: version 2, fixed, arms');
    }
  });

  test('a part is written by one process at a time; a dead one’s lock is taken over', async () => {
    const folder = await newFolder();
    const open = await openResults({ folder, settings: settingsOf(), machine });
    const second = openResults({ folder, settings: settingsOf(), machine });
    await expect(second).rejects.toSatisfy(hasCode('busy'));
    await expect(second).rejects.toThrow(String(process.pid));
    // parts of another split may share problems with it
    const part = { folder, settings: settingsOf(), machine, shard: { part: 1, of: 2 } };
    await expect(openResults(part)).rejects.toThrow('as a whole, and not in 2 parts');
    const lock = JSON.parse(await readFile(join(folder, 'runs.jsonl.lock'), 'utf8'));
    await open.close();
    const shard = await openResults(part);
    await (await openResults({ ...part, shard: { part: 0, of: 2 } })).close();
    await expect(openResults({ ...part, shard: { part: 0, of: 3 } })).rejects.toThrow(
      'in 2 parts, and not in 3',
    );
    await shard.close();
    // a process that has ended without a word
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.on('exit', resolve));
    await writeFile(join(folder, 'runs.jsonl.lock'), JSON.stringify({ ...lock, pid: child.pid }));
    await (await openResults({ folder, settings: settingsOf(), machine })).close();
    // one on another machine may be alive
    await writeFile(
      join(folder, 'runs.jsonl.lock'),
      JSON.stringify({ ...lock, pid: child.pid, host: 'elsewhere' }),
    );
    await expect(openResults({ folder, settings: settingsOf(), machine })).rejects.toThrow('another machine');
  });

  test('other settings are refused by name; arms and problems may join', async () => {
    const folder = await newFolder();
    await runInto(folder, { settings: settingsOf({}, arms.slice(0, 2)) });
    await runInto(folder);
    expect((await readResults(folder)).settings.arms).toEqual(arms);
    await expect(runInto(folder, { settings: settingsOf({ maxTokens: 31 }) })).rejects.toThrow(
      'maxTokens 30, not 31',
    );
    const later = runInto(folder, { settings: settingsOf({ margin: 0.05 }) });
    await expect(later).rejects.toSatisfy(hasCode('mismatch'));
    await expect(later).rejects.toThrow('before the run');
    const changed: Arm = { ...arms[1]!, verify: { rule: 'oracle' } } as Arm;
    await expect(runInto(folder, { settings: settingsOf({}, [changed]) })).rejects.toThrow('strict');
  });

  test('a broken row in the middle is told by file and line, and the others are kept', async () => {
    const folder = await newFolder();
    await runInto(folder);
    const path = join(folder, 'runs.jsonl');
    const lines = (await readFile(path, 'utf8')).split('\n');
    lines[4] = '{"arm":"strict"}';
    lines[7] = 'what?';
    await writeFile(path, lines.join('\n'));
    const { rows, broken } = await readResults(folder);
    expect(rows).toHaveLength(arms.length * 12 - 2);
    expect(broken).toEqual([
      expect.stringContaining('runs.jsonl:5'),
      expect.stringContaining('runs.jsonl:8'),
    ]);
    expect(analyse(await readResults(folder), { resamples: 20 }).notes.join(' ')).toContain('runs.jsonl:5');
    await runInto(folder);
    expect((await readResults(folder)).rows).toHaveLength(arms.length * 12);
  });

  test('a row whose parts are none is told, and its machine must be known for its time to count', async () => {
    const folder = await newFolder();
    await runInto(folder);
    const path = join(folder, 'runs.jsonl');
    const lines = (await readFile(path, 'utf8')).split('\n');
    const changed = (change: object) => JSON.stringify({ ...JSON.parse(lines[0]!), ...change });
    const bad = [
      { stats: {} },
      { stats: { ...JSON.parse(lines[0]!).stats, times: null } },
      { rounds: 5 },
      { milliseconds: -1 },
      { tokens: ['a'] },
    ].map(changed);
    const rest = lines.slice(1);
    await writeFile(path, [...bad, ...rest].join('\n'));
    const { rows, broken } = await readResults(folder);
    expect(broken.map((each) => Number(/runs\.jsonl:(\d)/.exec(each)?.[1]))).toEqual([1, 2, 3, 4, 5]);
    expect(rows).toHaveLength(rest.filter((line) => line !== '').length);
    await writeFile(join(folder, 'env.json'), '{}');
    const { notes, arms: analysed } = analyse(await readResults(folder), { resamples: 20 });
    expect(notes.join(' ')).toContain('env.json does not know the machine');
    expect(analysed.every(({ timed }) => timed === 0)).toBe(true);
  });

  test.each([
    ['of another version', '{"version": 99}', 'unsupported', 'version 99'],
    ['that is no JSON', '{', 'invalid-file', 'args.json'],
    ['without arms', '{"version": 2, "fixed": {}}', 'invalid-file', 'arms'],
  ] as const)('%s is refused', async (_, text, code, said) => {
    const folder = await newFolder();
    await writeFile(join(folder, 'args.json'), text);
    await expect(readResults(folder)).rejects.toSatisfy(hasCode(code));
    await expect(readResults(folder)).rejects.toThrow(said);
  });

  test('without results it says what makes them', async () => {
    await expect(readResults(await newFolder())).rejects.toThrow('judge eval');
  });
});

describe('the report', () => {
  test('is the same bytes from the same folder, and needs nothing from elsewhere', async () => {
    const folder = await newFolder();
    await runInto(folder);
    const results = await readResults(folder);
    const examples = examplesOf({
      rows: results.rows,
      reference: 'plain',
      questionOf: (problem) => `<b>${problem}</b>`,
      pieceOf: (token) => ` t${token}`,
    });
    await writeFile(join(folder, 'examples.json'), JSON.stringify(examples));
    const files = ['report.html', 'report.md', 'acceptance.csv', 'quality.csv', 'speed.csv'];
    const contents = async () => Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
    await writeReport(folder, { resamples: 200 });
    const first = await contents();
    await writeReport(folder, { resamples: 200 });
    expect(await contents()).toEqual(first);
    const [html = '', markdown = '', acceptance = ''] = first;
    expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)|<link|@import|url\(/);
    expect(html).toContain('<svg');
    expect(html).toContain('&lt;b&gt;');
    expect(/NaN|undefined|\[object/.exec(html)?.[0]).toBeUndefined();
    for (const { name } of arms) expect(markdown).toContain(name);
    expect(acceptance.split('\n')[0]).toBe(
      'arm,draft_length,position,num_drafts,num_accepted_tokens,conditional_rate,acceptance_rate',
    );
  });

  test('counts in pairs, keeps plain apart, and says what it does not show', async () => {
    const folder = await newFolder();
    await runInto(folder);
    const { arms: found, notes } = analyse(await readResults(folder), { resamples: 200 });
    const of = (name: string) => found.find((arm) => arm.name === name)!;
    expect(of('plain').whole.quality!.paired).toBeUndefined();
    expect(of('strict').whole.quality!.paired).toMatchObject({ lost: 0, won: 0, p: 1 });
    expect(of('strict').whole.quality!.nonInferiority).toMatchObject({ verdict: 'open' });
    expect(of('strict').whole.quality!.lengthRatio).toBe(1);
    expect(of('everything').whole.accepted).toBeGreaterThan(of('strict').whole.accepted);
    expect(of('strict').predicted!.draftLength).toBe(4);
    // the toy draft is no worse than its target: there is no gap to keep a share of
    expect(of('strict').retention).toBeUndefined();
    expect(notes.join(' ')).toContain('problems are needed');
  });

  test('without a margin nothing is called non-inferior', async () => {
    const folder = await newFolder();
    await runInto(folder, { settings: settingsOf({ margin: null }) });
    const { arms: found, notes } = analyse(await readResults(folder), { resamples: 50 });
    for (const { whole } of found)
      expect(whole.quality?.nonInferiority?.verdict ?? 'no margin stated').toBe('no margin stated');
    expect(notes.join(' ')).toContain('No margin was stated');
  });

  test('rows of two machines are counted for accuracy, and not against each other for speed', async () => {
    const folder = await newFolder();
    await runInto(folder);
    const results = await readResults(folder);
    const rows = results.rows.map((row) => (row.arm === 'strict' ? { ...row, machine: 'other' } : row));
    const { arms: found, notes } = analyse({ ...results, rows }, { resamples: 50 });
    const strict = found.find(({ name }) => name === 'strict')!;
    expect(strict.whole.versusPlain).toBeUndefined();
    expect(strict.whole.quality!.paired!.pairs).toBe(12);
    expect(notes.join(' ')).toContain('2 machines');
  });

  test('a page can be made of the least there can be', async () => {
    const folder = await newFolder();
    await runInto(folder, { settings: settingsOf({}, parseArms('plain', { draftLength: 4 })) });
    const html = await reportPage(analyse(await readResults(folder), { resamples: 20 }));
    expect(html).toContain('</html>');
    expect(html).not.toMatch(/NaN|undefined/);
  });

  test('two folders are held side by side on what both have', async () => {
    const [a, b] = [await newFolder(), await newFolder()];
    await runInto(a);
    await runInto(b, { settings: settingsOf({ seed: 1 }, arms.slice(0, 3)) });
    const { table, notes, html } = compareResults(await readResults(a), await readResults(b), {
      resamples: 50,
    });
    expect(table.rows.map(([name]) => name)).toEqual(['plain', 'strict /4', 'oracle /4']);
    expect(table.rows[0]!.at(-1)).toBe('100.0 %');
    expect(notes.join(' ')).toContain('seed');
    expect(notes.join(' ')).toContain('everything/4');
    expect(html).toContain('</html>');
  });
});
