import { type BrowserBackend, type BrowserOptions, webgpuBackend } from '../../src/browser/index.ts';

let shared: Worker | undefined;

/** From now on models on the GPU have one worker and one device together, not each its own. */
export function shareGpu(): void {
  shared ??= new Worker(new URL('./gpu-worker.ts', import.meta.url), { type: 'module' });
}

/** The backend as tests open models with it. */
export const backendOn = (options: BrowserOptions): BrowserBackend =>
  webgpuBackend({ ...options, ...(shared && options.device === 'webgpu' ? { startWorker } : {}) });

/** What looks like a worker of one model, and is a port to the one that is shared. */
function startWorker(): Worker {
  const { port1: mine, port2: its } = new MessageChannel();
  shared!.postMessage(its, [its]);
  return Object.assign(mine, { terminate: () => mine.close() }) as unknown as Worker;
}
