import type { Checkpoint } from '@judge-decoding/checkpoint';
import { decoderShape } from './decoder.ts';
import { DECODER_OUTPUTS, type DecoderShape } from './decoder-interface.ts';
import { type AttentionRows, decoderTrunk, layerRotary, type RotaryTables } from './decoder-trunk.ts';
import { DecoderWeights } from './decoder-weights.ts';
import { type BuiltGraph, GraphBuilder } from './graph.ts';
import { dtypeBits, type RunDtype } from './weight-dtype.ts';

const MICROSOFT = { domain: 'com.microsoft' } as const;

/**
 * The decoder of a checkpoint as published exports have it, in float32 or, as `dtype` says, in blocks, for other programs to run (transformers.js,
 * onnxruntime-genai): `input_ids`, `attention_mask` and `past_key_values.N.key` go in, `logits` and
 * `present.N.key` come out, attention is GroupQueryAttention. One sequence at a time, nothing padded, no window.
 *
 * @example
 * const graph = buildTransformersDecoder(await openCheckpoint('./model'), { weightsFile: 'model.onnx_data' });
 */
export function buildTransformersDecoder(
  { config, tensors }: Pick<Checkpoint, 'config' | 'tensors'>,
  options: {
    readonly weightsFile?: string;
    readonly dtype?: RunDtype;
    /**
     * `wasm`: eight bits in products of whole numbers, as published graphs have them. `webgpu`: operators that a GPU has; those of
     * `cpu` would fall to the processor there, one by one. `cpu` when absent.
     */
    readonly provider?: 'cpu' | 'wasm' | 'webgpu';
  } = {},
): BuiltGraph {
  const shape = decoderShape(config);
  const { layers, keyValueHeads, headDim, tokenCount, contextLength } = shape;
  const graph = new GraphBuilder(options);
  const bits = dtypeBits({ config, tensors }, options.dtype ?? 'fp32');
  const weights = new DecoderWeights(graph, tensors, bits, options.provider, 0);
  graph.input('input_ids', 'int64', [1, 'sequence_length']);
  graph.input('attention_mask', 'int64', [1, 'total_sequence_length']);
  graph.input('num_logits_to_keep', 'int64', []);
  const cache = (name: string, layer: number, part: 'key' | 'value') => `${name}.${layer}.${part}`;
  for (let layer = 0; layer < layers; layer++)
    for (const part of ['key', 'value'] as const) {
      const past = cache('past_key_values', layer, part);
      graph.input(past, 'float32', [1, keyValueHeads, 'past_sequence_length', headDim]);
    }
  const sizeOf = (input: string, axis: number) =>
    graph.op('Shape', [input], { attributes: { start: axis, end: axis + 1 } });
  const asInt32 = (input: string) => graph.op('Cast', [input], { attributes: { to: 6 } });
  const total = sizeOf('attention_mask', 1);
  const lengths: Lengths = {
    last: asInt32(graph.op('Sub', [total, graph.ints(1)])),
    total: asInt32(graph.op('Squeeze', [total])),
  };
  const cacheOf = (layer: number): CacheOfLayer => {
    const parts = (name: string) => (['key', 'value'] as const).map((part) => cache(name, layer, part));
    return {
      past: parts('past_key_values'),
      present: parts('present'),
      lengths,
      scale: config.attentionScale,
    };
  };
  decoderTrunk({
    graph,
    weights,
    config,
    shape,
    tokens: asInt32(graph.op('Reshape', ['input_ids', graph.ints(-1)])),
    start: sizeOf(cache('past_key_values', 0, 'key'), 2),
    rotary: layerRotary(graph, config, contextLength),
    outputFirst: false,
    attend: (layer, rows) => attention(graph, shape, apart(graph, shape, rows), cacheOf(layer)),
    ...(options.provider === 'webgpu'
      ? {
          attendPacked: (layer, packed, tables) =>
            attention(graph, shape, [packed, '', ''], cacheOf(layer), tables),
        }
      : {}),
    // the last rows, or all of them where 0 are asked for
    pick: (input) =>
      graph.op('Slice', [
        input,
        graph.op('Reshape', [graph.op('Neg', ['num_logits_to_keep']), graph.ints(1)]),
        graph.ints(END),
        graph.ints(1),
      ]),
    picksFlat: false,
  });
  graph.output(DECODER_OUTPUTS.logits, 'float32', [1, 'num_logits', tokenCount]);
  for (let layer = 0; layer < layers; layer++)
    for (const part of ['key', 'value'] as const) {
      const present = cache('present', layer, part);
      graph.output(present, 'float32', [1, keyValueHeads, 'total_sequence_length', headDim]);
    }
  return graph.build();
}

/** Behind every end. */
const END = 2 ** 31 - 1;

interface Lengths {
  /** Index of the last position. int32 [1] */
  readonly last: string;
  /** int32 scalar */
  readonly total: string;
}

interface CacheOfLayer {
  readonly past: readonly string[];
  readonly present: readonly string[];
  readonly lengths: Lengths;
  readonly scale: number;
}

/** Queries, keys and values as the operator takes them. */
const apart = (
  graph: GraphBuilder,
  { attentionHeads, keyValueHeads, headDim }: DecoderShape,
  { queries, keys, values }: AttentionRows,
): readonly string[] =>
  (
    [
      [queries, attentionHeads],
      [keys, keyValueHeads],
      [values, keyValueHeads],
    ] as const
  ).map(([rows, heads]) => graph.op('Reshape', [rows, graph.ints(1, -1, heads * headDim)]));

/** `rows`: queries, keys and values; with `tables` packed in the first, not yet turned. */
function attention(
  graph: GraphBuilder,
  { attentionHeads, keyValueHeads }: DecoderShape,
  rows: readonly string[],
  { past, present, lengths, scale }: CacheOfLayer,
  tables?: RotaryTables,
): string {
  const output = `${present[0]}.attended`;
  graph.node(
    'GroupQueryAttention',
    [
      ...rows,
      ...past,
      lengths.last,
      lengths.total,
      ...(tables === undefined ? [] : [tables.cosines, tables.sines]),
    ],
    [output, ...present],
    {
      ...MICROSOFT,
      attributes: {
        num_heads: attentionHeads,
        kv_num_heads: keyValueHeads,
        scale: { float: scale },
        ...(tables === undefined ? {} : { do_rotary: 1 }),
      },
    },
  );
  return output;
}
