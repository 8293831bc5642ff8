import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sayOpening } from '../../src/pair/say-opening.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const OPENING = ['opening big.gguf and small.gguf', 0, 0];

function opened() {
  const told: unknown[] = [];
  const opening = sayOpening(['big.gguf', 'small.gguf'], (...said) => void told.push(said));
  return { told, ...opening };
}

test('what is opened at once is not worth a word', () => {
  const { told, end } = opened();
  vi.advanceTimersByTime(100);
  end();
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([]);
});

test('what takes long is said, before a backend reports and behind what it wrote', () => {
  const { told, onProgress, end } = opened();
  vi.advanceTimersByTime(400);
  expect(told).toEqual([OPENING]);
  onProgress('preparing big.gguf', 1, 2);
  vi.advanceTimersByTime(10_000);
  onProgress('preparing big.gguf', 2, 2);
  expect(told.slice(1)).toEqual([
    ['preparing big.gguf', 1, 2],
    ['preparing big.gguf', 2, 2],
  ]);
  vi.advanceTimersByTime(400);
  expect(told.at(-1)).toEqual(OPENING);
  end();
  expect(vi.getTimerCount()).toBe(0);
});

test('where nobody listens nothing is waited for', () => {
  const opening = sayOpening(['big.gguf'], undefined);
  opening.onProgress('preparing big.gguf', 2, 2);
  expect(vi.getTimerCount()).toBe(0);
});
