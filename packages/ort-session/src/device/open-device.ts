import { checkedModel, type Model, type ModelInfo } from '@judge-decoding/core';
import type { DecoderShape } from '@judge-decoding/onnx/interface';
import type { InferenceSession } from 'onnxruntime-common';
import { type GraphSource, loadGraph } from '../runtime.ts';
import { OrtSession } from '../session.ts';
import { Tails } from '../tails.ts';
import { DeviceCache } from './device-cache.ts';
import { DevicePasses } from './device-passes.ts';
import type { DeviceRuntime } from './device-runtime.ts';
import { Places } from './places.ts';
import { Terms } from './terms.ts';
import { TokenSlots } from './token-slots.ts';

export interface OpenDeviceOptions {
  readonly runtime: DeviceRuntime;
  /** Made by `buildDeviceDecoder`. */
  readonly graph: GraphSource;
  readonly shape: DecoderShape;
  readonly info: ModelInfo;
  /** Execution provider and so on. */
  readonly sessionOptions: InferenceSession.SessionOptions;
  /** What runs the small graphs over logits that have come to the host. */
  readonly hostOptions: InferenceSession.SessionOptions;
}

/** Loads a decoder graph whose cache stays on a device; the sessions over it run in the calling thread. */
export async function openDeviceModel(options: OpenDeviceOptions): Promise<Model & AsyncDisposable> {
  const { runtime, graph, shape, info, sessionOptions, hostOptions } = options;
  const session = await loadGraph(runtime, graph, sessionOptions);
  const slots = new TokenSlots(runtime);
  const tails = new Tails(runtime, hostOptions);
  const terms = new Terms(runtime, shape.hiddenSize);
  const places = new Places(runtime);
  const decoder = { runtime, session, shape, terms, places, slots, tails };
  return checkedModel<OrtSession>({
    info,
    openSession: async () =>
      new OrtSession(new DevicePasses(decoder, await DeviceCache.open(runtime, shape), info), info),
    async dispose(alive) {
      for (const each of alive) each.dispose();
      slots.free();
      terms.free();
      await places.free();
      await tails.dispose();
      await session.release();
      await runtime.dispose();
    },
  });
}
