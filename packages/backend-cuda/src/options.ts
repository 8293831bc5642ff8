import { invalidOption } from '@judge-decoding/core';
import type { Engine } from './engine.ts';
import { devicesOf } from './ranks.ts';
import { type CudaDtype, checkDtype } from './weights/held-as.ts';
import type { LoadProgress } from './weights/load.ts';

export interface CudaOptions {
  /**
   * `cuda:0` and so on, as the driver counts; `cuda` is the first. `cuda:0,1`: over both, each with its part of
   * the heads, columns and vocabulary (tensor parallelism).
   */
  readonly device?: string;
  /** Over so many GPUs, from `device` on. As many as `device` names when absent. */
  readonly tensorParallelSize?: number;
  /** Milliseconds one GPU waits for another before all give up with code `device`; ten seconds when absent. */
  readonly patience?: number;
  /**
   * How the linear layers are held. `auto`, the default: as stored where there is a type for it (bfloat16,
   * float16, blocks Q8_0 and Q4_0), else int8 where the file is quantised, else bf16.
   */
  readonly dtype?: CudaDtype;
  /**
   * Tokens in a session. Absent: the model's own limit, at most 32,768, and at most what fits. A session
   * takes its memory when it is opened, whatever it holds later.
   */
  readonly contextLength?: number;
  /** Sessions that shall fit beside the weights, 1 when absent: opening is refused where they would not. */
  readonly sessions?: number;
  /** Most bytes of device memory for weights and those sessions; 95 % of what is free when absent. */
  readonly memory?: number;
  /** Most tokens a forward should carry, so that a long prompt can be given up between them; 512, or 2,048 with `prefill: 'fast'`. */
  readonly prefillChunk?: number;
  /**
   * How prompts are read. `exact`, the default: by the kernels that decode, so that a row is the same bits in a pass of any
   * width. `fast`: parts of 256 tokens and more through NVIDIA's cuBLASLt, found at run time, at the speed of
   * matrix products and with `info.exact` false. On one GPU, Hopper, with weights that bfloat16 holds.
   */
  readonly prefill?: Prefill;
  /** Where the digest of a model's files is kept; without it they are read once more at every opening. */
  readonly cacheFolder?: string;
  /** Told while weights are put on the device. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Gives up opening, with code `aborted`. Of no meaning once the model is open. */
  readonly signal?: AbortSignal | undefined;
  /** The library's stand-in: for tests. */
  readonly engine?: Engine;
}

/** How prompts can be read. */
export const PREFILLS = ['exact', 'fast'] as const;
export type Prefill = (typeof PREFILLS)[number];

/** What can be said about options without a model or a GPU. */
export function checkCudaOptions(options: CudaOptions): void {
  const { device, tensorParallelSize, patience, dtype, contextLength, sessions, memory, prefillChunk } =
    options;
  const { prefill } = options;
  devicesOf(device ?? 'cuda', tensorParallelSize);
  if (dtype !== undefined) checkDtype(dtype);
  if (prefill !== undefined && !PREFILLS.includes(prefill)) {
    throw invalidOption('prefill', PREFILLS.map((name) => `'${name}'`).join(' or '), prefill);
  }
  const whole = (name: string, value: number | undefined, most: number) => {
    if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= most)) return;
    throw invalidOption(name, `an integer from 1 to ${most}`, value);
  };
  whole('contextLength', contextLength, 1 << 24);
  whole('sessions', sessions, 4096);
  whole('prefillChunk', prefillChunk, 1 << 16);
  whole('memory', memory, Number.MAX_SAFE_INTEGER);
  whole('patience', patience, 600_000);
}
