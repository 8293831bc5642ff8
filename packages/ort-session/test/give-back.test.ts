import { expect, test } from 'vitest';
import { giveBack } from '../src/give-back.ts';

test('a large array is empty at once, a small one stays', () => {
  const [large, small] = [new Float32Array(1 << 20), Float32Array.of(1, 2, 3)];
  giveBack(large);
  giveBack(small);
  expect(large.length).toBe(0);
  expect([...small]).toEqual([1, 2, 3]);
});

test('its memory does not wait for a garbage collection', () => {
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let turn = 0; turn < 50; turn++) {
    giveBack(new Float32Array(1 << 20));
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  expect(most).toBeLessThan(10 * 4 * 2 ** 20);
});
