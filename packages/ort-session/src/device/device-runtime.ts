import type { ReadBacks } from '@judge-decoding/core';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { OrtRuntime } from '../runtime.ts';

/** Types of tensors that are kept on a device or brought from it. */
export type DeviceType = 'float32' | 'int32';

/** A tensor to be brought to the host, and its size there. */
export interface WantedTensor {
  readonly type: DeviceType;
  readonly dims: readonly number[];
}

export type HostData = Float32Array | Int32Array;

/** What a run writes on the device, and what it brings to the host. */
export interface DeviceOutputs {
  readonly kept: Readonly<Record<string, Tensor>>;
  readonly wanted: Readonly<Record<string, WantedTensor>>;
}

/** A runtime whose tensors can stay on a device: what browsers and Node do each in their way. */
export interface DeviceRuntime extends OrtRuntime {
  /** What has crossed from the device to the host so far. */
  readonly readBacks: ReadBacks;
  /** A tensor on the device, of anything. */
  allocate(type: DeviceType, dims: readonly number[]): Promise<Tensor>;
  /** A copy of a host's tensor on the device, for what is fed again and again: an upload is a submission of its own. */
  keep(tensor: Tensor): Promise<Tensor>;
  free(tensor: Tensor): void;
  /**
   * Runs a session. What is `kept` is written where it is told to; what is `wanted` comes to the host, fresh
   * arrays, in as few read-backs as the runtime allows.
   */
  run(
    session: InferenceSession,
    feeds: Readonly<Record<string, Tensor>>,
    outputs: DeviceOutputs,
  ): Promise<Readonly<Record<string, HostData>>>;
  /** Brings tokens, one a tensor of this runtime's `allocate`, to the host in one read-back. */
  readTokens(tokens: readonly Tensor[]): Promise<number[]>;
  /** Milliseconds. */
  now(): number;
  /** Ends what waits for the device. */
  dispose(): Promise<void>;
}
