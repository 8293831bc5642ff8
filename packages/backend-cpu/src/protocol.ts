import type { DecoderDtype, Provider, WeightsReport } from '@judge-decoding/onnx';

/** How a model is opened; plain data, for the worker. */
export interface WorkerOptions {
  readonly location: string;
  /** ONNX Runtime's; `cpu` when absent. */
  readonly provider?: Provider;
  readonly dtype?: DecoderDtype;
  /** Absent: one for small models, the machine's cores otherwise. */
  readonly threads?: number;
  readonly spinning?: boolean;
  readonly contextLength?: number;
  readonly prefillChunk?: number;
  readonly exact?: boolean | 'quantised';
  readonly cacheFolder?: string;
  /** Raised by the main thread to give up the writing of a graph. */
  readonly stop?: Int32Array;
}

/** What the worker says of a model beside the facts that every backend knows. */
export interface CpuDetails {
  readonly weights: WeightsReport;
}
