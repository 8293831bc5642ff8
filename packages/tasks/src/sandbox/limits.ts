import { invalidOption } from '@judge-decoding/core';

/** What a program may use. All of it is generous for a test of a function, and little for a machine. */
export interface Limits {
  /** Wall clock, milliseconds. Processor time is limited to as much, rounded up to seconds. */
  readonly milliseconds: number;
  /** Of all its processes together, and of any one of them. */
  readonly memoryBytes: number;
  /** Processes and threads at a time. */
  readonly processes: number;
  /** Standard output and error together. */
  readonly outputBytes: number;
  /** Its scratch folder, which is in memory and gone when it ends. */
  readonly scratchBytes: number;
}

const MIB = 2 ** 20;

/** What a program may use unless it is said otherwise: 10 s by the clock, 1 GiB of memory, 32 processes, 1 MiB of output, 64 MiB of files. */
export const DEFAULT_LIMITS: Limits = {
  milliseconds: 10_000,
  memoryBytes: 1024 * MIB,
  processes: 32,
  outputBytes: MIB,
  scratchBytes: 64 * MIB,
};

/**
 * The limits as they came.
 *
 * @throws JudgeDecodingError `invalid-option` where one is no whole number of at least 1.
 */
export function checkLimits(limits: Limits): Limits {
  for (const [name, value] of Object.entries(limits))
    if (!(Number.isInteger(value) && value >= 1))
      throw invalidOption(name, 'a whole number of at least 1', value);
  return limits;
}
