import type { TensorSource } from '@judge-decoding/checkpoint';
import { expect, test } from 'vitest';
import { loadWeights } from '../src/weights/load.ts';
import type { PlannedTensor } from '../src/weights/plan.ts';

const planned = (index: number, byteLength = 8): PlannedTensor =>
  ({
    ...{ info: { name: `t${index}`, shape: [4], type: 'BF16', byteLength }, role: 'norm', layer: index },
    ...{ source: 'BF16', rows: 1, cols: 4, held: [] },
  }) as unknown as PlannedTensor;

/** Tells how many readings were under way at once, at most. */
function source(fails?: string) {
  const seen = { atOnce: 0, most: 0 };
  const tensors = {
    raw: async (name: string) => {
      seen.most = Math.max(seen.most, ++seen.atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      seen.atOnce--;
      if (name === fails) throw new Error(`${name} cannot be read`);
      return new Uint8Array(8);
    },
  } as unknown as TensorSource;
  return { seen, tensors };
}

test('tensors reach the device in the plan’s order, the next ones being read meanwhile, a few at a time', async () => {
  const { seen, tensors } = source();
  const put: number[] = [];
  const plan = Array.from({ length: 20 }, (_, index) => planned(index));
  const model = {
    put: async ({ layer }: { layer: number }) => {
      put.push(layer);
    },
  };
  await loadWeights(model as never, tensors, plan, { heldAs: 'bf16' });
  expect(put).toEqual(plan.map((_, index) => index));
  expect(seen.most).toBeGreaterThan(1);
  expect(seen.most).toBeLessThanOrEqual(4);
});

test('of huge tensors one is read while one is uploaded, no more', async () => {
  const { seen, tensors } = source();
  let reading = 0;
  const plan = Array.from({ length: 5 }, (_, index) => planned(index, 2 ** 30));
  const put = async () => {
    reading += seen.atOnce;
  };
  await loadWeights({ put } as never, tensors, plan, { heldAs: 'bf16' });
  expect(seen.most).toBe(1);
  // but for the last, behind which nothing comes
  expect(reading).toBe(4);
});

test('what cannot be read is told when its turn comes, and what was read ahead is nobody’s failure', async () => {
  const { tensors } = source('t2');
  const put: number[] = [];
  const model = {
    put: async ({ layer }: { layer: number }) => {
      put.push(layer);
    },
  };
  const plan = Array.from({ length: 6 }, (_, index) => planned(index));
  await expect(loadWeights(model as never, tensors, plan, { heldAs: 'bf16' })).rejects.toThrow('t2 cannot');
  expect(put).toEqual([0, 1]);
});
