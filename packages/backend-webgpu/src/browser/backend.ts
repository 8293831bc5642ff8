import { type Backend, invalidOption, JudgeDecodingError, type Model } from '@judge-decoding/core';
import type { DecoderDtype } from '@judge-decoding/onnx';
import { checkRunOptions, ORT_OUTPUTS } from '@judge-decoding/ort-session';
import { type Opened, remoteModel } from '@judge-decoding/ort-session/served';
import { BrowserLine } from './line.ts';
import { BROWSER_DEVICES, type BrowserDevice, type ModelDetails, type OpenProgress } from './protocol.ts';
import { baseAddress, type ModelLocation, saidLocation, sentLocation } from './source.ts';

export interface BrowserOptions {
  /** Nothing is chosen, and nothing falls back: a device that is not there is an error of code `device`. */
  readonly device: BrowserDevice;
  /** What the matrices are multiplied as; `auto` when absent, as in `backend-cpu`. */
  readonly dtype?: DecoderDtype;
  /**
   * Threads of the device `wasm`. Absent: one for a small model, the machine's cores for a larger one. One
   * without shared memory, for which a page has to be cross-origin isolated.
   */
  readonly threads?: number;
  /** At most so many tokens in a session; the model's own limit where that is lower, or when absent. */
  readonly contextLength?: number;
  /** Most tokens a forward reads at a time. */
  readonly prefillChunk?: number;
  /** Refused: ONNX Runtime's sums differ with the width of a pass here, on both devices. */
  readonly exact?: false;
  /** Address of the folder with ONNX Runtime's `.wasm` files, ending in a slash; beside its script when absent. */
  readonly runtimeFiles?: string;
  /**
   * What runs the passes of the device `wasm`: a worker for each model (`own`), so that the thread that asks stays free; or the
   * thread that asks (`calling`), for one that is a worker itself: small models feel the messages in between. `own` when absent.
   */
  readonly thread?: BrowserThread;
  /** Starts the worker of a model, where the usual way does not fit the page (another bundler, a policy). */
  readonly startWorker?: () => Worker;
  readonly onProgress?: (progress: OpenProgress) => void;
  /** Gives up opening: `open` is refused with code `aborted`, and the worker ends. */
  readonly signal?: AbortSignal | undefined;
}

export const BROWSER_THREADS = ['own', 'calling'] as const;
export type BrowserThread = (typeof BROWSER_THREADS)[number];

/** A model that is open in a page. */
export interface BrowserModel extends Model, AsyncDisposable {
  readonly details: ModelDetails;
}

export interface BrowserBackend extends Backend {
  /** Opens a model from wherever a page has it; `overrides` hold for this model only. */
  open(location: ModelLocation, overrides?: Partial<BrowserOptions>): Promise<BrowserModel>;
}

/** ONNX Runtime in a page, each model in a worker of its own unless told otherwise: the page stays free. */
export function webgpuBackend(options: BrowserOptions): BrowserBackend {
  checkOptions(options);
  return {
    specVersion: 1,
    name: 'webgpu',
    outputs: ORT_OUTPUTS,
    async open(location, overrides = {}) {
      const { onProgress, signal, startWorker = usualWorker, thread, ...rest } = { ...options, ...overrides };
      checkOptions({ ...rest, ...(thread === undefined ? {} : { thread }) });
      const givenUp = () =>
        new JudgeDecodingError('aborted', `Opening \`${saidLocation(location)}\` was interrupted.`, {
          cause: signal?.reason,
        });
      if (signal?.aborted) throw givenUp();
      const { runtimeFiles } = rest;
      const sent = {
        ...rest,
        location: sentLocation(location),
        ...(runtimeFiles === undefined ? {} : { runtimeFiles: new URL(runtimeFiles, baseAddress()).href }),
      };
      if (thread === 'calling') {
        const { openModel } = await import('./open-model.ts');
        const { model, details } = await openModel(sent, (progress) => onProgress?.(progress));
        if (!signal?.aborted) return { ...model, details };
        await model.dispose();
        throw givenUp();
      }
      const line = new BrowserLine(startWorker(), onProgress);
      const onAbort = () => line.kill('it was told to');
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        const opened = (await line.ask({ kind: 'open', options: sent })) as Opened<ModelDetails>;
        return { ...remoteModel(opened, line), details: opened.details };
      } catch (error) {
        line.kill('its model could not be opened');
        throw signal?.aborted ? givenUp() : error;
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
  };
}

const usualWorker = () =>
  new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'judge-decoding model' });

/** `dtype` is checked where graphs are built. */
function checkOptions(options: BrowserOptions): void {
  const { device, exact, thread } = options;
  if (!BROWSER_DEVICES.includes(device)) {
    throw invalidOption('device', `one of ${BROWSER_DEVICES.join(', ')}`, device);
  }
  if (thread !== undefined && !BROWSER_THREADS.includes(thread)) {
    throw invalidOption('thread', `one of ${BROWSER_THREADS.join(', ')}`, thread);
  }
  if (thread === 'calling' && device !== 'wasm') {
    throw invalidOption('thread', '`own` on the device webgpu', thread);
  }
  checkRunOptions(options);
  if (exact) {
    throw new JudgeDecodingError(
      'unsupported',
      'Expected no `exact`: in a page the last bits of a row depend on how its text was cut into passes, on wasm and on webgpu. Leave it out, or use backend-cpu or backend-cuda.',
    );
  }
}
