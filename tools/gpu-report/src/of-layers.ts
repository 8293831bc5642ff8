import type { Kernel } from './ncu.ts';
import { median } from './numbers.ts';

/** A kernel of a pass: of every layer at the same place, or once before or behind them. */
export interface KernelProfile extends Kernel {
  readonly where: 'before the layers' | 'in a layer' | 'behind the layers';
  /** Runs of it that were seen; the rest are their medians. */
  readonly runs: number;
}

/** A pass's kernels put together by their place in a layer. Where no sequence repeats once a layer, each stands by itself. */
export function ofLayers(kernels: readonly Kernel[], layers: number): readonly KernelProfile[] {
  const { first, length } = sequenceOf(kernels, layers);
  const end = first + layers * length;
  const alone = (where: KernelProfile['where']) => (kernel: Kernel) => together(where, [kernel]);
  return [
    ...kernels.slice(0, first).map(alone('before the layers')),
    ...Array.from({ length }, (_, place) =>
      together(
        'in a layer',
        Array.from({ length: layers }, (_, layer) => kernels[first + layer * length + place]!),
      ),
    ),
    ...kernels.slice(end).map(alone('behind the layers')),
  ];
}

/** The longest sequence of kernels that comes so many times, one after another, and where it comes first. */
function sequenceOf(
  kernels: readonly Kernel[],
  times: number,
): { readonly first: number; readonly length: number } {
  const same = (a: number, b: number) =>
    kernels[a]!.name === kernels[b]!.name && kernels[a]!.blocks === kernels[b]!.blocks;
  for (let length = Math.floor(kernels.length / times); length > 0; length--) {
    for (let first = 0; first + times * length <= kernels.length; first++) {
      const repeats = (times - 1) * length;
      if (Array.from({ length: repeats }, (_, at) => first + at).every((at) => same(at, at + length)))
        return { first, length };
    }
  }
  return { first: kernels.length, length: 0 };
}

function together(where: KernelProfile['where'], runs: readonly Kernel[]): KernelProfile {
  const of = (value: (kernel: Kernel) => number) => median(runs.map(value));
  const [{ name, blocks, threads, waits }] = [runs[0]!];
  return {
    ...{ where, name, blocks, threads, runs: runs.length },
    microseconds: of((kernel) => kernel.microseconds),
    bytes: of(({ bytes }) => bytes),
    issuing: of(({ issuing }) => issuing),
    multiplying: of(({ multiplying }) => multiplying),
    clock: of(({ clock }) => clock),
    waits: Object.fromEntries(
      Object.keys(waits).map((reason) => [reason, of((kernel) => kernel.waits[reason]!)]),
    ),
  };
}
