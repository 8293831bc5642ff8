import type { AbortSignalLike } from '@judge-decoding/core';
import { JudgeDecodingError } from '@judge-decoding/core';
import { breathe } from '@judge-decoding/long-work';
import type { Examples, InputBlock } from './examples.ts';
import { type Kernel, openKernel, type Pointer } from './kernel.ts';
import { inputCount, requireFinite, type Standardisation } from './linear-model.ts';

/**
 * Standardised examples for the kernel. Where all fit into `budget` bytes they stay in its memory; else
 * each is read when it is asked for, in any order, and none is kept: memory does not grow with the data.
 */
export interface ExamplePool {
  readonly kernel: Kernel;
  readonly count: number;
  /** Inputs, rounded up to what the kernel sums at once; the rest are zeros. */
  readonly stride: number;
  readonly inputs: number;
  readonly correct: Uint8Array;
  /** Where example `index` lies; until the next call where not all fit. */
  at(index: number): Pointer;
}

/** Rows of so many bytes stay in memory: half of what a fit may take. */
export const POOL_BYTES = 512 * 1024 * 1024;
/** Between two of so many rows timers and signals are let in. */
const BREATHE_EVERY = 4096;

export interface PoolOptions {
  /** Of other examples than these, for validation; their own when absent. */
  readonly standardisation?: Standardisation | undefined;
  readonly budget?: number | undefined;
  readonly signal?: AbortSignalLike | undefined;
}

export async function openPool(
  blocks: readonly InputBlock[],
  examples: Examples,
  { standardisation, budget = POOL_BYTES, signal }: PoolOptions = {},
): Promise<{ readonly pool: ExamplePool; readonly standardisation: Standardisation }> {
  const kernel = openKernel();
  const inputs = inputCount(blocks);
  const stride = Math.ceil(inputs / 4) * 4;
  const { count, row } = examples;
  const stays = count * stride * 4 <= budget;
  const mean = kernel.reserve(stride * 8);
  const inverse = kernel.reserve(stride * 8);
  const sums = kernel.reserve(stride * 8);
  const first = kernel.reserve((stays ? count : 1) * stride * 4);
  const place = (index: number) => (stays ? first + index * stride * 4 : first);
  let view = kernel.floats(first, (stays ? count : 1) * stride);
  const load = (index: number) => {
    // a later `reserve` may have moved the memory
    if (view.length === 0) view = kernel.floats(first, (stays ? count : 1) * stride);
    let at = stays ? index * stride : 0;
    for (const { rows, shift } of blocks) {
      rows.read(row[index]! + shift, view, at);
      at += rows.width;
    }
    return place(index);
  };
  const each = async (visit: (x: Pointer) => void, loaded: boolean) => {
    for (let index = 0; index < count; index++) {
      if (index % BREATHE_EVERY === 0) await breathe(signal);
      visit(loaded && stays ? place(index) : load(index));
    }
  };

  let known = standardisation;
  if (known === undefined) {
    await each((x) => kernel.addScaled(sums, x, 1 / Math.max(1, count), stride), false);
    const means = kernel.doubles(sums, stride).slice();
    kernel.doubles(mean, stride).set(means);
    kernel.doubles(sums, stride).fill(0);
    // two passes: pre-norm states have means far larger than their spread
    await each((x) => kernel.addSquares(sums, x, mean, stride), true);
    const spread = kernel.doubles(sums, stride).map((sum) => {
      const deviation = Math.sqrt(sum / Math.max(1, count));
      return deviation > 1e-12 ? deviation : 1;
    });
    known = { mean: means.slice(0, inputs), spread: spread.slice(0, inputs) };
  } else if (stays) await each(() => undefined, false);
  if (![...known.mean, ...known.spread].every(Number.isFinite)) {
    requireFinite(blocks, examples);
    throw new JudgeDecodingError(
      'invalid-input',
      'Expected hidden states whose spread is finite: they are too large.',
    );
  }
  kernel.doubles(mean, stride).set(known.mean);
  kernel.doubles(inverse, stride).set(known.spread.map((spread) => 1 / spread));
  if (stays) await each((x) => kernel.standardise(x, mean, inverse, stride), true);

  return {
    standardisation: known,
    pool: {
      kernel,
      count,
      stride,
      inputs,
      correct: examples.correct,
      at(index) {
        if (stays) return place(index);
        const x = load(index);
        kernel.standardise(x, mean, inverse, stride);
        return x;
      },
    },
  };
}
