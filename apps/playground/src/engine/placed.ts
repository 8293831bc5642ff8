import { type Model, type Placement, placeDraft } from '@judge-decoding/core';
import type { Device } from './protocol.ts';

/** Layers times hidden size squared, about a twelfth of the weights: what is larger stays with the target. */
const LARGE_DRAFT = 2e7;
/** Drafts of each place: on a slow adapter more would be felt. */
const TRIES = 3;

/** Beside a GPU a small draft may be faster on the processor: where it is, is measured, and the other one is given back. */
export async function placed<Draft extends Model>(
  device: Device,
  open: (on: Device) => Promise<Draft>,
  now: () => number = () => performance.now(),
): Promise<{ readonly draft: Draft; readonly placement?: Placement }> {
  const beside = await open(device);
  const { layers, hiddenSize } = beside.info;
  if (device === 'wasm' || layers * hiddenSize ** 2 > LARGE_DRAFT) return { draft: beside };
  const drafts = { webgpu: beside, wasm: await open('wasm') };
  const placement = await placeDraft(drafts, now, { repeats: TRIES });
  const chosen = placement.chosen as keyof typeof drafts;
  await drafts[chosen === 'wasm' ? 'webgpu' : 'wasm'].dispose();
  return { draft: drafts[chosen], placement };
}
