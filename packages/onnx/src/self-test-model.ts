import type { Checkpoint, ModelConfig, TensorInfo, TensorSource } from '@judge-decoding/checkpoint/browser';
import { expectedTensors } from '@judge-decoding/checkpoint/browser';

const WIDTH = 64;

/**
 * A decoder of one small layer with the heads of another, weights made up: enough to see whether a device
 * computes what it should. Its passes are the other's kernels, so nothing is learnt that would not be needed.
 */
export function selfTestModel(of: ModelConfig): Pick<Checkpoint, 'config' | 'tensors'> {
  const config: ModelConfig = {
    ...of,
    layers: 1,
    hiddenSize: WIDTH,
    intermediateSize: WIDTH,
    attentionHeads: of.attentionHeads / of.keyValueHeads,
    keyValueHeads: 1,
    vocabSize: WIDTH,
    tokenCount: WIDTH,
    contextLength: 128,
    unrotatedLayers: [],
    slidingWindow: null,
  };
  return { config, tensors: madeUpTensors(config) };
}

/** float32 numbers that depend on nothing but their places. */
function madeUpTensors(config: ModelConfig): TensorSource {
  const infos = new Map<string, TensorInfo>(
    expectedTensors(config).map(({ name, shape }) => [
      name,
      { name, shape, type: 'F32', byteLength: 4 * shape.reduce((a, b) => a * b, 1) },
    ]),
  );
  const read: TensorSource['read'] = async (name, rows) => {
    const { shape } = infos.get(name)!;
    const [all, columns = 1] = shape as [number, number?];
    const { first, count } = rows ?? { first: 0, count: all };
    const isNorm = shape.length === 1 && !name.endsWith('.bias');
    const seed = [...name].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 9973, 7);
    return Float32Array.from({ length: count * columns }, (_, index) => {
      const value = Math.sin(seed + 12.9898 * (first * columns + index));
      return isNorm ? 1 + 0.1 * value : 0.25 * value;
    });
  };
  return {
    list: () => [...infos.values()],
    has: (name) => infos.has(name),
    info: (name) => infos.get(name)!,
    read,
    raw: async (name, rows) => new Uint8Array((await read(name, rows)).buffer),
  };
}
