import { describe, expect, test } from 'vitest';
import {
  DOMAINS,
  drawProblem,
  finalAnswer,
  grade,
  SPLITS,
  seededRandom,
  writeSolution,
} from '../src/index.ts';
import { drawTask, SIZES } from '../src/pocket-world/problem.ts';
import { hashText } from '../src/pocket-world/random.ts';

describe('problems', () => {
  test.each(DOMAINS)('of %s are shared by no two splits', (domain) => {
    const owner = new Map<string, string>();
    for (const split of SPLITS) {
      for (let index = 0; index < 400; index += 1) {
        const { key } = drawTask({ domain, split, index });
        expect(owner.get(key) ?? split).toBe(split);
        owner.set(key, split);
      }
    }
    expect(owner.size).toBe(SPLITS.length * 400);
  });

  test.each(DOMAINS)('of %s are the same every time', (domain) => {
    const address = { domain, split: 'calibration', index: 17 } as const;
    expect(drawProblem(address)).toEqual(drawProblem(address));
    const write = () =>
      writeSolution(address, { style: 'target', random: seededRandom('again'), mistakeRate: 0.3 });
    expect(write()).toEqual(write());
  });

  test.each([
    {
      domain: 'words' as const,
      prompt:
        'Nico has had 1777 pieces and has bought 1063 fresh pieces from Helen. 2334 come up again. 1380 of the pieces have evaporated. Nico has loved pieces very much. 175 pieces went in his album; Nico has found a further 1181 pieces. He has split them equally among 2 bat friends. How many pieces on each?',
      answer: '2575',
      size: 6,
    },
    {
      domain: 'tables' as const,
      prompt:
        'Here is the table, dollars:\nHans -> 33\nAnton -> 19\nJacob -> 9\nKate -> 4\nEric -> 19\nMatt -> 8\nCoach Luca -> 31\nInside card library how many cost deeper than 9?',
      answer: '4',
      size: 7,
    },
    {
      domain: 'lists' as const,
      prompt: 'Which of these drive beyond 23: 73, 77, 51, 35, one, 60, 72. How long is the list?',
      answer: '6',
      size: 7,
    },
  ])('of $domain stay what they were', ({ domain, prompt, answer, size }) => {
    expect(drawProblem({ domain, split: 'dev', index: 5 })).toEqual({
      id: `${domain}/dev/5`,
      domain,
      split: 'dev',
      index: 5,
      prompt,
      answer,
      size,
    });
  });

  test.each(DOMAINS)('of %s take turns in all their sizes', (domain) => {
    const [smallest, largest] = SIZES[domain];
    const count = largest - smallest + 1;
    for (let index = 0; index < 2 * count; index += 1) {
      expect(drawProblem({ domain, split: 'train', index }).size).toBe(smallest + (index % count));
    }
  });

  test('and their solutions stay what they were', () => {
    const texts = DOMAINS.flatMap((domain) =>
      Array.from({ length: 50 }, (_, index) =>
        writeSolution(
          { domain, split: 'train', index },
          {
            style: index % 2 === 0 ? 'target' : 'draft',
            random: seededRandom('golden', index),
            mistakeRate: 0.12,
            retractionRate: 0.05,
          },
        ),
      ).map(({ text }) => text),
    );
    expect(hashText(texts.join('\n\n'))).toBe(1121621691);
  });

  test('of tables are solved in the very words of the table', () => {
    for (let index = 0; index < 200; index += 1) {
      const address = { domain: 'tables', split: 'dev', index } as const;
      const { prompt } = drawProblem(address);
      const { text } = writeSolution(address, { style: 'draft', random: seededRandom('entries', index) });
      const said = [...text.matchAll(/ the (?:entry|cell|place|pair) (.*?\d+)/g)].map(([, entry]) => entry!);
      for (const entry of said) expect(prompt).toContain(entry);
    }
  });

  test.each(DOMAINS)('of %s are solved within the context, most in 20 to 350 tokens', (domain) => {
    let usual = 0;
    for (let index = 0; index < 200; index += 1) {
      const { text } = writeSolution(
        { domain, split: 'dev', index },
        { style: index % 2 === 0 ? 'draft' : 'target', random: seededRandom('length', index) },
      );
      const tokens = text.match(/ ?[A-Za-z]+|\d| ?[^A-Za-z\d\s]+\n?|\s/g) ?? [];
      expect(tokens.length).toBeGreaterThanOrEqual(20);
      expect(tokens.length).toBeLessThan(850);
      if (tokens.length < 350) usual += 1;
    }
    expect(usual).toBeGreaterThan(150);
  });
});

describe('grading', () => {
  test.each([
    { text: 'So the answer is 41.\n#### 42', answer: '42' },
    { text: '#### 41\n#### 42', answer: '42' },
    { text: '####42', answer: '42' },
    { text: 'the answer is 42', answer: undefined },
    { text: '#### ', answer: undefined },
    { text: '', answer: undefined },
  ])('reads $answer out of $text', ({ text, answer }) => {
    expect(finalAnswer(text)).toBe(answer);
    expect(grade({ answer: '42' }, text)).toBe(answer === '42');
  });

  test.each([
    ['apple, fig', '#### Apple,fig', true],
    ['45; 60', '#### 45; 60', true],
    ['45; 60', '#### 60; 45', false],
    ['3, 5', '#### 3, 5, 8', false],
    ['Leo', '#### leo', true],
  ])('of %j finds %j %s', (answer, text, right) => {
    expect(grade({ answer }, text)).toBe(right);
  });
});
