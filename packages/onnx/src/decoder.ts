import { type Checkpoint, layerAttention, type ModelConfig } from '@judge-decoding/checkpoint/browser';
import { JudgeDecodingError } from '@judge-decoding/core';
import { DECODER_INPUTS, DECODER_OUTPUTS, type DecoderShape } from './decoder-interface.ts';
import { type AttentionRows, decoderTrunk, layerRotary, outputMatrix } from './decoder-trunk.ts';
import { DecoderWeights } from './decoder-weights.ts';
import { type BuiltGraph, GraphBuilder } from './graph.ts';
import { type DecoderDtype, dtypeBits, inputDigits, type RunDtype } from './weight-dtype.ts';
import type { WeightsReport } from './weights-report.ts';

export interface DecoderOptions {
  /** `auto` when absent. */
  readonly dtype?: DecoderDtype;
  /** At most the model's own, which is the default. */
  readonly contextLength?: number;
  /** Name of the weights file, as the graph will look for it beside itself. */
  readonly weightsFile?: string;
  /**
   * Sums in one order however a text is cut into passes of two rows or more (of one row ONNX Runtime
   * multiplies in another): values of past and new rows are joined, a copy for each layer and pass.
   * docs/decisions/2026-11-25-passes-of-other-shapes.md. False when absent.
   */
  readonly exact?: boolean;
  /** What runs it: in WebAssembly other products are the fast ones. `cpu` when absent. */
  readonly provider?: 'cpu' | 'wasm';
}

export interface DecoderGraph extends BuiltGraph {
  readonly shape: DecoderShape;
  /** The widest type of the matrices it multiplies by. */
  readonly dtype: RunDtype;
  /**
   * Whether the output matrix, too, gives a single row other last bits than one of several: float32
   * and four bits do, eight bits without a minimum do not.
   */
  readonly pairedOutput: boolean;
  /** What became of the weights. Errors are known once every source has been read to its end. */
  report(): WeightsReport;
}

const MICROSOFT = { domain: 'com.microsoft' } as const;

/**
 * The numbers of a model that its graph and its sessions need.
 *
 * @throws JudgeDecodingError `invalid-option` for a context length above the model's own, or below 1.
 */
export function decoderShape(config: ModelConfig, contextLength = config.contextLength): DecoderShape {
  if (!(Number.isInteger(contextLength) && contextLength >= 1 && contextLength <= config.contextLength)) {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected \`contextLength\` to be an integer from 1 to ${config.contextLength}, the model's own, got \`${contextLength}\`.`,
    );
  }
  const { layers, hiddenSize, attentionHeads, keyValueHeads, headDim, tokenCount, slidingWindow } = config;
  const window = slidingWindow?.size ?? null;
  return { layers, hiddenSize, attentionHeads, keyValueHeads, headDim, tokenCount, contextLength, window };
}

/**
 * The decoder of a checkpoint as an ONNX graph, for ONNX Runtime's CPU provider.
 *
 * Attention reads the cache where it lies: the keys and values of the past come in as they are
 * kept, [past, heads, headDim], and those of the rows fed are multiplied apart, so nothing is
 * concatenated and an unused part of a buffer is never touched. (GroupQueryAttention writes a whole
 * new cache each step on the CPU: docs/decisions/2026-11-25-attention-on-the-cpu.md.)
 *
 * Everything that depends on the logits alone (log-probabilities, top-k, entropy) is a graph of its
 * own, `buildTail`: ONNX Runtime computes all of a graph whatever is fetched.
 */
export function buildDecoder(
  checkpoint: Pick<Checkpoint, 'config' | 'tensors'>,
  options: DecoderOptions = {},
): DecoderGraph {
  const { config, tensors } = checkpoint;
  const shape = decoderShape(config, options.contextLength);
  const { layers, hiddenSize, keyValueHeads, headDim, tokenCount, contextLength } = shape;
  const graph = new GraphBuilder(options);
  const bits = dtypeBits(checkpoint, options.dtype);
  const weights = new DecoderWeights(graph, tensors, bits, options.provider, inputDigits(config));

  graph.input(DECODER_INPUTS.tokens, 'int32', ['rows']);
  graph.input(DECODER_INPUTS.picked, 'int32', ['picked']);
  graph.input(DECODER_INPUTS.start, 'int64', [1]);
  const masks = [DECODER_INPUTS.mask, ...(shape.window === null ? [] : [DECODER_INPUTS.windowMask])];
  for (const mask of masks) graph.input(mask, 'float32', ['group_rows', 'past_and_rows']);
  for (let layer = 0; layer < layers; layer++) {
    graph.input(DECODER_INPUTS.key(layer), 'float32', ['past', keyValueHeads, headDim]);
    graph.input(DECODER_INPUTS.value(layer), 'float32', ['past', keyValueHeads, headDim]);
  }
  // one position more than there are: where sums are exact, a single row is read as two
  const rotary = layerRotary(graph, config, contextLength + 1);
  // how the scores divide into past and new: the shapes say it, so that nobody has to feed it
  const sizes = [DECODER_INPUTS.key(0), DECODER_INPUTS.tokens].map((input) =>
    graph.op('Shape', [input], { attributes: { start: 0, end: 1 } }),
  );
  const partSizes = graph.op('Concat', sizes, { attributes: { axis: 0 } });

  const newRows: string[] = [];
  decoderTrunk({
    graph,
    weights,
    config,
    shape,
    tokens: DECODER_INPUTS.tokens,
    start: DECODER_INPUTS.start,
    rotary,
    outputFirst: true,
    attend(layer, { queries, keys, values }) {
      newRows.push(keys, values);
      return attention(graph, shape, {
        queries,
        keys,
        values,
        pastKeys: DECODER_INPUTS.key(layer),
        pastValues: DECODER_INPUTS.value(layer),
        mask: layerAttention(config, layer).window === null ? DECODER_INPUTS.mask : DECODER_INPUTS.windowMask,
        scale: config.attentionScale,
        partSizes,
        exact: options.exact === true,
        name: `model.layers.${layer}.attention`,
      });
    },
    // only the picked rows go on: a prefill needs one at most
    pick: (input) =>
      graph.op('Gather', [graph.op('Reshape', [input, graph.ints(-1, hiddenSize)]), DECODER_INPUTS.picked]),
    picksFlat: true,
  });

  graph.op('ArgMax', [DECODER_OUTPUTS.logits], {
    as: DECODER_OUTPUTS.argmax,
    attributes: { axis: 1, keepdims: 0 },
  });
  graph.op('Concat', newRows, { as: DECODER_OUTPUTS.newRows, attributes: { axis: 0 } });

  graph.output(DECODER_OUTPUTS.argmax, 'int64', ['picked']);
  graph.output(DECODER_OUTPUTS.logits, 'float32', ['picked', tokenCount]);
  graph.output(DECODER_OUTPUTS.preNorm, 'float32', ['picked', hiddenSize]);
  graph.output(DECODER_OUTPUTS.postNorm, 'float32', ['picked', hiddenSize]);
  for (let layer = 1; layer < layers; layer++)
    graph.output(DECODER_OUTPUTS.layer(layer), 'float32', [1, 'rows', hiddenSize]);
  graph.output(DECODER_OUTPUTS.newRows, 'float32', ['new_rows', keyValueHeads, headDim]);
  const { dtype } = weights;
  const pairedOutput = !weights.sameAlone(outputMatrix(config));
  return { ...graph.build(), shape, dtype, pairedOutput, report: () => weights.report() };
}

interface AttentionInputs extends AttentionRows {
  /** [past, keyValueHeads, headDim] */
  readonly pastKeys: string;
  readonly pastValues: string;
  readonly mask: string;
  /** What products of queries and keys are multiplied by. */
  readonly scale: number;
  /** [past, rows] as a tensor. */
  readonly partSizes: string;
  readonly exact: boolean;
  readonly name: string;
}

/**
 * softmax(queries · [past keys, keys]ᵀ) · [past values, values] without joining past and new:
 * only the scores are joined, and the values where sums must be exact. Returns [1, rows,
 * attentionHeads · headDim].
 */
function attention(graph: GraphBuilder, shape: DecoderShape, inputs: AttentionInputs): string {
  const { attentionHeads, keyValueHeads, headDim } = shape;
  const { queries, keys, values, pastKeys, pastValues, mask, scale, partSizes, exact, name } = inputs;
  const groups = attentionHeads / keyValueHeads;
  // Query heads that share a key-value head are stacked as further rows: [keyValueHeads, groups · rows, headDim].
  // With one query head each the operator can do that transposition itself (transBatchA).
  const grouped =
    groups === 1
      ? queries
      : graph.op('Reshape', [
          graph.op(
            'Transpose',
            [graph.op('Reshape', [queries, graph.ints(-1, keyValueHeads, groups, headDim)])],
            { attributes: { perm: [1, 2, 0, 3] } },
          ),
          graph.ints(keyValueHeads, -1, headDim),
        ]);
  const scoring = {
    ...MICROSOFT,
    attributes: {
      transB: 1,
      transBatchA: groups === 1 ? 1 : 0,
      transBatchB: 1,
      alpha: { float: scale },
    },
  };
  const pastScores = graph.op('FusedMatMul', [grouped, pastKeys], scoring);
  const newScores = graph.op('FusedMatMul', [grouped, keys], scoring);
  const scores = graph.op('Concat', [pastScores, newScores], { attributes: { axis: 2 } });
  const masked = graph.op('Add', [scores, mask]);
  const shares = graph.op('Softmax', [masked], { attributes: { axis: -1 } });
  const mixing = { ...MICROSOFT, attributes: { transBatchB: 1 } };
  const mixedApart = () => {
    graph.node('Split', [shares, partSizes], [`${name}.past`, `${name}.new`], { attributes: { axis: 2 } });
    return graph.op('Add', [
      graph.op('FusedMatMul', [`${name}.past`, pastValues], mixing),
      graph.op('FusedMatMul', [`${name}.new`, values], mixing),
    ]);
  };
  const mixed = exact
    ? graph.op(
        'FusedMatMul',
        [shares, graph.op('Concat', [pastValues, values], { attributes: { axis: 0 } })],
        mixing,
      )
    : mixedApart();
  const width = attentionHeads * headDim;
  if (groups === 1) {
    const byRow = graph.op('Transpose', [mixed], { attributes: { perm: [1, 0, 2] } });
    return graph.op('Reshape', [byRow, graph.ints(1, -1, width)]);
  }
  const byGroup = graph.op('Reshape', [mixed, graph.ints(keyValueHeads, groups, -1, headDim)]);
  const byRow = graph.op('Transpose', [byGroup], { attributes: { perm: [2, 0, 1, 3] } });
  return graph.op('Reshape', [byRow, graph.ints(1, -1, width)]);
}
