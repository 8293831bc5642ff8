import type { CpuOptions } from '@judge-decoding/backend-cpu';
import type { Checkpoint } from '@judge-decoding/checkpoint';
import { type HiddenState, JudgeDecodingError, type JudgeHead, type Model } from '@judge-decoding/core';
import type { Finding } from '../commands/doctor-finding.ts';
import type { Runnable } from '../inspect/runnable.ts';
import { didYouMean } from '../options/closest.ts';
import { cudaEntry } from './cuda-entry.ts';
import { MAKES_HEADS } from './makes-heads.ts';
import { webgpuEntry } from './webgpu-entry.ts';

export interface OpenModelRequest {
  readonly folder: string;
  readonly contextLength: number;
  /** The backend chooses when absent. */
  readonly threads?: number | undefined;
  /** One of the entry's `dtypes`. */
  readonly dtype?: string | undefined;
  /** One of the entry's devices, its first when absent. */
  readonly device?: string | undefined;
  readonly cacheFolder: string;
  /** Rows to the last bit the same in passes of any width; `quantised`: where weights are of few bits. */
  readonly exact?: boolean | 'quantised' | undefined;
  /** Prompts are read fast, not to the bit as tokens are decoded; by backends that say they can (`BackendEntry.prefillsFast`). */
  readonly prefill?: 'fast' | undefined;
  /** Told while something is made that the next start will find. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Gives up opening; half of a graph is removed. */
  readonly signal?: AbortSignal | undefined;
}

/** How the command line opens a model on one backend. */
export interface BackendEntry {
  /** As they are shown; the first is taken where none is named. */
  readonly devices: readonly string[];
  /** Whether a device is of this kind, where they are not all listed. */
  readonly isDevice?: (name: string) => boolean;
  /** How they are named, where they are not all listed. */
  readonly devicesSaid?: string;
  /** What weights can be run as. */
  readonly dtypes: readonly string[];
  /** What is said while it opens a model of this name. */
  opening(name: string): string;
  /** The norms that a head may read here. */
  readonly states: readonly HiddenState[];
  /** What it would make of a model's weights; reads none of them. */
  runnable(checkpoint: Checkpoint, dtype: string): Promise<Runnable>;
  /** What `judge doctor` says of it; `chosen` where it is the one that is to be used. */
  look?(options: { readonly device: string; readonly chosen: boolean }): Promise<readonly Finding[]>;
  /** It opens models of made-up weights by their shape, `synthetic:llama-3.1-8b:int8`, in place of a folder. */
  readonly synthetic?: true;
  /** It can read prompts faster than exactly: `--prefill fast`. */
  readonly prefillsFast?: true;
  open(request: OpenModelRequest): Promise<Model>;
}

/** Whether a device of this name is one of the entry's kind, be it there or not. */
export const hasDevice = ({ isDevice, devices }: BackendEntry, name: string): boolean =>
  isDevice?.(name) ?? devices.includes(name);

export type Backends = Readonly<Record<string, BackendEntry>>;

const CPU_DTYPES = ['auto', 'fp32', 'int8', 'int4'] as const satisfies readonly CpuOptions['dtype'][];

/** Each is loaded on first use: its runtime is large. */
export const BACKENDS: Backends = {
  cpu: {
    devices: ['cpu'],
    dtypes: CPU_DTYPES,
    opening: (name) => `preparing ${name} (first use only)`,
    states: ['pre-norm', 'post-norm'],
    async runnable(checkpoint, dtype) {
      const { runnableGraph } = await import('../inspect/runnable-graph.ts');
      return runnableGraph(checkpoint, dtype as (typeof CPU_DTYPES)[number]);
    },
    async open({ folder, contextLength, threads, dtype, cacheFolder, exact, onProgress, signal }) {
      const { cpuBackend } = await import('@judge-decoding/backend-cpu');
      return cpuBackend({ cacheFolder }).open(folder, {
        contextLength,
        signal,
        ...(threads === undefined ? {} : { threads }),
        ...(exact === undefined ? {} : { exact }),
        ...(dtype === undefined ? {} : { dtype: dtype as (typeof CPU_DTYPES)[number] }),
        ...(onProgress === undefined
          ? {}
          : { onProgress: ({ writtenBytes, totalBytes }) => onProgress(writtenBytes, totalBytes) }),
      });
    },
  },
  cuda: cudaEntry,
  webgpu: webgpuEntry,
};

/**
 * What may run a draft model where nobody says, if it is not what runs the target alone: where it is fastest is
 * measured. A pass of a small draft takes a processor a tenth of a millisecond and a GPU more than one, which
 * goes into handing it over.
 */
export const DRAFTS_ON: Readonly<Record<string, readonly string[]>> = { webgpu: ['cpu', 'webgpu'] };

export interface BackendFlags {
  readonly backend: string;
  readonly device?: string;
  readonly dtype?: string;
}

/** How the flags are spelt: those of a draft of its own have other names. */
export interface FlagNames {
  readonly backend: string;
  readonly device: string;
  readonly dtype: string;
}

const OWN_FLAGS: FlagNames = { backend: '--backend', device: '--device', dtype: '--dtype' };

/** Never falls back to another one: the caller chooses. */
export function chooseBackend(
  backends: Backends,
  { backend: name, device, dtype }: BackendFlags,
  flags = OWN_FLAGS,
): BackendEntry {
  const names = Object.keys(backends);
  const entry = Object.hasOwn(backends, name) ? backends[name] : undefined;
  if (entry === undefined) {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected ${flags.backend} to be one of ${names.join(', ')}, got ${name}.${name.toLowerCase() === 'gpu' ? ' Say which: cuda is an NVIDIA GPU, webgpu any.' : didYouMean(name, names)} Others are not part of this version.`,
    );
  }
  if (device !== undefined && !hasDevice(entry, device)) {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected ${flags.device} to be ${entry.devicesSaid ?? `one of ${entry.devices.join(', ')}`} for the backend ${name}, got ${device}.`,
    );
  }
  if (dtype !== undefined && !entry.dtypes.includes(dtype)) {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected ${flags.dtype} to be one of ${entry.dtypes.join(', ')} for the backend ${name}, got ${dtype}.`,
    );
  }
  return entry;
}

/** A head says which norm it was fitted on; where a backend reads only the other, its scores would mean nothing. */
export function checkNorm({ terms }: JudgeHead, name: string, { states }: BackendEntry): void {
  const state = terms.map((term) => term.state).find((read) => !states.includes(read));
  if (state === undefined) return;
  throw new JudgeDecodingError(
    'mismatch',
    `Expected a head that reads the ${states.join(' or ')} state, which is what the backend ${name} can score, got one that reads ${state}. Use a ${states.join(' or ')} head: ${MAKES_HEADS} makes one of each.`,
  );
}
