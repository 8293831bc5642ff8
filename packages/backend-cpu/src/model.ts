import type { Model } from '@judge-decoding/core';
import type { WeightsReport } from '@judge-decoding/onnx';
import { type Line, type Opened, remoteModel } from '@judge-decoding/ort-session/served';
import type { CpuDetails } from './protocol.ts';

/** A model in a worker. */
export interface CpuModel extends Model, AsyncDisposable {
  /** How its weights were carried over, and what rounding them cost. */
  readonly weights: WeightsReport;
}

/** The main thread's end of a model in a worker. */
export function cpuModel(opened: Opened<CpuDetails>, line: Line): CpuModel {
  return { ...remoteModel(opened, line), weights: opened.details.weights };
}
