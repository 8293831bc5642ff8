import { inverseFrequencies, layerAttention, type ModelConfig } from '@judge-decoding/checkpoint/browser';
import { DECODER_OUTPUTS, type DecoderShape } from './decoder-interface.ts';
import type { DecoderWeights } from './decoder-weights.ts';
import type { GraphBuilder } from './graph.ts';

const MICROSOFT = { domain: 'com.microsoft' } as const;

/** What one layer's attention is given of the rows read: names of tensors. */
export interface AttentionRows {
  /** [rows, attentionHeads, headDim], turned. */
  readonly queries: string;
  /** [rows, keyValueHeads, headDim], turned. */
  readonly keys: string;
  /** [rows, keyValueHeads, headDim] */
  readonly values: string;
}

export interface Trunk {
  readonly graph: GraphBuilder;
  readonly weights: DecoderWeights;
  readonly config: ModelConfig;
  readonly shape: DecoderShape;
  /** Tokens to read. [rows] */
  readonly tokens: string;
  /** Position of the first of them. int64 [1] */
  readonly start: string;
  readonly rotary: LayerRotary;
  /**
   * Writes the product by the largest matrix before all other nodes, though its input comes last: ONNX
   * Runtime packs matrices in the order of the nodes, with what is unpacked beside them, and sorts the nodes
   * of a graph itself (of a subgraph it does not).
   */
  readonly outputFirst: boolean;
  /** Attention of one layer: [1, rows, attentionHeads · headDim]. */
  attend(layer: number, rows: AttentionRows): string;
  /**
   * The same from the product of queries, keys and values as it comes, [1, rows, (attentionHeads + 2 · keyValueHeads) · headDim],
   * not yet turned: an operator that splits and turns by itself. Not asked where heads are normed or its tables do not fit.
   */
  attendPacked?(layer: number, packed: string, tables: RotaryTables): string;
  /** The rows of the last layer that go on: [1, rows, hiddenSize] → [(1,) picked, hiddenSize]. */
  pick(input: string): string;
  /** Whether `pick` drops the leading 1. */
  readonly picksFlat: boolean;
}

export interface RotaryTables {
  readonly cosines: string;
  readonly sines: string;
}

/** The tables of each layer; `undefined` where nothing is turned. */
export type LayerRotary = (layer: number) => RotaryTables | undefined;

/**
 * From tokens to `DECODER_OUTPUTS.logits` and the states before them, attention left to the caller.
 * Every graph of a checkpoint adds its weights in this order, so that all of them read one file.
 */
export function decoderTrunk(trunk: Trunk): void {
  const { graph, weights, config, shape } = trunk;
  const { layers, hiddenSize, attentionHeads, keyValueHeads, headDim, tokenCount } = shape;
  const { intermediateSize, attentionBias, outputNorms } = config;
  const norm = (name: string, size = hiddenSize) => weights.vector(name, size, config.normOffset);
  const epsilon = { float: config.rmsNormEps };
  /** The residual stream and its norm in one operator: [normed, sum]. */
  const addAndNorm = (
    addend: string,
    stream: string,
    weight: string,
    as?: { normed: string; sum: string },
  ) => {
    const normed = as?.normed ?? `${weight}.normed`;
    const sum = as?.sum ?? `${weight}.sum`;
    graph.node('SkipSimplifiedLayerNormalization', [addend, stream, norm(weight)], [normed, '', '', sum], {
      ...MICROSOFT,
      attributes: { epsilon },
    });
    return { normed, sum };
  };
  /** Norms rows (or heads) by themselves. */
  const normAlone = (input: string, weight: string) =>
    graph.op('SimplifiedLayerNormalization', [input, weight], {
      attributes: { axis: -1, epsilon, stash_type: 1 },
    });
  const split = (input: string, sizes: readonly number[], names: readonly string[]) =>
    graph.node('Split', [input, graph.ints(...sizes)], names, { attributes: { axis: 2 } });

  /** Splits, norms and turns before the operator of attention. */
  const attendApart = (layer: number, packed: string, tables: RotaryTables | undefined): string => {
    const prefix = `model.layers.${layer}`;
    const at = (name: string) => `${prefix}.${name}`;
    const queryRows = attentionHeads * headDim;
    const keyValueRows = keyValueHeads * headDim;
    // queries and keys are normed and turn together: the operators see one tensor with more heads
    split(packed, [queryRows + keyValueRows, keyValueRows], [at('turning'), at('values')]);
    const allHeads = graph.ints(-1, attentionHeads + keyValueHeads, headDim);
    const together = config.queryKeyNorm
      ? graph.op('Reshape', [
          normHeads(trunk, graph.op('Reshape', [at('turning'), allHeads]), prefix, normAlone),
          graph.ints(1, -1, queryRows + keyValueRows),
        ])
      : at('turning');
    const turned =
      tables === undefined
        ? together
        : graph.op('RotaryEmbedding', [together, trunk.start, tables.cosines, tables.sines], MICROSOFT);
    const heads = graph.op('Reshape', [turned, allHeads]);
    const [queries, keys] = [at('queries'), at('keys')];
    graph.node('Split', [heads, graph.ints(attentionHeads, keyValueHeads)], [queries, keys], {
      attributes: { axis: 1 },
    });
    const values = graph.op('Reshape', [at('values'), graph.ints(-1, keyValueHeads, headDim)]);
    return trunk.attend(layer, { queries, keys, values });
  };

  const output = outputMatrix(config);
  const addOutput = graph.hold(() =>
    weights.linear(DECODER_OUTPUTS.postNorm, output, hiddenSize, [{ name: output, rows: tokenCount }], {
      as: DECODER_OUTPUTS.logits,
      flat: trunk.picksFlat,
    }),
  );
  if (trunk.outputFirst) addOutput();

  const embedded = weights.rows('model.embed_tokens.weight', trunk.tokens, tokenCount, hiddenSize);
  let stream = graph.op('Unsqueeze', [scaled(graph, embedded, config.embeddingScale), graph.ints(0)]);
  let normed = normAlone(stream, norm('model.layers.0.input_layernorm.weight'));

  for (let layer = 0; layer < layers; layer++) {
    const prefix = `model.layers.${layer}`;
    const at = (name: string) => `${prefix}.${name}`;
    const queryRows = attentionHeads * headDim;
    const keyValueRows = keyValueHeads * headDim;

    const packed = weights.linear(normed, at('self_attn.qkv'), hiddenSize, [
      { name: at('self_attn.q_proj'), rows: queryRows, bias: attentionBias.query },
      { name: at('self_attn.k_proj'), rows: keyValueRows, bias: attentionBias.key },
      { name: at('self_attn.v_proj'), rows: keyValueRows, bias: attentionBias.value },
    ]);
    const tables = trunk.rotary(layer);
    const attended =
      trunk.attendPacked !== undefined && tables !== undefined && turnsPacked(config)
        ? trunk.attendPacked(layer, packed, tables)
        : attendApart(layer, packed, tables);
    const projected = weights.linear(attended, at('self_attn.o_proj'), queryRows, [
      { name: at('self_attn.o_proj'), rows: hiddenSize, bias: attentionBias.output },
    ]);
    const attention = outputNorms
      ? normAlone(projected, norm(at('post_attention_layernorm.weight')))
      : projected;
    const middleNorm = outputNorms ? 'pre_feedforward_layernorm' : 'post_attention_layernorm';
    const middle = addAndNorm(attention, stream, at(`${middleNorm}.weight`));

    const gateUp = weights.linear(middle.normed, at('mlp.gate_up'), hiddenSize, [
      { name: at('mlp.gate_proj'), rows: intermediateSize },
      { name: at('mlp.up_proj'), rows: intermediateSize },
    ]);
    split(gateUp, [intermediateSize, intermediateSize], [at('gate'), at('up')]);
    const gate = activated(graph, at('gate'), config.activation);
    const fed = weights.linear(graph.op('Mul', [gate, at('up')]), at('mlp.down_proj'), intermediateSize, [
      { name: at('mlp.down_proj'), rows: hiddenSize },
    ]);
    const down = outputNorms ? normAlone(fed, norm(at('post_feedforward_layernorm.weight'))) : fed;

    if (layer + 1 < layers) {
      const weight = `model.layers.${layer + 1}.input_layernorm.weight`;
      const next = addAndNorm(down, middle.sum, weight, {
        normed: `${weight}.normed`,
        sum: DECODER_OUTPUTS.layer(layer + 1),
      });
      stream = next.sum;
      normed = next.normed;
    } else {
      // only the picked rows go on: a prefill needs one at most
      addAndNorm(trunk.pick(down), trunk.pick(middle.sum), 'model.norm.weight', {
        normed: DECODER_OUTPUTS.postNorm,
        sum: DECODER_OUTPUTS.preNorm,
      });
    }
  }
  if (!trunk.outputFirst) addOutput();
}

/** GroupQueryAttention turns by tables whose columns are a multiple of 8. */
const turnsPacked = ({ queryKeyNorm, headDim }: ModelConfig): boolean => !queryKeyNorm && headDim % 16 === 0;

/** The matrix of the logits, without its `.weight`. */
export const outputMatrix = ({ tiedEmbeddings }: ModelConfig): string =>
  tiedEmbeddings ? 'model.embed_tokens' : 'lm_head';

function activated(graph: GraphBuilder, input: string, activation: ModelConfig['activation']): string {
  // gelu by its tanh formula
  if (activation === 'gelu-tanh') return graph.op('FastGelu', [input], MICROSOFT);
  // QuickGelu with alpha 1 is x · sigmoid(x), that is SiLU, in one pass
  return graph.op('QuickGelu', [input], { ...MICROSOFT, attributes: { alpha: { float: 1 } } });
}

function scaled(graph: GraphBuilder, input: string, scale: number): string {
  if (scale === 1) return input;
  return graph.op('Mul', [input, graph.constant('embedding_scale', 'float32', [1], Float32Array.of(scale))]);
}

/** Every query's head by one weight, every key's by another: [rows, attentionHeads + keyValueHeads, headDim]. */
function normHeads(
  { graph, weights, config, shape }: Trunk,
  heads: string,
  prefix: string,
  norm: (input: string, weight: string) => string,
): string {
  const { attentionHeads, keyValueHeads, headDim } = shape;
  const part = (name: string) => `${prefix}.self_attn.${name}`;
  const [queries, keys] = [part('unnormed_queries'), part('unnormed_keys')];
  graph.node('Split', [heads, graph.ints(attentionHeads, keyValueHeads)], [queries, keys], {
    attributes: { axis: 1 },
  });
  const normed = (input: string, name: string) =>
    norm(input, weights.vector(`${part(name)}.weight`, headDim, config.normOffset));
  return graph.op('Concat', [normed(queries, 'q_norm'), normed(keys, 'k_norm')], { attributes: { axis: 1 } });
}

/** The tables that a model's layers turn by, each kind once. */
export function layerRotary(graph: GraphBuilder, config: ModelConfig, positions: number): LayerRotary {
  const { headDim } = config;
  const tables = new Map<string, RotaryTables>();
  const layers = Array.from({ length: config.layers }, (_, layer) => {
    const { rope } = layerAttention(config, layer);
    if (rope === null) return undefined;
    const key = JSON.stringify(rope);
    const name = tables.size === 0 ? 'rotary' : `rotary.${tables.size}`;
    const known = tables.get(key) ?? rotaryTables(graph, { headDim, rope }, positions, name);
    tables.set(key, known);
    return known;
  });
  return (layer) => layers[layer];
}

/** Cosines and sines of position · frequency, [positions, headDim / 2] each. */
function rotaryTables(
  graph: GraphBuilder,
  config: Pick<ModelConfig, 'headDim' | 'rope'>,
  positions: number,
  name: string,
): RotaryTables {
  const half = config.headDim / 2;
  const table = (part: string, of: (angle: number) => number) =>
    graph.weight(`${name}.${part}`, 'float32', [positions, half], async () => {
      const frequencies = inverseFrequencies(config);
      const data = new Float32Array(positions * half);
      for (let position = 0; position < positions; position++) {
        for (let index = 0; index < half; index++) {
          data[position * half + index] = of(position * frequencies[index]!);
        }
      }
      return data;
    });
  return { cosines: table('cosines', Math.cos), sines: table('sines', Math.sin) };
}
