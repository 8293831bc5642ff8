import { openModel } from '../../../packages/backend-cpu/src/open-model.ts';
import { serveInWorker } from '../../../packages/backend-cpu/src/serve-in-worker.ts';
import { inTurn } from '../../../packages/backend-webgpu/src/node/gpu-turn.ts';
import { openModel as openOnGpu } from '../../../packages/backend-webgpu/src/node/open-model.ts';

let onGpu = false;

/** Both backends in Node look for `worker.js` beside themselves, and in one folder that is one file. */
serveInWorker(
  (options, onProgress) => {
    if (options.provider !== 'webgpu') return openModel(options, onProgress);
    onGpu = true;
    return inTurn(() => openOnGpu(options, onProgress));
  },
  (work) => (onGpu ? inTurn(work) : work()),
);
