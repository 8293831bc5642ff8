import { toyPair } from '@judge-decoding/backend-contract';
import { complete, parseRule } from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { readGivenText, textPage, textTable } from '../src/index.ts';
import { toyProblems } from './toy-problems.ts';

const { target } = toyPair({ agreement: 0.6, seed: 4, sharpness: 0.5, context: 256 });
const [problem] = toyProblems(1);

async function own(count: number): Promise<readonly number[]> {
  const session = await target.openSession();
  const { tokens } = await complete({
    model: { ...target.info, endTokens: [] },
    target: session,
    prompt: problem!.prompt,
    maxTokens: count,
  });
  await session.dispose();
  return tokens;
}

async function read(tokens: readonly number[], rule: 'strict' | 'everything', mistakeAt?: number) {
  const session = await target.openSession();
  const reading = await readGivenText(
    { problem: problem!, tokens, ...(mistakeAt === undefined ? {} : { mistakeAt }) },
    {
      target: { ...target, info: { ...target.info, endTokens: [] } },
      session,
      verify: { rule: 'spec', spec: parseRule(rule) },
    },
  );
  await session.dispose();
  return reading;
}

test('the target’s own text is one run, longer than what is offered at a time', async () => {
  const tokens = await own(80);
  const { runs, marks, written, cut } = await read(tokens, 'strict');
  expect(runs).toEqual([80]);
  expect(marks).toBe('s'.repeat(80));
  expect(written).toEqual([]);
  expect(cut).toBeUndefined();
});

test('where it is changed it is rejected, the target’s word is put in, and it is taken up again', async () => {
  const tokens = [...(await own(40))];
  const right = tokens[10]!;
  tokens[10] = right === 7 ? 8 : 7;
  const { runs, marks, written, cut } = await read(tokens, 'strict', 10);
  expect(runs[0]).toBe(10);
  expect(marks.slice(0, 11)).toBe(`${'s'.repeat(10)}x`);
  expect(written[0]).toEqual({ before: 10, token: right });
  expect(marks.slice(11)).toContain('s');
  expect(cut).toBe(true);
});

test('a rule that admits everything reads it whole, the mistake too', async () => {
  const tokens = [...(await own(40))];
  tokens[10] = tokens[10] === 7 ? 8 : 7;
  const { runs, marks, cut } = await read(tokens, 'everything', 10);
  expect(runs).toEqual([40]);
  expect(marks[10]).toBe('a');
  expect(cut).toBe(false);
});

test('the table counts runs and cuts, the page shows them', async () => {
  const tokens = [...(await own(20))];
  tokens[5] = tokens[5] === 7 ? 8 : 7;
  const right = await own(20);
  const arms = [
    { arm: 'strict', readings: [await read(tokens, 'strict', 5), await read(right, 'strict')] },
    { arm: 'everything', readings: [await read(tokens, 'everything', 5), await read(right, 'everything')] },
  ];
  const texts = [tokens, right].map((text, index) => ({
    id: String(index),
    question: '<q>',
    pieces: text.map((token) => `<${token}>`),
    mistakeAt: index === 0 ? 5 : undefined,
  }));
  const authors = [{ author: 'somebody', texts, arms }];
  const { rows } = textTable(authors, 50);
  expect(rows.map((row) => [row[0], row[1], row[2]!.split(' ')[0], row[8], row[9]!.split(' ')[0]])).toEqual([
    ['somebody, strict', '1', '20.0', '1', '100.0'],
    ['somebody, everything', '1', '20.0', '1', '0.0'],
  ]);
  expect(rows[1]![3]).toMatch(/^1\.0x/);
  const html = textPage(authors, 'about', 50);
  expect(html).toContain('&lt;q&gt;');
  expect(html).toContain('class="t x wrong"');
  expect(html).not.toMatch(/<script|NaN|undefined/);
});
