import { table } from './markdown.ts';
import type { KernelProfile } from './of-layers.ts';
import type { ProfileResult } from './profile.ts';

/** What `profile` found, a table a pass. */
export function profileSection(items: readonly (readonly [string, unknown])[]): string {
  return [
    'One pass of each under ncu, every kernel by itself (`--graph-profiling node --cache-control none --clock-control none`): nothing runs before it or behind it there, and its copies cannot begin early, so the sum is not the pass. The share of a kernel that its bytes do not explain is what is beyond them at the rate of a copy. Random weights.',
    ...items.map(([name, item]) => passSection(name, item as ProfileResult)),
  ].join('\n\n');
}

function passSection(name: string, result: ProfileResult): string {
  const { kernels, copyBandwidth, milliseconds, context, layers, layersSeen } = result;
  const timesOf = ({ where }: KernelProfile) => (where === 'in a layer' ? layers : 1);
  const sum = (of: (kernel: KernelProfile) => number) =>
    kernels.reduce((total, kernel) => total + timesOf(kernel) * of(kernel), 0);
  const atCopy = ({ bytes }: KernelProfile) => (1e6 * bytes) / copyBandwidth;
  return [
    `**${name}**, context ${context}: the pass takes ${milliseconds.toFixed(3)} ms on the device as it runs; its ${sum(() => 1)} kernels ${(sum((kernel) => kernel.microseconds) / 1000).toFixed(3)} ms one by one (medians of ${layersSeen} layers, times ${layers}), and their bytes ${(sum(atCopy) / 1000).toFixed(3)} ms at the rate of a copy (${(copyBandwidth / 1e12).toFixed(2)} TB/s).`,
    table(
      [
        ...['kernel', 'times', 'blocks', 'us', 'MB', 'TB/s', 'us beyond its bytes', 'all of it, ms'],
        ...['issuing', 'multiplying', 'GHz', 'a warp waits for (cycles an instruction)'],
      ],
      kernels.map((kernel) => [
        `${kernel.name}${kernel.where === 'in a layer' ? '' : `, ${kernel.where}`}`,
        ...[String(timesOf(kernel)), String(kernel.blocks), kernel.microseconds.toFixed(2)],
        (kernel.bytes / 1e6).toFixed(2),
        (kernel.bytes / kernel.microseconds / 1e6).toFixed(2),
        (kernel.microseconds - atCopy(kernel)).toFixed(2),
        ((timesOf(kernel) * kernel.microseconds) / 1000).toFixed(3),
        ...[`${kernel.issuing.toFixed(0)} %`, `${kernel.multiplying.toFixed(0)} %`, kernel.clock.toFixed(2)],
        waitsSaid(kernel),
      ]),
    ),
  ].join('\n\n');
}

/** The two longest waits. */
function waitsSaid({ waits }: KernelProfile): string {
  return Object.entries(waits)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 2)
    .map(([reason, cycles]) => `${reason} ${cycles.toFixed(1)}`)
    .join(', ');
}
