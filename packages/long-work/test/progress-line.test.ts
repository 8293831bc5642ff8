import { expect, test } from 'vitest';
import { duration, progressLine } from '../src/index.ts';

test('the time left is judged by what was run now, and told every two seconds', () => {
  let now = 0;
  const lines: string[] = [];
  const show = progressLine(
    'rows',
    (line) => lines.push(line),
    () => now,
  );
  show({ done: 100, total: 110 });
  now = 1000;
  show({ done: 101, total: 110 });
  now = 4000;
  show({ done: 102, total: 110 });
  show({ done: 110, total: 110 });
  expect(lines).toEqual(['rows: 102 of 110, 4 s, about 16 s left', 'rows: 110 of 110, 4 s, about 0 s left']);
});

test('nor does it matter whether progress is told before the first work or after it', () => {
  let now = 0;
  const lines: string[] = [];
  const show = progressLine(
    'labels',
    (line) => lines.push(line),
    () => now,
  );
  for (let done = 20; done <= 60; done += 20) {
    now += 10_000;
    show({ done, total: 100 });
  }
  expect(lines).toEqual([
    'labels: 20 of 100, 10 s, about 40 s left',
    'labels: 40 of 100, 20 s, about 30 s left',
    'labels: 60 of 100, 30 s, about 20 s left',
  ]);
});

test.each([
  [0, '0 s'],
  [119_400, '119 s'],
  [120_000, '2.0 min'],
  [634_490, '10.6 min'],
  [7_200_000, '2.0 h'],
])('%d ms are said as %s', (milliseconds, said) => {
  expect(duration(milliseconds)).toBe(said);
});
