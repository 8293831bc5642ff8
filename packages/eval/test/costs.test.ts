import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toyPair } from '@judge-decoding/backend-contract';
import { type Costs, GREEDY, JudgeDecodingError, predictRound } from '@judge-decoding/core';
import { describe, expect, test } from 'vitest';
import {
  allTables,
  analyse,
  armKey,
  hasDrifted,
  machineName,
  openResults,
  parseArms,
  predictRounds,
  type RunSettings,
  readResults,
  rowList,
  runArms,
  thisMachine,
} from '../src/index.ts';
import { costMeter } from '../src/run/cost-meter.ts';
import { driftingMachine } from './drifting-machine.ts';
import { toyProblems } from './toy-problems.ts';

const costs = (pass: number): Costs => ({
  verify: [
    [1, pass],
    [5, 2 * pass],
  ],
  draftToken: 0.1,
  draftPrefillToken: 0.1,
});

const settings = (more: Partial<RunSettings> = {}): RunSettings => ({
  version: 2,
  fixed: {
    task: 'toys',
    split: 'test',
    shots: null,
    target: { name: 'toy', dtype: 'fp32', exact: true, weights: 'w' },
    draft: 'none',
    backend: 'toy',
    maxTokens: 60,
    sampling: GREEDY,
    seed: 0,
    margin: null,
    heads: {},
    sandbox: null,
  },
  arms: [],
  runs: [],
  costs: {},
  commands: [],
  ...more,
});

describe('costs are measured while a run goes on', () => {
  test('again once rows have taken five times as long as measuring did, and ever more rarely', async () => {
    let time = 0;
    const at: number[] = [];
    const meter = costMeter(
      async () => {
        at.push(time);
        time += 10;
        return costs(1);
      },
      async () => undefined,
      () => time,
    );
    await meter.measureWhenDue();
    expect(at).toEqual([]);
    await meter.measure();
    while (time < 300) {
      time += 1;
      await meter.measureWhenDue();
    }
    expect(at).toEqual([0, 60, 120, 180, 240, 300]);
    while (time < 100_000) {
      time += 1;
      await meter.measureWhenDue();
    }
    expect(at.length).toBeLessThan(70);
    for (const [index, start] of at.slice(1).entries()) {
      const ended = at[index]! + 10;
      expect(start - ended).toBe(Math.max(50, Math.ceil(ended / 10)));
    }
  });

  const arms = parseArms('plain,strict,everything,draft', { draftLength: 4 });
  const run = async (slowness: (at: number) => number, count: number) => {
    const machine = driftingMachine(slowness);
    const { target, draft } = toyPair({ agreement: 0.6, seed: 4, sharpness: 0.5, context: 128 });
    const sink = rowList();
    const measured: { readonly rows: number; readonly costs: Costs }[] = [];
    const told: (number | undefined)[] = [];
    await runArms({
      target: machine.on(target, { pass: 40, row: 2 }),
      draft: machine.on(draft, { pass: 4, row: 6 }),
      problems: toyProblems(count),
      arms,
      maxTokens: 60,
      sink,
      now: () => machine.now(),
      onCosts: async (one) => void measured.push({ rows: sink.rows.length, costs: one }),
      onProgress: ({ measured }) => void told.push(measured),
    });
    return { sink, measured, told };
  };

  // long enough to be measured in the middle, too
  const steady = run(() => 1, 100);

  test('before the first row, after the last, and between problems; progress says so', async () => {
    const { sink, measured, told } = await steady;
    const at = measured.map(({ rows }) => rows);
    expect(at[0]).toBe(0);
    expect(at.at(-1)).toBe(sink.rows.length);
    expect(at.length).toBeGreaterThan(2);
    for (const rows of at) expect(rows % arms.length).toBe(0);
    const shares = told.filter((share) => share !== undefined);
    expect(shares.filter((share) => share === 0)).toHaveLength(measured.length);
    // it moves meanwhile
    expect(shares.length).toBeGreaterThan(10 * measured.length);
    expect(Math.max(...shares)).toBe(1);
  });

  test('of a short run of slow passes no more often than it is worth', async () => {
    const before = async (rows: number) => {
      // a pass of one row takes five seconds
      const machine = driftingMachine(() => 120);
      const { target, draft } = toyPair({ agreement: 0.6, seed: 4, sharpness: 0.5, context: 128 });
      const ended = new AbortController();
      let at = 0;
      await runArms({
        target: machine.on(target, { pass: 40, row: 2 }),
        draft: machine.on(draft, { pass: 4, row: 6 }),
        problems: toyProblems(rows / arms.length),
        arms,
        maxTokens: 60,
        sink: rowList(),
        now: () => machine.now(),
        signal: ended.signal,
        onCosts: async () => {
          at = machine.now();
          ended.abort();
        },
      }).catch(() => undefined);
      return at;
    };
    const [short, long] = [await before(4), await before(4000)];
    expect(short).toBeGreaterThan(0);
    expect(short).toBeLessThan(long / 3);
  });

  test('a run whose rows are all there measures nothing', async () => {
    const { sink } = await run(() => 1, 2);
    const { target, draft } = toyPair({ agreement: 0.6, seed: 4, sharpness: 0.5, context: 128 });
    const onCosts = async () => expect.unreachable();
    await runArms({ target, draft, problems: toyProblems(2), arms, sink, now: () => 0, onCosts });
    expect(sink.rows).toHaveLength(8);
  });

  const benched = settings({
    arms,
    runs: [{ arms: arms.map(armKey), from: 0, problems: 100, repeats: 1, warmUps: 0 }],
    commands: ['judge bench'],
  });
  const analysisOf = (rows: Awaited<ReturnType<typeof run>>['sink']['rows'], measured: readonly Costs[]) =>
    analyse(
      {
        folder: '',
        settings: { ...benched, costs: { here: measured } },
        machines: { here: thisMachine('toy') },
        rows: rows.map((row) => ({ ...row, machine: 'here' })),
        broken: [],
      },
      { resamples: 20 },
    );

  test('on a machine that becomes slower the model keeps up with what is measured, and the report says so', async () => {
    // the last rows take more than twice as long as the first
    const length = (await steady).sink.rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const { sink, measured } = await run((at) => 1 + at / (2 * length), 100);
    const all = measured.map((one) => one.costs);
    const { arms: found, notes, ...rest } = analysisOf(sink.rows, all);
    for (const { name, predicted, speed } of found) {
      if (predicted === undefined) {
        expect(name).toBe('draft');
        continue;
      }
      expect(hasDrifted(predicted)).toBe(true);
      expect(predicted.measurements).toBe(all.length);
      expect(Math.abs(speed.decodedPerSecond / predicted.tokensPerSecond - 1)).toBeLessThan(0.1);
    }
    // fed with the first measurement alone it is far off
    const [first] = all;
    for (const { predicted, speed } of analysisOf(sink.rows, [first!]).arms)
      if (predicted !== undefined)
        expect(speed.decodedPerSecond / predicted.tokensPerSecond).toBeLessThan(0.85);
    expect(notes.join(' ')).toContain(`of ${all.length} measurements the cheapest gives a round of`);
    const rounds = allTables({ arms: found, notes, ...rest }).find(({ title }) => title === 'Rounds')!;
    const cells = rounds.rows.map((row) => row[rounds.head.indexOf('model, tokens/s')]);
    expect(rounds.rows.map(([name]) => name)).toEqual(['plain', 'strict /4', 'everything /4']);
    for (const cell of cells) expect(cell).toMatch(/^\d+\.\d \[\d+\.\d, \d+\.\d\]$/);
  });

  test('a machine that stays as it is has no interval and no note', async () => {
    const { sink, measured } = await steady;
    const { arms: found, notes } = analysisOf(
      sink.rows,
      measured.map((one) => one.costs),
    );
    for (const { predicted } of found) if (predicted) expect(hasDrifted(predicted)).toBe(false);
    expect(notes.join(' ')).not.toContain('Passes did not cost');
  });
});

test('the model of a round takes means of times, and keeps the cheapest and the dearest', () => {
  const assumed = { acceptance: { kind: 'rate', rate: 0.5 }, draftLength: 4, overhead: 0.3 } as const;
  const [cheap, dear] = [costs(1), costs(3)];
  const [low, high] = [cheap, dear].map((one) => predictRound({ costs: one, ...assumed }));
  const both = predictRounds([cheap, dear], () => assumed)!;
  expect(both.milliseconds).toBeCloseTo((low!.milliseconds + high!.milliseconds) / 2, 12);
  expect(both.between).toEqual({ low: low!.milliseconds, high: high!.milliseconds });
  expect(both.tokensPerSecond).toBeCloseTo((1000 * both.committed) / both.milliseconds, 9);
  // a plain step is 1 and 3 ms and the overhead
  expect(both.timesPlain).toBeCloseTo((both.committed * 2.3) / both.milliseconds, 12);
  expect(predictRounds([cheap], () => assumed)).toMatchObject({ ...low, measurements: 1 });
  expect(predictRounds([], () => assumed)).toBeUndefined();
});

describe('in a result folder', () => {
  const machine = thisMachine('toy');
  const name = machineName(machine);
  const folderOf = () => mkdtemp(join(tmpdir(), 'judge-costs-'));

  test('every measurement of every run that wrote into it is kept, in order', async () => {
    const folder = await folderOf();
    for (const pass of [1, 3]) {
      const open = await openResults({ folder, settings: settings(), machine });
      await open.addCosts(costs(pass));
      await open.addCosts(costs(pass + 1));
      await open.close();
    }
    expect((await readResults(folder)).settings.costs).toEqual({ [name]: [1, 2, 3, 4].map(costs) });
  });

  test('one of an earlier release has one measurement, not in a list', async () => {
    const folder = await folderOf();
    await writeFile(
      join(folder, 'args.json'),
      JSON.stringify({ ...settings(), costs: { [name]: costs(1) } }),
    );
    expect((await readResults(folder)).settings.costs).toEqual({ [name]: [costs(1)] });
    const open = await openResults({ folder, settings: settings(), machine });
    await open.addCosts(costs(2));
    await open.close();
    expect(JSON.parse(await readFile(join(folder, 'args.json'), 'utf8')).costs[name]).toHaveLength(2);
  });

  test('none at all are none, as what refuses broken ones says', async () => {
    const folder = await folderOf();
    await writeFile(join(folder, 'args.json'), JSON.stringify({ ...settings(), costs: undefined }));
    expect((await readResults(folder)).settings.costs).toEqual({});
  });

  test.each([
    ['a word', 'dear'],
    ['a machine without a table', { here: { verify: [] } }],
    ['a negative time', { here: [{ ...costs(1), verify: [[1, -1]] }] }],
    [
      'a longer text without its drafts',
      { here: [{ ...costs(1), drafts: [[1, 1]], longer: { context: 9 } }] },
    ],
  ])('that are %s are an error that names the file', async (_, wrong) => {
    const folder = await folderOf();
    await writeFile(join(folder, 'args.json'), JSON.stringify({ ...settings(), costs: wrong }));
    const refused = readResults(folder);
    await expect(refused).rejects.toSatisfy((error) => JudgeDecodingError.is(error, 'invalid-file'));
    await expect(refused).rejects.toThrow(join(folder, 'args.json'));
  });
});
