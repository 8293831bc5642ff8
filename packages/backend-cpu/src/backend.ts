import { type Backend, invalidOption } from '@judge-decoding/core';
import type { DecoderDtype } from '@judge-decoding/onnx';
import type { GraphProgress } from '@judge-decoding/onnx/cache';
import { checkRunOptions, ORT_OUTPUTS } from '@judge-decoding/ort-session';
import { type CpuModel, cpuModel } from './model.ts';
import { openInWorker } from './open-in-worker.ts';

export interface CpuOptions {
  /**
   * What the matrices are multiplied as. `auto`, the default: a quantised file as it is, float32
   * otherwise, int8 where float32 would take more than a gigabyte.
   */
  readonly dtype?: DecoderDtype;
  /**
   * Threads that compute. Absent: one for a small model, where a second thread costs more than it
   * brings, and the machine's cores for a larger one.
   */
  readonly threads?: number;
  /**
   * Whether idle threads spin instead of sleeping: faster alone, much slower beside other work. Absent:
   * for 50 µs, which is longer than they are mostly idle within a step.
   */
  readonly spinning?: boolean;
  /** At most so many tokens in a session; the model's own limit where that is lower, or when absent. */
  readonly contextLength?: number;
  /** Most tokens a forward reads at a time. */
  readonly prefillChunk?: number;
  /**
   * Whether a row's outputs shall be the same bits however a text is cut into passes: then strict
   * decoding writes plain decoding's text with quantised weights, too. A step takes a few
   * per cent longer where a row alone has its bits anyway, which is tried at opening; up to a fifth where it has to be
   * read as two. Verification takes what it takes. `quantised`: where the model is not run in float32. False when
   * absent. Seen on x64 only.
   */
  readonly exact?: boolean | 'quantised';
  /** Where graphs are kept; `JUDGE_CACHE` or the operating system's cache folder when absent. */
  readonly cacheFolder?: string;
  /** Told while a graph is written, the first time a model is opened. */
  readonly onProgress?: (progress: GraphProgress) => void;
  /**
   * Gives up opening: `open` is refused with code `aborted`, a half-written graph is removed, and the
   * worker ends. Of no meaning once the model is open.
   */
  readonly signal?: AbortSignal | undefined;
}

export interface CpuBackend extends Backend {
  /** Opens a Hugging Face folder or a GGUF file; `overrides` hold for this model only. */
  open(location: string, overrides?: CpuOptions): Promise<CpuModel>;
}

/** ONNX Runtime's CPU provider, each model in a worker thread of its own: the event loop stays free. */
export function cpuBackend(options: CpuOptions = {}): CpuBackend {
  checkOptions(options);
  return {
    specVersion: 1,
    name: 'cpu',
    outputs: ORT_OUTPUTS,
    async open(location, overrides = {}) {
      checkOptions(overrides);
      // said here: what crosses to a worker is no longer what it was
      if (typeof location !== 'string')
        throw invalidOption('location', 'the path of a model folder or a GGUF file', location);
      const { opened, line } = await openInWorker(location, { ...options, ...overrides });
      return cpuModel(opened, line);
    },
  };
}

/** `dtype` is checked where graphs are built. */
export function checkOptions(options: CpuOptions): void {
  const { spinning, exact } = options;
  checkRunOptions(options);
  if (spinning !== undefined && typeof spinning !== 'boolean') {
    throw invalidOption('spinning', 'true or false', spinning);
  }
  if (exact !== undefined && typeof exact !== 'boolean' && exact !== 'quantised') {
    throw invalidOption('exact', 'true, false or quantised', exact);
  }
}
