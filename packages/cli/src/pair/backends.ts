import type { CpuOptions } from '@judge-decoding/backend-cpu';
import { type HiddenState, JudgeDecodingError, type JudgeHead, type Model } from '@judge-decoding/core';
import { didYouMean } from '../options/closest.ts';

export interface OpenModelRequest {
  readonly folder: string;
  readonly contextLength: number;
  /** The backend chooses when absent. */
  readonly threads?: number | undefined;
  /** One of the entry's `dtypes`. */
  readonly dtype?: string | undefined;
  readonly cacheFolder: string;
  /** Rows to the last bit the same in passes of any width; `quantised`: where weights are of few bits. */
  readonly exact?: boolean | 'quantised' | undefined;
  /** Told while something is made that the next start will find. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Gives up opening; half of a graph is removed. */
  readonly signal?: AbortSignal | undefined;
}

/** How the command line opens a model on one backend. */
export interface BackendEntry {
  readonly devices: readonly string[];
  /** What weights can be run as. */
  readonly dtypes: readonly string[];
  /** The norms that a head may read here. */
  readonly states: readonly HiddenState[];
  /** It opens models of made-up weights by their shape, `synthetic:llama-3.1-8b:int8`, in place of a folder. */
  readonly synthetic?: true;
  open(request: OpenModelRequest): Promise<Model>;
}

export type Backends = Readonly<Record<string, BackendEntry>>;

const CPU_DTYPES = ['auto', 'fp32', 'int8', 'int4'] as const satisfies readonly CpuOptions['dtype'][];

/** Each is loaded on first use: its runtime is large. */
export const BACKENDS: Backends = {
  cpu: {
    devices: ['cpu'],
    dtypes: CPU_DTYPES,
    states: ['pre-norm', 'post-norm'],
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
};

export interface BackendFlags {
  readonly backend: string;
  readonly device?: string;
  readonly dtype?: string;
}

/** Never falls back to another one: the caller chooses. */
export function chooseBackend(
  backends: Backends,
  { backend: name, device, dtype }: BackendFlags,
): BackendEntry {
  const names = Object.keys(backends);
  const entry = Object.hasOwn(backends, name) ? backends[name] : undefined;
  if (entry === undefined) {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected --backend to be one of ${names.join(', ')}, got ${name}.${didYouMean(name, names)} Others are not part of this version.`,
    );
  }
  if (device !== undefined && !entry.devices.includes(device)) {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected --device to be one of ${entry.devices.join(', ')} for the backend ${name}, got ${device}.`,
    );
  }
  if (dtype !== undefined && !entry.dtypes.includes(dtype)) {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected --dtype to be one of ${entry.dtypes.join(', ')} for the backend ${name}, got ${dtype}.`,
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
    `Expected a head that reads the ${states.join(' or ')} state, which is what the backend ${name} can score, got one that reads ${state}. Use a ${states.join(' or ')} head: \`judge train fit\` makes one of each.`,
  );
}
