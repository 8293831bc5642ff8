import type { Model } from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { placed } from '../src/engine/placed.ts';
import type { Device } from '../src/engine/protocol.ts';

/** Drafts whose tokens take so many milliseconds on each device, and what was opened and given back of them. */
function draftsOf(milliseconds: Readonly<Record<Device, number>>, hiddenSize = 96) {
  const opened: Device[] = [];
  const givenBack: Device[] = [];
  let time = 0;
  const open = async (device: Device): Promise<Model> => {
    opened.push(device);
    const session = {
      forward: async () => ({}),
      propose: async (_: unknown, { count }: { readonly count: number }) => {
        time += count * milliseconds[device];
        return { tokens: Array.from({ length: count }, () => 1) };
      },
      truncate() {},
      async dispose() {},
    };
    return {
      info: { device, layers: 3, hiddenSize, contextLength: 200, vocabSize: 50 },
      openSession: async () => session,
      dispose: async () => void givenBack.push(device),
    } as unknown as Model;
  };
  return { open, opened, givenBack, now: () => time };
}

test.each([
  ['wasm', 'webgpu', { wasm: 0.5, webgpu: 3 }],
  ['webgpu', 'wasm', { wasm: 3, webgpu: 0.5 }],
] as const)(
  'beside a GPU a small draft is put on %s where it is faster there',
  async (chosen, other, milliseconds) => {
    const { open, givenBack, now } = draftsOf(milliseconds);
    const { draft, placement } = await placed('webgpu', open, now);
    expect(draft.info.device).toBe(chosen);
    expect(placement).toEqual({ chosen, milliseconds });
    expect(givenBack).toEqual([other]);
  },
);

test.each([
  ['a large draft stays beside its target', 'webgpu', 4096],
  ['on the processor nothing is measured', 'wasm', 96],
] as const)('%s', async (_, device, hiddenSize) => {
  const { open, opened, givenBack, now } = draftsOf({ wasm: 1, webgpu: 1 }, hiddenSize);
  const { draft, placement } = await placed(device, open, now);
  expect(draft.info.device).toBe(device);
  expect([placement, opened, givenBack]).toEqual([undefined, [device], []]);
});
