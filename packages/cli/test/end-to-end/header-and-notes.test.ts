import { describe, expect, test } from 'vitest';
import { pairForFile } from '../pair-for-file.ts';
import { runJudge } from '../run-judge.ts';

const { pair, kept } = pairForFile();

const generate = (...argv: readonly string[]) =>
  runJudge(['generate', 'How many apples', '--target', pair.target, '-n', '40', ...argv], {
    env: pair.env,
    backends: kept.backends,
    columns: 400,
  });

describe('where nothing is drafted', () => {
  test.each([
    ['a rule', ['--draft', 'none', '--verify', 'kl:0.3'], 'the rule kl:0.3 does nothing'],
    ['a draft length', ['--draft', 'none', '--draft-length', '4'], 'the draft length 4 does nothing'],
    [
      'JSON',
      ['--draft', 'none', '--speculative-config', '{"num_speculative_tokens":12,"verify":"kl:0.3"}'],
      'the rule kl:0.3 and the draft length 12 do nothing',
    ],
  ])('%s is said to do nothing', async (_, argv, said) => {
    const { code, err } = await generate(...argv);
    expect(code).toBe(0);
    expect(err).toContain(`Nothing is drafted, so ${said}: every token is the target’s own.`);
  });

  test('a length of 0 makes the rule and the head idle, too', async () => {
    const { err } = await generate('--draft', pair.draft, '--draft-length', '0', '--head', pair.head);
    expect(err).toContain('Nothing is drafted, so the rule judge and the head do nothing');
  });

  test('nothing is said where nothing was asked for, or something is drafted', async () => {
    for (const argv of [
      ['--draft', 'none'],
      ['--draft', pair.draft, '--verify', 'kl:0.3'],
    ])
      expect((await generate(...argv)).err).not.toContain('Nothing is drafted');
  });
});

test('rounds that drafted less than was asked for say how much', async () => {
  const { err } = await generate('--draft', pair.draft, '--verify', 'strict', '--draft-length', '200');
  expect(err).toMatch(/\d+ rounds of up to 200 drafted tokens \(\d+\.\d on average\)/);
  const usual = await generate('--draft', pair.draft, '--verify', 'strict', '--draft-length', '2');
  expect(usual.err).toMatch(/\d+ rounds of 2 drafted tokens ·/);
});

test.each([
  ['judge', /threshold=[\d.]+ \(the head’s\) /],
  ['judge:0.4', /threshold=0\.4 /],
  ['judge:0.1+judge:0.9', /threshold=0\.1, 0\.9 /],
  ['judge+judge:0.9', /threshold=[\d.]+ \(the head’s\), 0\.9 /],
])('the header says every threshold of %s', async (verify, threshold) => {
  const { err } = await generate('--draft', pair.draft, '--head', pair.head, '--verify', verify);
  expect(err.replaceAll('\n', ' ')).toMatch(threshold);
});
