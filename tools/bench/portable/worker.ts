import { openModel } from '../../../packages/backend-cpu/src/open-model.ts';
import { serveInWorker } from '../../../packages/backend-cpu/src/serve-in-worker.ts';
import { openModel as openOnGpu } from '../../../packages/backend-webgpu/src/node/open-model.ts';

/** Both backends in Node look for `worker.js` beside themselves, and in one folder that is one file. */
serveInWorker((options, onProgress) =>
  options.provider === 'webgpu' ? openOnGpu(options, onProgress) : openModel(options, onProgress),
);
