import { JudgeDecodingError } from '@judge-decoding/core';
import { DEVICE_INPUTS, DEVICE_OUTPUTS, type DecoderShape } from '@judge-decoding/onnx/interface';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { type GraphSource, loadGraph } from '../runtime.ts';
import { DeviceCache } from './device-cache.ts';
import type { DeviceRuntime } from './device-runtime.ts';

export interface SelfTestOptions {
  readonly runtime: DeviceRuntime;
  /** A small decoder made by `buildDeviceDecoder`, context 128 or more. */
  readonly graph: GraphSource;
  readonly shape: DecoderShape;
  readonly sessionOptions: InferenceSession.SessionOptions;
  /** The processor's provider, which says what is right. */
  readonly hostOptions: InferenceSession.SessionOptions;
}

/** What was seen of a device. Plain data. */
export interface SelfTest {
  /** Largest difference from the processor, in parts of the largest logit. */
  readonly difference: number;
  /** Rows that a pass may have: on some devices attention is wrong from 32 on. */
  readonly mostRows: number;
}

const LONG = 48;
const SHORT = 31;
/** float32 sums in another order. */
const CLOSE = 1e-3;

/** A text read in passes: each with the length of the cache before it, so that some is forgotten again. */
const stepsOf = (first: readonly number[]): readonly (readonly [start: number, rows: number])[] => {
  let start = 0;
  const steps: (readonly [number, number])[] = [];
  for (const rows of first) {
    steps.push([start, rows]);
    start += rows;
  }
  return [...steps, [LONG, 5], [LONG + 1, 3], [LONG + 4, 1]];
};

/**
 * Compares a device with the processor on a small decoder: a prompt, a verification, a rollback, a step.
 *
 * @throws JudgeDecodingError `device` where the device computes something else.
 */
export async function selfTest(options: SelfTestOptions): Promise<SelfTest> {
  const { runtime, graph, sessionOptions, hostOptions } = options;
  const device = await loadGraph(runtime, graph, sessionOptions);
  const host = await loadGraph(runtime, graph, hostOptions);
  try {
    const whole = await compare(options, device, host, stepsOf([LONG]));
    if (whole <= CLOSE) return { difference: whole, mostRows: Number.POSITIVE_INFINITY };
    const parted = await compare(options, device, host, stepsOf([SHORT, LONG - SHORT]));
    if (parted <= CLOSE) return { difference: parted, mostRows: SHORT };
    throw new JudgeDecodingError(
      'device',
      `The device computes wrong numbers: a small decoder’s logits differ from the processor’s by ${(100 * parted).toPrecision(2)} % (allowed are ${100 * CLOSE} %). Update its driver, or use another device.`,
    );
  } finally {
    await device.release();
    await host.release();
  }
}

async function compare(
  { runtime, shape }: SelfTestOptions,
  device: InferenceSession,
  host: InferenceSession,
  steps: readonly (readonly [number, number])[],
): Promise<number> {
  const cache = await DeviceCache.open(runtime, shape);
  let kept = emptyCache(runtime, shape);
  let worst = 0;
  try {
    for (const [start, rows] of steps) {
      const feeds = feedsOf(runtime, shape, start, rows);
      const wanted = {
        [DEVICE_OUTPUTS.logits]: { type: 'float32', dims: [rows, shape.tokenCount] },
      } as const;
      const got = await runtime.run(device, { ...feeds, ...cache.feeds }, { kept: cache.kept, wanted });
      const right = await host.run({ ...feeds, ...kept });
      kept = presentAsPast(right, shape);
      const logits = right[DEVICE_OUTPUTS.logits]!.data as Float32Array;
      worst = Math.max(worst, apart(got[DEVICE_OUTPUTS.logits] as Float32Array, logits));
    }
  } finally {
    cache.free();
  }
  return worst;
}

function apart(got: Float32Array, right: Float32Array): number {
  let most = 0;
  let largest = 0;
  for (const [index, value] of right.entries()) {
    most = Math.max(most, Math.abs(got[index]! - value));
    largest = Math.max(largest, Math.abs(value));
    if (Number.isNaN(got[index])) return Number.POSITIVE_INFINITY;
  }
  return most / largest;
}

function feedsOf(
  { Tensor }: DeviceRuntime,
  { hiddenSize, tokenCount }: DecoderShape,
  start: number,
  rows: number,
): Record<string, Tensor> {
  const total = start + rows;
  const places = Array.from({ length: rows }, (_, row) => row);
  const tokens = places.map((row) => (start * 7 + row * 13) % tokenCount);
  return {
    [DEVICE_INPUTS.tokens]: new Tensor('int32', Int32Array.from(tokens), [rows]),
    [DEVICE_INPUTS.start]: new Tensor('int64', BigInt64Array.of(BigInt(start)), [1]),
    [DEVICE_INPUTS.last]: new Tensor('int32', Int32Array.of(total - 1), [1]),
    [DEVICE_INPUTS.total]: new Tensor('int32', Int32Array.of(total), [1]),
    [DEVICE_INPUTS.picked]: new Tensor('int32', Int32Array.from(places), [rows]),
    [DEVICE_INPUTS.tells]: new Tensor('bool', Uint8Array.of(0), [1]),
    [DEVICE_INPUTS.next]: new Tensor('int32', Int32Array.from(tokens), [rows, 1]),
    [DEVICE_INPUTS.terms]: new Tensor('float32', new Float32Array(2 * hiddenSize), [2 * hiddenSize, 1]),
  };
}

const layersOf = ({ layers }: DecoderShape) => Array.from({ length: layers }, (_, layer) => layer);

function emptyCache({ Tensor }: DeviceRuntime, shape: DecoderShape): Record<string, Tensor> {
  const dims = [1, shape.keyValueHeads, shape.contextLength, shape.headDim];
  const zeros = () => new Tensor('float32', new Float32Array(dims.reduce((a, b) => a * b)), dims);
  return Object.fromEntries(
    layersOf(shape).flatMap((layer) => [
      [DEVICE_INPUTS.key(layer), zeros()],
      [DEVICE_INPUTS.value(layer), zeros()],
    ]),
  );
}

const presentAsPast = (results: InferenceSession.ReturnType, shape: DecoderShape): Record<string, Tensor> =>
  Object.fromEntries(
    layersOf(shape).flatMap((layer) => [
      [DEVICE_INPUTS.key(layer), results[DEVICE_OUTPUTS.key(layer)]!],
      [DEVICE_INPUTS.value(layer), results[DEVICE_OUTPUTS.value(layer)]!],
    ]),
  );
