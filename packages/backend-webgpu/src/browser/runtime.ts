import { JudgeDecodingError } from '@judge-decoding/core';
import type { OrtRuntime } from '@judge-decoding/ort-session';
import type { Env } from 'onnxruntime-common';
import { fuseOnLoad } from './fuse-on-load.ts';
import type { BrowserDevice } from './protocol.ts';

export interface RuntimeOptions {
  readonly device: BrowserDevice;
  readonly threads: number;
  /** Folder of the runtime's `.wasm` files; beside its script when absent. */
  readonly runtimeFiles: string | undefined;
  /** Of `wasm`: `BrowserOptions.fusedProducts`. */
  readonly fusedProducts?: boolean | undefined;
}

export type WebRuntime = OrtRuntime & { readonly env: Env };

/**
 * ONNX Runtime for a device. Never its default entry, whose WebGPU is an older implementation with a cache
 * that grows; and for WebAssembly the build without WebGPU, which is smaller and faster there.
 */
export async function loadRuntime({
  device,
  threads,
  runtimeFiles,
  fusedProducts = false,
}: RuntimeOptions): Promise<WebRuntime> {
  let runtime: WebRuntime;
  try {
    runtime = await (device === 'wasm'
      ? import('onnxruntime-web/wasm')
      : suspends()
        ? import('onnxruntime-web/jspi')
        : import('onnxruntime-web/webgpu'));
  } catch (cause) {
    throw new JudgeDecodingError('device', `ONNX Runtime could not be loaded: ${String(cause)}.`, { cause });
  }
  // the file itself is fetched for the first session
  if (device === 'wasm' && fusedProducts) fuseOnLoad();
  runtime.env.wasm.numThreads = threads;
  if (runtimeFiles !== undefined) runtime.env.wasm.wasmPaths = runtimeFiles;
  runtime.env.logLevel = 'error';
  return runtime;
}

/** Where WebAssembly can wait for a GPU by itself: elsewhere a runtime of 10 MB more is rewritten to do so. */
const suspends = (): boolean => 'Suspending' in WebAssembly;

/** Threads that WebAssembly may have here: one without shared memory, which needs two headers of the server. */
export const mostThreads = (): number =>
  (globalThis as { readonly crossOriginIsolated?: boolean }).crossOriginIsolated === true
    ? Math.max(1, navigator.hardwareConcurrency)
    : 1;
