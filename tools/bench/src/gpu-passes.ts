/** Passes in Node on a GPU, ours and as transformers.js makes them, for who times them or counts their kernels. */
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { cachedDecoder } from '@judge-decoding/onnx/cache';
import { DEVICE_INPUTS, DEVICE_OUTPUTS, type DecoderShape } from '@judge-decoding/onnx/interface';
import * as ort from 'onnxruntime-node';
import { GPU_OPTIONS } from '../../../packages/backend-webgpu/src/node/gpu-options.ts';
import type { NodeGpuRuntime } from '../../../packages/backend-webgpu/src/node/gpu-runtime.ts';
import { transformersFolder } from '../anchors/other-forms.ts';
import type { Dtype } from './race-cases.ts';

export interface Asked {
  readonly runtime: NodeGpuRuntime;
  readonly model: string;
  readonly dtype: Dtype;
  readonly cacheFolder: string;
  /** Tokens before the pass. */
  readonly length: number;
  /** Of the cache; files are written for each. */
  readonly contextLength: number;
  readonly options: ort.InferenceSession.SessionOptions;
}

export interface Passes {
  readonly session: ort.InferenceSession;
  run(): Promise<void>;
}

type Tensors = Record<string, ort.Tensor>;

const parts = ['key', 'value'] as const;

/** `rows` tokens, of which the host gets the likeliest next; `together`: so many steps of one token, each reading what the one before says. */
export async function ours(asked: Asked, rows: number, together = 1): Promise<Passes> {
  const { runtime, length, contextLength, model, dtype, cacheFolder } = asked;
  const checkpoint = await openCheckpoint(model);
  const { graphFile, shape } = await cachedDecoder(checkpoint, {
    ...{ provider: 'webgpu', dtype, contextLength, cacheFolder },
  });
  await checkpoint.dispose();
  const session = await ort.InferenceSession.create(graphFile, { ...GPU_OPTIONS, ...asked.options });
  const cache: Tensors = {};
  const kept: Tensors = {};
  const dims = [1, shape.keyValueHeads, shape.contextLength, shape.headDim];
  for (let layer = 0; layer < shape.layers; layer++)
    for (const part of parts) {
      const tensor = (await runtime.allocate('float32', dims)) as ort.Tensor;
      cache[DEVICE_INPUTS[part](layer)] = tensor;
      kept[DEVICE_OUTPUTS[part](layer)] = tensor;
    }
  const stays = await stayingFeeds(runtime, shape, rows);
  const slots: ort.Tensor[] = [];
  for (let step = 0; step < together; step++)
    slots.push((await runtime.allocate('int32', [1])) as ort.Tensor);
  const wanted = { [DEVICE_OUTPUTS.argmax]: { type: 'int32', dims: [rows] } } as const;
  return {
    session,
    async run() {
      if (together === 1)
        return void (await runtime.run(
          session,
          { ...cache, ...stays, ...newFeeds(length, rows, shape) },
          { kept, wanted },
        ));
      for (const [step, slot] of slots.entries()) {
        const feeds = { ...cache, ...stays, ...newFeeds(length + step, 1, shape) };
        if (step > 0) feeds[DEVICE_INPUTS.tokens] = slots[step - 1]!;
        await runtime.run(session, feeds, { kept: { ...kept, [DEVICE_OUTPUTS.argmax]: slot }, wanted: {} });
      }
      await runtime.readTokens(slots);
    },
  };
}

/** What lies on the GPU from one pass to the next. */
async function stayingFeeds(
  runtime: NodeGpuRuntime,
  { hiddenSize }: DecoderShape,
  rows: number,
): Promise<Tensors> {
  const picked = Int32Array.from({ length: rows }, (_, row) => row);
  const feeds: Tensors = {
    [DEVICE_INPUTS.picked]: new ort.Tensor('int32', picked, [rows]),
    [DEVICE_INPUTS.next]: new ort.Tensor('int32', picked, [rows, 1]),
    [DEVICE_INPUTS.terms]: new ort.Tensor('float32', new Float32Array(2 * hiddenSize), [2 * hiddenSize, 1]),
  };
  for (const [name, tensor] of Object.entries(feeds))
    feeds[name] = (await runtime.keep(tensor)) as ort.Tensor;
  return feeds;
}

/** What a pass brings; several rows are told of, as a verification is. */
function newFeeds(length: number, rows: number, { tokenCount }: DecoderShape): Tensors {
  const tokens = Int32Array.from({ length: rows }, (_, row) => (row * 17 + 3) % tokenCount);
  return {
    [DEVICE_INPUTS.tokens]: new ort.Tensor('int32', tokens, [rows]),
    [DEVICE_INPUTS.start]: new ort.Tensor('int64', BigInt64Array.of(BigInt(length)), [1]),
    [DEVICE_INPUTS.last]: new ort.Tensor('int32', Int32Array.of(length + rows - 1), [1]),
    [DEVICE_INPUTS.total]: new ort.Tensor('int32', Int32Array.of(length + rows), [1]),
    [DEVICE_INPUTS.tells]: new ort.Tensor('bool', Uint8Array.of(rows > 1 ? 1 : 0), [1]),
  };
}

/** One token as transformers.js 4 runs it: the cache comes back on the GPU, longer by a row, and the logits to the host. */
export async function theirs(asked: Asked): Promise<Passes> {
  const { runtime, length, model, dtype, cacheFolder } = asked;
  const checkpoint = await openCheckpoint(model);
  const { layers, keyValueHeads, headDim } = checkpoint.config;
  await checkpoint.dispose();
  const folder = await transformersFolder(model, cacheFolder, dtype, 'webgpu');
  const suffix = { fp32: '', int8: '_int8', int4: '_q4' }[dtype];
  const feeds: Tensors = {};
  const location: Record<string, 'gpu-buffer'> = {};
  for (let layer = 0; layer < layers; layer++)
    for (const part of parts) {
      const past = await runtime.allocate('float32', [1, keyValueHeads, length, headDim]);
      feeds[`past_key_values.${layer}.${part}`] = past as ort.Tensor;
      location[`present.${layer}.${part}`] = 'gpu-buffer';
    }
  const session = await ort.InferenceSession.create(`${folder}/onnx/model${suffix}.onnx`, {
    executionProviders: ['webgpu'],
    logSeverityLevel: 4,
    preferredOutputLocation: location,
    ...asked.options,
  });
  return {
    session,
    async run() {
      const results = await session.run({
        ...feeds,
        input_ids: new ort.Tensor('int64', BigInt64Array.of(3n), [1, 1]),
        attention_mask: new ort.Tensor('int64', new BigInt64Array(length + 1).fill(1n), [1, length + 1]),
        num_logits_to_keep: new ort.Tensor('int64', BigInt64Array.of(1n), []),
      });
      for (const name of Object.keys(location)) results[name]!.dispose();
    },
  };
}
