import { JudgeDecodingError } from '@judge-decoding/core';
import type { OrtRuntime } from '@judge-decoding/ort-session';
import type { Env } from 'onnxruntime-common';
import type { BrowserDevice } from './protocol.ts';

export interface RuntimeOptions {
  readonly device: BrowserDevice;
  readonly threads: number;
  /** Folder of the runtime's `.wasm` files; beside its script when absent. */
  readonly runtimeFiles: string | undefined;
}

export type WebRuntime = OrtRuntime & { readonly env: Env };

/**
 * ONNX Runtime for a device. Never its default entry, whose WebGPU is an older implementation with a cache
 * that grows; and for WebAssembly the build without WebGPU, which is smaller and faster there.
 */
export async function loadRuntime({ device, threads, runtimeFiles }: RuntimeOptions): Promise<WebRuntime> {
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
