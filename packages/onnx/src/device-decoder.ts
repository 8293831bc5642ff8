import { type Checkpoint, layerAttention } from '@judge-decoding/checkpoint/browser';
import { type DecoderGraph, type DecoderOptions, decoderShape } from './decoder.ts';
import { DECODER_OUTPUTS } from './decoder-interface.ts';
import { decoderTrunk, layerRotary, type RotaryTables } from './decoder-trunk.ts';
import { DecoderWeights } from './decoder-weights.ts';
import { DEVICE_INPUTS, DEVICE_OUTPUTS } from './device-interface.ts';
import { GraphBuilder } from './graph.ts';
import { dtypeBits } from './weight-dtype.ts';

const MICROSOFT = { domain: 'com.microsoft' } as const;

export interface DeviceDecoderOptions extends Omit<DecoderOptions, 'exact'> {
  /** Whether there is what `tells` asks for; yes when absent. Without it nothing branches. */
  readonly telling?: boolean;
}

/**
 * The decoder of a checkpoint for a device that keeps the cache (ONNX Runtime's WebGPU provider).
 *
 * GroupQueryAttention writes keys and values in place, where past and present are one buffer, and reads the
 * valid rows alone: a rollback is a smaller number. Argmax, log-probabilities of the tokens that follow and the
 * judge's dot products are in the graph, so that of a verification some hundred bytes leave the device.
 */
export function buildDeviceDecoder(
  checkpoint: Pick<Checkpoint, 'config' | 'tensors'>,
  options: DeviceDecoderOptions = {},
): DecoderGraph {
  const { config, tensors } = checkpoint;
  const { telling = true } = options;
  const shape = decoderShape(config, options.contextLength);
  const { layers, hiddenSize, attentionHeads, keyValueHeads, headDim, tokenCount, contextLength } = shape;
  const graph = new GraphBuilder(options);
  const weights = new DecoderWeights(graph, tensors, dtypeBits(checkpoint, options.dtype), 'webgpu');
  const cacheDims = [1, keyValueHeads, 'capacity', headDim];

  graph.input(DEVICE_INPUTS.tokens, 'int32', ['rows']);
  graph.input(DEVICE_INPUTS.start, 'int64', [1]);
  graph.input(DEVICE_INPUTS.last, 'int32', [1]);
  graph.input(DEVICE_INPUTS.total, 'int32', [1]);
  graph.input(DEVICE_INPUTS.picked, 'int32', ['picked']);
  if (telling) {
    graph.input(DEVICE_INPUTS.tells, 'bool', [1]);
    graph.input(DEVICE_INPUTS.next, 'int32', ['picked', 1]);
    graph.input(DEVICE_INPUTS.terms, 'float32', [2 * hiddenSize, 'terms']);
  }
  for (let layer = 0; layer < layers; layer++) {
    graph.input(DEVICE_INPUTS.key(layer), 'float32', cacheDims);
    graph.input(DEVICE_INPUTS.value(layer), 'float32', cacheDims);
  }
  const attention = (
    layer: number,
    rows: readonly [queries: string, keys: string, values: string],
    tables?: RotaryTables,
  ): string => {
    const attended = `model.layers.${layer}.attended`;
    graph.node(
      'GroupQueryAttention',
      [
        ...rows,
        DEVICE_INPUTS.key(layer),
        DEVICE_INPUTS.value(layer),
        DEVICE_INPUTS.last,
        DEVICE_INPUTS.total,
        ...(tables === undefined ? [] : [tables.cosines, tables.sines]),
      ],
      [attended, DEVICE_OUTPUTS.key(layer), DEVICE_OUTPUTS.value(layer)],
      {
        ...MICROSOFT,
        attributes: {
          num_heads: attentionHeads,
          kv_num_heads: keyValueHeads,
          scale: { float: config.attentionScale },
          local_window_size: layerAttention(config, layer).window ?? -1,
          ...(tables === undefined ? {} : { do_rotary: 1 }),
        },
      },
    );
    return attended;
  };
  decoderTrunk({
    graph,
    weights,
    config,
    shape,
    tokens: DEVICE_INPUTS.tokens,
    start: DEVICE_INPUTS.start,
    rotary: layerRotary(graph, config, contextLength),
    outputFirst: true,
    attend(layer, { queries, keys, values }) {
      const flat = (heads: string, count: number) =>
        graph.op('Reshape', [heads, graph.ints(1, -1, count * headDim)]);
      return attention(layer, [
        flat(queries, attentionHeads),
        flat(keys, keyValueHeads),
        flat(values, keyValueHeads),
      ]);
    },
    // splitting, turning and writing to the cache in one: an operator is what a pass of a small model waits for
    attendPacked: (layer, packed, tables) => attention(layer, [packed, '', ''], tables),
    pick: (input) =>
      graph.op('Gather', [graph.op('Reshape', [input, graph.ints(-1, hiddenSize)]), DEVICE_INPUTS.picked]),
    picksFlat: true,
  });

  const { logits, preNorm, postNorm } = DECODER_OUTPUTS;
  // nothing overflows behind the largest logit, whose place is the least among its equals: ArgMax would read a row in one thread
  const largest = graph.op('ReduceMax', [logits], { attributes: { axes: [1], keepdims: 1 } });
  const places = Int32Array.from({ length: tokenCount }, (_, token) => token);
  const place = graph.op('Where', [
    graph.op('Equal', [logits, largest]),
    graph.constant('places', 'int32', [1, tokenCount], places),
    graph.constant('last_place', 'int32', [1, 1], places.subarray(tokenCount - 1)),
  ]);
  graph.op('ReduceMin', [place], { as: DEVICE_OUTPUTS.argmax, attributes: { axes: [1], keepdims: 0 } });
  if (telling) {
    const below = () => graph.op('Sub', [logits, largest]);
    tell(graph, { below, states: [preNorm, postNorm] });
    graph.output(DEVICE_OUTPUTS.chosen, 'float32', ['picked', 1]);
    graph.output(DEVICE_OUTPUTS.judge, 'float32', ['picked', 'terms']);
    graph.output(DEVICE_OUTPUTS.told, 'float32', ['picked', 'told']);
  }

  graph.output(DEVICE_OUTPUTS.argmax, 'int32', ['picked']);
  graph.output(DEVICE_OUTPUTS.logits, 'float32', ['picked', tokenCount]);
  graph.output(DEVICE_OUTPUTS.preNorm, 'float32', ['picked', hiddenSize]);
  graph.output(DEVICE_OUTPUTS.postNorm, 'float32', ['picked', hiddenSize]);
  for (let layer = 0; layer < layers; layer++) {
    graph.output(DEVICE_OUTPUTS.key(layer), 'float32', cacheDims);
    graph.output(DEVICE_OUTPUTS.value(layer), 'float32', cacheDims);
  }
  const { dtype } = weights;
  return { ...graph.build(), shape, dtype, pairedOutput: false, report: () => weights.report() };
}

/** Outputs that a plain step and a draft have no use for: what is not run costs no dispatch. */
const TOLD = [DEVICE_OUTPUTS.chosen, DEVICE_OUTPUTS.judge, DEVICE_OUTPUTS.told] as const;

/** `below`: logits less the largest of their row. [picked, tokenCount] `states`: [picked, hiddenSize] each. */
function tell(
  graph: GraphBuilder,
  { below, states }: { readonly below: () => string; readonly states: readonly string[] },
): void {
  const inner = (name: string) => `${name}.here`;
  const nothing = graph.constant('nothing', 'float32', [0, 1], new Float32Array(0));
  const outputs = (write: () => void) => () => {
    write();
    for (const name of TOLD) graph.output(inner(name), 'float32', ['rows', 'columns']);
  };
  const then_branch = graph.subgraph(
    'telling',
    outputs(() => {
      const [chosen, judge, told] = TOLD.map(inner);
      const logits = below();
      const next = graph.op('GatherElements', [logits, DEVICE_INPUTS.next], { attributes: { axis: 1 } });
      const normaliser = graph.op('ReduceLogSumExp', [logits], { attributes: { axes: [1], keepdims: 1 } });
      graph.op('Sub', [next, normaliser], { as: chosen! });
      const both = graph.op('Concat', states, { attributes: { axis: 1 } });
      graph.op('MatMul', [both, DEVICE_INPUTS.terms], { as: judge! });
      // places of tokens are whole numbers that floats hold
      const favourite = graph.op('Reshape', [
        graph.op('Cast', [DEVICE_OUTPUTS.argmax], { attributes: { to: 1 } }),
        graph.ints(-1, 1),
      ]);
      graph.op('Concat', [favourite, chosen!, judge!], { as: told!, attributes: { axis: 1 } });
    }),
  );
  const else_branch = graph.subgraph(
    'silent',
    outputs(() => {
      for (const name of TOLD) graph.op('Identity', [nothing], { as: inner(name) });
    }),
  );
  graph.node('If', [DEVICE_INPUTS.tells], TOLD, { attributes: { then_branch, else_branch } });
}
