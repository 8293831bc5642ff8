import type { DecoderDtype, GraphProgress, WeightsReport } from '@judge-decoding/onnx';
import type { SelfTest } from '@judge-decoding/ort-session';
import type { AdapterFacts } from './gpu.ts';
import type { SentLocation } from './source.ts';

/** What multiplies: the machine's GPU, or its processor through WebAssembly. */
export const BROWSER_DEVICES = ['webgpu', 'wasm'] as const;
export type BrowserDevice = (typeof BROWSER_DEVICES)[number];

/** How a model is opened; plain data, for the worker. */
export interface WorkerOptions {
  readonly location: SentLocation;
  readonly device: BrowserDevice;
  readonly dtype?: DecoderDtype;
  readonly threads?: number;
  readonly contextLength?: number;
  readonly prefillChunk?: number;
  readonly runtimeFiles?: string;
}

/** How far the opening of a model is. */
export type OpenProgress = GraphProgress;

/** What is known about an open model beside what every backend says. */
export interface ModelDetails {
  readonly weights: WeightsReport;
  /** Threads that compute, on `wasm`; 1 where the page is not cross-origin isolated. */
  readonly threads: number;
  /** The GPU, on `webgpu`. */
  readonly adapter?: AdapterFacts;
  /** What it was compared with the processor by, on `webgpu`. */
  readonly selfTest?: SelfTest;
}
