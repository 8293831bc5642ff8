import { NO_STATS, type Stats } from '@judge-decoding/core';
import pico from 'picocolors';
import { describe, expect, test } from 'vitest';
import { comparisonLines } from '../../src/render/comparison.ts';
import { flow } from '../../src/render/flow.ts';
import { progressLine } from '../../src/render/progress.ts';
import { statisticsLines } from '../../src/render/statistics.ts';
import { wrap } from '../../src/render/wrap.ts';
import type { Arm } from '../../src/run/compare.ts';
import type { GenerationRun } from '../../src/run/generation-run.ts';
import type { Terminal } from '../../src/terminal.ts';

const plain = pico.createColors(false);
const stats: Stats = {
  ...NO_STATS,
  generations: 1,
  rounds: 10,
  drafted: 160,
  accepted: 120,
  acceptedBySource: { standard: 100, judge: 20 },
  recovered: 6,
  bonus: 4,
  committed: 130,
};
const run: GenerationRun = {
  tokens: Array.from({ length: 130 }, (_, id) => ({ id, source: 'standard' })),
  finish: { reason: 'end', token: 0 },
  stats,
  firstToken: 40.2,
  total: 1234,
};

describe('statistics', () => {
  test('say how fast, and who wrote it', () => {
    expect(statisticsLines(run, 16, plain)).toEqual([
      '130 tokens in 1.23 s · 105 tokens/s · first after 40 ms',
      '10 rounds of 16 drafted tokens · 12.0 accepted a round · standard 100, judge 20, target 10',
    ]);
  });

  test('say of one drafted token that it is one', () => {
    expect(statisticsLines(run, 1, plain)[1]).toMatch(/^10 rounds of 1 drafted token · /);
  });

  test('say nothing about rounds without a draft', () => {
    expect(statisticsLines({ ...run, stats: { ...stats, drafted: 0 } }, 0, plain)).toHaveLength(1);
  });

  test.each([
    [{ reason: 'length' } as const, 'ended by --max-tokens'],
    [{ reason: 'context' } as const, 'ended because the context is full'],
    [{ reason: 'interrupted' } as const, 'interrupted'],
  ])('say why a text ended before its time: %j', (finish, said) => {
    expect(statisticsLines({ ...run, finish }, 16, plain)[0]).toMatch(new RegExp(`${said}$`));
  });

  test('say what ran the models and what came back from them, where a device counts', () => {
    const onDevice: Stats = {
      ...stats,
      placements: { 'webgpu, draft cpu': 1 },
      readBacks: { target: { count: 30, bytes: 2720 } },
    };
    const lines = statisticsLines({ ...run, stats: onDevice }, 16, plain);
    expect(lines[1]).toMatch(/ · on webgpu, draft cpu · 3\.0 read-backs and 272 bytes a round$/);
  });

  test('say why speculation was off', () => {
    const off = statisticsLines(
      { ...run, stats: { ...stats, speculationOff: { 'it was slow': 1 } } },
      'auto',
      plain,
    );
    expect(off[1]).toContain('an adaptive number of drafted tokens');
    expect(off[2]).toBe('note: Speculation was off: it was slow.');
  });
});

test('the comparison has a row for each way of decoding', () => {
  const arm = (name: string, speedup: number, sameText: boolean, drafted: number): Arm => ({
    name,
    speedup,
    sameText,
    tokens: run.tokens,
    run: { ...run, stats: { ...stats, drafted } },
    decoding: 1000 / speedup,
    tokensPerSecond: 130 * speedup,
  });
  const arms = [arm('plain', 1, true, 0), arm('strict', 1.5, true, 160), arm('judge', 4, false, 160)];
  expect(
    comparisonLines(arms, plain, 120, {
      title: 'answer',
      of: ({ name }) => (name === 'judge' ? 'wrong (3)' : 'right'),
    }),
  ).toEqual([
    '        tokens/s  x plain  target passes  accepted a round  text              answer',
    'plain        130     1.00             10                 –  the target’s own  right',
    'strict       195     1.50             10              12.0  the same          right',
    'judge        520     4.00             10              12.0  another           wrong (3)',
  ]);
  expect(Math.max(...comparisonLines(arms, plain, 60).map((line) => line.length))).toBeLessThan(60);
});

test('text is set in and broken at blanks, colours not counted', () => {
  let text = '';
  const { write, end } = flow(
    (piece) => {
      text += piece;
    },
    24,
    { indent: '  ' },
  );
  for (const piece of [
    'one',
    ' two',
    ' three',
    ' four',
    '.',
    ' \u001b[32mfive\u001b[39m',
    ' six\n',
    'seven\n\n',
    'eight',
  ])
    write(piece);
  end();
  expect(text).toBe('  one two three four.\n  \u001b[32mfive\u001b[39m six\n  seven\n\n  eight');
});

test('a longer word than the line stays whole', () => {
  expect(wrap('a bb cccccccc d', 5)).toEqual(['a bb', 'cccccccc', 'd']);
});

describe('progress', () => {
  const terminal = (isTerminal: boolean) => {
    const written: string[] = [];
    const err = { isTerminal, columns: 60, write: (text: string) => void written.push(text) };
    return { written, terminal: { err } as unknown as Terminal };
  };

  test('is a bar that is drawn over, and leaves nothing behind', () => {
    const { written, terminal: world } = terminal(true);
    const progress = progressLine(world, plain);
    progress.show('loading', 1, 4);
    progress.clear();
    progress.clear();
    expect(written).toEqual(['\r\u001b[Kloading  [█████░░░░░░░░░░░░░░░]  25 %', '\r\u001b[K']);
  });

  test('cuts a long name, not the bar', () => {
    const { written, terminal: world } = terminal(true);
    progressLine(world, plain).show('preparing a-model-with-a-rather-long-name.gguf', 1, 4);
    expect(written).toEqual(['\r\u001b[Kpreparing a-model-with-a-rat…  [█████░░░░░░░░░░░░░░░]  25 %']);
  });

  test('has no bar where nobody knows how far it is', () => {
    const { written, terminal: world } = terminal(true);
    progressLine(world, plain).show('opening big.gguf', 0, 0);
    expect(written).toEqual(['\r\u001b[Kopening big.gguf …']);
  });

  test('is silent in a pipe', () => {
    const { written, terminal: world } = terminal(false);
    const progress = progressLine(world, plain);
    progress.show('loading', 1, 4);
    progress.say('measuring');
    progress.clear();
    expect(written).toEqual([]);
  });
});
