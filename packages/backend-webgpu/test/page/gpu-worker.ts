import { type Question, serve } from '@judge-decoding/ort-session/served';
import { openModel } from '../../src/browser/open-model.ts';
import type { ModelDetails, OpenProgress, WorkerOptions } from '../../src/browser/protocol.ts';
import { loadRuntime } from '../../src/browser/runtime.ts';

/**
 * Models on the GPU that share a thread and a device, a port each. A processor that plays the GPU takes half a minute to
 * translate what a model runs there, once for each device.
 */
type Message<Data> = { readonly data: Data };

const { requestDevice } = GPUAdapter.prototype;
let device: Promise<GPUDevice> | undefined;
GPUAdapter.prototype.requestDevice = function (this: GPUAdapter, asked?: GPUDeviceDescriptor) {
  device ??= requestDevice.call(this, asked);
  return device;
};

/** The runtime forgets what it translated when its last session on a device ends: the first one, of a self-test, does not. */
let keeping: Promise<void> | undefined;
async function keepFirstSession(): Promise<void> {
  const { InferenceSession } = await loadRuntime({ device: 'webgpu', threads: 1, runtimeFiles: undefined });
  const { create } = InferenceSession;
  const createAndKeep = async (...given: Parameters<typeof create>) => {
    InferenceSession.create = create;
    const session = await create.apply(InferenceSession, given);
    session.release = async () => {};
    return session;
  };
  InferenceSession.create = createAndKeep as typeof create;
}
const open: typeof openModel = async (options, onProgress) => {
  keeping ??= keepFirstSession();
  await keeping;
  return openModel(options, onProgress);
};

/** A runtime runs one model at a time. */
let last: Promise<void> = Promise.resolve();
const during = (work: () => Promise<void>) => {
  last = last.then(work);
  return last;
};

(globalThis as unknown as { onmessage: (message: Message<MessagePort>) => void }).onmessage = ({
  data: port,
}) =>
  serve<WorkerOptions, ModelDetails, OpenProgress>(
    {
      listen: (listener) => {
        port.onmessage = ({ data }: Message<Question<WorkerOptions>>) => listener(data);
      },
      send: (answer, transfer) => port.postMessage(answer, [...transfer]),
      close: () => port.close(),
    },
    { open, during, now: () => performance.now() },
  );
