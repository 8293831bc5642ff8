import { JudgeDecodingError, type Model } from '@judge-decoding/core';
import { didYouMean } from '../options/closest.ts';

export interface OpenModelRequest {
  readonly folder: string;
  readonly contextLength: number;
  /** The backend chooses when absent. */
  readonly threads?: number | undefined;
  readonly cacheFolder: string;
  /** Told while something is made that the next start will find. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** How the command line opens a model on one backend. */
export interface BackendEntry {
  readonly devices: readonly string[];
  open(request: OpenModelRequest): Promise<Model>;
}

export type Backends = Readonly<Record<string, BackendEntry>>;

/** Each is loaded on first use: its runtime is large. */
export const BACKENDS: Backends = {
  cpu: {
    devices: ['cpu'],
    async open({ folder, contextLength, threads, cacheFolder, onProgress }) {
      const { cpuBackend } = await import('@judge-decoding/backend-cpu');
      return cpuBackend({ cacheFolder }).open(folder, {
        contextLength,
        ...(threads === undefined ? {} : { threads }),
        ...(onProgress === undefined
          ? {}
          : { onProgress: ({ writtenBytes, totalBytes }) => onProgress(writtenBytes, totalBytes) }),
      });
    },
  },
};

/** Never falls back to another one: the caller chooses. */
export function chooseBackend(backends: Backends, name: string, device: string | undefined): BackendEntry {
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
  return entry;
}
