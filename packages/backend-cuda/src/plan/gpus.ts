import { JudgeDecodingError } from '@judge-decoding/core';

/** What a prediction needs to know of a GPU. Bytes, and bytes a second. */
export interface GpuKind {
  readonly name: string;
  readonly memory: number;
  /** Of its data sheet. */
  readonly bandwidth: number;
  /** To another GPU of its box, one way; `undefined` where they have no link of their own. */
  readonly link: number | undefined;
  /** Multiply-adds of its tensor cores a second, over the H200's: what wide passes wait for. */
  readonly arithmetic: number;
}

const GB = 1e9;
const TB = 1e12;

/** NVIDIA's data sheets; the H200's link as measured one way by a peer copy, NVLink 4 like the H100's. */
export const GPUS: Readonly<Record<string, GpuKind>> = {
  h200: { name: 'H200', memory: 141 * GB, bandwidth: 4.8 * TB, link: 395 * GB, arithmetic: 1 },
  h100: { name: 'H100 SXM', memory: 80 * GB, bandwidth: 3.35 * TB, link: 395 * GB, arithmetic: 1 },
  'h100-pcie': {
    name: 'H100 PCIe',
    memory: 80 * GB,
    bandwidth: 2.04 * TB,
    link: undefined,
    arithmetic: 0.76,
  },
  'h100-nvl': { name: 'H100 NVL', memory: 94 * GB, bandwidth: 3.94 * TB, link: 263 * GB, arithmetic: 0.84 },
  h20: { name: 'H20', memory: 96 * GB, bandwidth: 4 * TB, link: 395 * GB, arithmetic: 0.15 },
  a100: { name: 'A100 SXM 80 GB', memory: 80 * GB, bandwidth: 2.04 * TB, link: 263 * GB, arithmetic: 0.32 },
  l40s: { name: 'L40S', memory: 48 * GB, bandwidth: 0.864 * TB, link: undefined, arithmetic: 0.37 },
  'rtx-4090': { name: 'RTX 4090', memory: 24 * GB, bandwidth: 1.008 * TB, link: undefined, arithmetic: 0.33 },
  'rtx-5090': { name: 'RTX 5090', memory: 32 * GB, bandwidth: 1.792 * TB, link: undefined, arithmetic: 0.42 },
};

/** What is said by hand, in the units of data sheets. */
export interface GpuByHand {
  /** TB/s. */
  readonly bandwidth?: number;
  /** GB. */
  readonly memory?: number;
  /** GB/s one way. */
  readonly link?: number;
}

/** A GPU of the table, with what is known better of the one at hand; an unknown name needs bandwidth and memory. */
export function gpuKind(name: string, { bandwidth, memory, link }: GpuByHand = {}): GpuKind {
  const key = name.toLowerCase().replaceAll(/[\s_]+/g, '-');
  const known = Object.hasOwn(GPUS, key) ? GPUS[key] : undefined;
  if (known === undefined && (bandwidth === undefined || memory === undefined)) {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected a GPU among ${Object.keys(GPUS).join(', ')}, or its bandwidth and memory by hand, got ${name}${bandwidth === memory ? '' : ` without its ${memory === undefined ? 'memory' : 'bandwidth'}`}.`,
    );
  }
  const base = known ?? { name, memory: 0, bandwidth: 0, link: undefined, arithmetic: 1 };
  return {
    ...base,
    ...(bandwidth === undefined ? {} : { bandwidth: bandwidth * TB }),
    ...(memory === undefined ? {} : { memory: memory * GB }),
    ...(link === undefined ? {} : { link: link * GB }),
  };
}
