// transformers.js in a worker of a page, as its own examples have it; run by ../src/in-page.ts.
import { env } from '@huggingface/transformers';
import { openTransformers } from './transformers-js.mjs';

env.allowRemoteModels = false;
env.allowLocalModels = true;
env.useBrowserCache = false;
env.useWasmCache = false;
env.localModelPath = '/';

let opened;
self.onmessage = async ({ data }) => {
  const { id, open, write } = data;
  try {
    if (open !== undefined) {
      const { threads, runtimeFiles, ...options } = open;
      env.backends.onnx.wasm.numThreads = threads;
      env.backends.onnx.wasm.wasmPaths = runtimeFiles;
      opened = await openTransformers(options);
      self.postMessage({ id, answer: { facts: opened.facts } });
    } else if (write !== undefined) {
      const started = performance.now();
      const at = [];
      const tokens = await opened.write(
        write,
        () => at.push(performance.now() - started),
        (read) => console.info(`transformers.js has read ${read} of ${write.prompt.length}`),
      );
      self.postMessage({ id, answer: { tokens, at } });
    }
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error).split('\n')[0] });
  }
};
