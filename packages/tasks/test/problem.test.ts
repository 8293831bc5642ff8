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

  test('stay what they were', () => {
    expect(drawProblem({ domain: 'words', split: 'dev', index: 0 })).toEqual({
      id: 'words/dev/0',
      domain: 'words',
      split: 'dev',
      index: 0,
      prompt:
        'Mia has 81 ribbons. Mia gets 73 ribbons from Leo. The ribbons are shared among 2 people and Mia keeps one share. Mia gets 78 ribbons from Anna. Mia loses 32 ribbons. Mia gets 57 ribbons from Leo. Mia loses 90 ribbons. How many ribbons does Mia have now?',
      answer: 90,
    });
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
