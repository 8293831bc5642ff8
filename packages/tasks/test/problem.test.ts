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
import { drawTask } from '../src/pocket-world/problem.ts';
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
        'Mia has 81 ribbons. Mia gets 73 ribbons from Leo. The ribbons are shared among 2 people and Mia keeps one share. Mia gets 78 ribbons from Anna. Mia loses 32 ribbons. Mia gets 57 ribbons from Leo. Mia loses 90 ribbons. How many ribbons does Mia have now?',
      answer: 90,
    },
    {
      domain: 'tables' as const,
      prompt:
        'books | Amy 99 | Otto 25 | Max 45 | Dora 94 | Ben 40 | Nora 97\nAdd up the books of Nora, Max and Dora. Take the sum of the books of Ben and Otto. How far apart are the two?',
      answer: 171,
    },
    {
      domain: 'lists' as const,
      prompt:
        'Start with the list 34, 30, 43, 37, 61, 59, 54. Raise every number by 14. Turn it around. Keep what is below 65. Put it in ascending order. What is the first number now?',
      answer: 44,
    },
  ])('of $domain stay what they were', ({ domain, prompt, answer }) => {
    expect(drawProblem({ domain, split: 'dev', index: 0 })).toEqual({
      id: `${domain}/dev/0`,
      domain,
      split: 'dev',
      index: 0,
      prompt,
      answer,
    });
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
    expect(hashText(texts.join('\n\n'))).toBe(3_580_139_603);
  });

  test('of tables are solved in the very words of the table', () => {
    for (let index = 0; index < 200; index += 1) {
      const address = { domain: 'tables', split: 'dev', index } as const;
      const [table] = drawProblem(address).prompt.split('\n');
      const { text } = writeSolution(address, { style: 'draft', random: seededRandom('entries', index) });
      const said = text.match(/ [A-Z][a-z]+ \d+/g) ?? [];
      expect(said.length).toBeGreaterThanOrEqual(5);
      for (const entry of said) expect(`${table} `).toContain(`|${entry} `);
    }
  });

  test.each(DOMAINS)('of %s are solved in 100 to 350 tokens', (domain) => {
    for (let index = 0; index < 200; index += 1) {
      const { text } = writeSolution(
        { domain, split: 'dev', index },
        { style: index % 2 === 0 ? 'draft' : 'target', random: seededRandom('length', index) },
      );
      const tokens = text.match(/ ?[A-Za-z]+|\d| ?[^A-Za-z\d\s]+\n?|\s/g) ?? [];
      expect(tokens.length).toBeGreaterThan(100);
      expect(tokens.length).toBeLessThan(350);
    }
  });
});

describe('grading', () => {
  test.each([
    { text: 'So the answer is 41.\n#### 42', answer: 42 },
    { text: '#### 41\n#### 42', answer: 42 },
    { text: '####42', answer: 42 },
    { text: 'the answer is 42', answer: undefined },
    { text: '#### none', answer: undefined },
    { text: '', answer: undefined },
  ])('reads $answer out of $text', ({ text, answer }) => {
    expect(finalAnswer(text)).toBe(answer);
    expect(grade({ answer: 42 }, text)).toBe(answer === 42);
  });
});
