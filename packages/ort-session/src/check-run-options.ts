import { invalidOption } from '@judge-decoding/core';

/** How a model runs, as every backend on ONNX Runtime takes it. */
export interface RunOptions {
  readonly threads?: number | undefined;
  readonly contextLength?: number | undefined;
  readonly prefillChunk?: number | undefined;
}

const MOST: Readonly<Record<keyof RunOptions, number>> = {
  threads: 1024,
  contextLength: 1 << 24,
  prefillChunk: 4096,
};

/** Refuses what is no number of threads or tokens with code `invalid-option`. */
export function checkRunOptions(options: RunOptions): void {
  for (const [name, most] of Object.entries(MOST)) {
    const value = options[name as keyof RunOptions];
    if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= most)) continue;
    throw invalidOption(name, `an integer from 1 to ${most}`, value);
  }
}
