import type { Checkpoint } from '@judge-decoding/checkpoint/browser';
import { JudgeDecodingError } from '@judge-decoding/core';
import { type DecoderGraph, type DecoderOptions, decoderShape } from './decoder.ts';
import { DECODER_INPUTS, DECODER_OUTPUTS, type DecoderShape, DRAFT_LOOP } from './decoder-interface.ts';
import { type AttentionRows, decoderTrunk, layerRotary } from './decoder-trunk.ts';
import { DecoderWeights } from './decoder-weights.ts';
import { type BuiltGraph, GraphBuilder } from './graph.ts';
import { dtypeBits, inputDigits } from './weight-dtype.ts';
import { weightsSize } from './weight-parts.ts';

/**
 * Weights up to which there is a graph for whole drafts: it keeps a copy of them in memory, and what it
 * saves, about 0.05 ms a token, is nothing beside what a larger model computes. Bytes.
 */
const DRAFT_LOOP_WEIGHTS = 16e6;

/** Whether whole drafts pay for a decoder, and can be made. */
export const hasDraftLoop = (decoder: Pick<DecoderGraph, 'shape' | 'weights'>): boolean =>
  weightsSize(decoder) <= DRAFT_LOOP_WEIGHTS && decoder.shape.window === null;

const MICROSOFT = { domain: 'com.microsoft' } as const;

export interface DraftLoopOptions extends Omit<DecoderOptions, 'exact'> {
  /**
   * Whether the loop ends with a token that the model finds unlikely. Four operators a token: for where they
   * cost less than what is not verified then.
   */
  readonly endsUnlikely?: boolean;
}

/**
 * A greedy draft in one run: the decoder inside a Loop, each step reading what the one before it
 * wrote. The weights file is the decoder's own. The run around a step is a third of what a step of a small
 * model takes (docs/decisions/2026-11-26-drafts-in-one-run.md).
 *
 * A step reads one row, so nobody hides from it and it needs no mask; and the past must have a row.
 * Window layers do hide something from it: for a model that has them there is no such graph.
 */
export function buildDraftLoop(
  checkpoint: Pick<Checkpoint, 'config' | 'tensors'>,
  { endsUnlikely = false, ...options }: DraftLoopOptions = {},
): BuiltGraph {
  const { config, tensors } = checkpoint;
  const shape = decoderShape(config, options.contextLength);
  const { layers, keyValueHeads, headDim, contextLength } = shape;
  if (shape.window !== null) {
    throw new JudgeDecodingError('unsupported', 'A model with window layers has no graph for whole drafts.');
  }
  const graph = new GraphBuilder(options);
  const bits = dtypeBits(checkpoint, options.dtype);
  const weights = new DecoderWeights(graph, tensors, bits, options.provider, inputDigits(config));
  const layerNumbers = Array.from({ length: layers }, (_, layer) => layer);
  /** Keys and values of every layer, as they go through the loop. */
  const carried = layerNumbers.flatMap((layer) => [`keys.${layer}`, `values.${layer}`]);
  const rowDims = (rows: string) => [rows, keyValueHeads, headDim];

  graph.input(DRAFT_LOOP.count, 'int64', []);
  graph.input(DRAFT_LOOP.token, 'int64', [1]);
  graph.input(DECODER_INPUTS.start, 'int64', [1]);
  if (endsUnlikely) graph.input(DRAFT_LOOP.least, 'float32', []);
  for (const layer of layerNumbers) {
    graph.input(DECODER_INPUTS.key(layer), 'float32', rowDims('past'));
    graph.input(DECODER_INPUTS.value(layer), 'float32', rowDims('past'));
  }
  const rotary = layerRotary(graph, config, contextLength + 1);
  const pastSize = graph.op('Shape', [DECODER_INPUTS.key(0)], { attributes: { start: 0, end: 1 } });

  const step = graph.subgraph('step', () => {
    graph.input('index', 'int64', []);
    graph.input('go', 'bool', []);
    graph.input('token', 'int64', [1]);
    for (const name of carried) graph.input(name, 'float32', rowDims('drafted'));
    const start = graph.op('Add', [DECODER_INPUTS.start, 'index']);
    let partSizes: string | undefined;
    decoderTrunk({
      graph,
      weights,
      config,
      shape,
      tokens: 'token',
      start,
      rotary,
      outputFirst: false,
      attend(layer, rows) {
        const join = (name: string, row: string) =>
          graph.op('Concat', [name, row], { as: `${name}.next`, attributes: { axis: 0 } });
        const keys = join(`keys.${layer}`, rows.keys);
        const values = join(`values.${layer}`, rows.values);
        // the same in every layer
        partSizes ??= graph.op(
          'Concat',
          [pastSize, graph.op('Shape', [keys], { attributes: { start: 0, end: 1 } })],
          { attributes: { axis: 0 } },
        );
        const { attentionScale: scale } = config;
        return attentionOfOne(graph, shape, { layer, queries: rows.queries, keys, values, partSizes, scale });
      },
      pick: (input) => input,
      picksFlat: false,
    });
    const best = graph.op('ArgMax', [DECODER_OUTPUTS.logits], { attributes: { axis: -1, keepdims: 0 } });
    graph.op('Reshape', [best, graph.ints(1)], { as: 'next' });
    graph.op('Identity', ['next'], { as: 'written' });
    if (endsUnlikely) {
      // over all of one row: scalars
      const whole = { attributes: { keepdims: 0 } };
      const largest = graph.op('ReduceMax', [DECODER_OUTPUTS.logits], whole);
      const sum = graph.op('ReduceLogSumExp', [DECODER_OUTPUTS.logits], whole);
      graph.op('Sub', [largest, sum], { as: 'log_prob' });
      graph.op('GreaterOrEqual', ['log_prob', DRAFT_LOOP.least], { as: 'on' });
    } else graph.op('Identity', ['go'], { as: 'on' });
    graph.output('on', 'bool', []);
    graph.output('next', 'int64', [1]);
    for (const name of carried) graph.output(`${name}.next`, 'float32', rowDims('drafted_and_one'));
    graph.output('written', 'int64', [1]);
    if (endsUnlikely) graph.output('log_prob', 'float32', []);
  });

  const none = graph.constant('no_rows', 'float32', [0, keyValueHeads, headDim], new Float32Array(0));
  const rows = carried.map((name) => `${name}.all`);
  graph.node(
    'Loop',
    [DRAFT_LOOP.count, '', DRAFT_LOOP.token, ...carried.map(() => none)],
    ['last', ...rows, DRAFT_LOOP.tokens, ...(endsUnlikely ? [DRAFT_LOOP.logProbs] : [])],
    { attributes: { body: step } },
  );
  graph.op('Concat', rows, { as: DECODER_OUTPUTS.newRows, attributes: { axis: 0 } });
  graph.output(DRAFT_LOOP.tokens, 'int64', ['count', 1]);
  if (endsUnlikely) graph.output(DRAFT_LOOP.logProbs, 'float32', ['count']);
  graph.output(DECODER_OUTPUTS.newRows, 'float32', rowDims('new_rows'));
  return graph.build();
}

interface OneRow extends AttentionRows {
  readonly layer: number;
  /** [rows of the past, rows drafted] */
  readonly partSizes: string;
  readonly scale: number;
}

/**
 * softmax(queries · [past, drafted]ᵀ) · [past, drafted] for one row, which may look at all of them.
 * Heads of a group are rows of one product, and of one row they lie as they are needed. Returns
 * [1, 1, attentionHeads · headDim].
 */
function attentionOfOne(graph: GraphBuilder, shape: DecoderShape, inputs: OneRow): string {
  const { attentionHeads, keyValueHeads, headDim } = shape;
  const { layer, keys, values, partSizes, scale } = inputs;
  const queries = graph.op('Reshape', [inputs.queries, graph.ints(keyValueHeads, -1, headDim)]);
  const scoring = {
    ...MICROSOFT,
    attributes: { transB: 1, transBatchB: 1, alpha: { float: scale } },
  };
  const scores = graph.op(
    'Concat',
    [
      graph.op('FusedMatMul', [queries, DECODER_INPUTS.key(layer)], scoring),
      graph.op('FusedMatMul', [queries, keys], scoring),
    ],
    { attributes: { axis: 2 } },
  );
  const shares = graph.op('Softmax', [scores], { attributes: { axis: -1 } });
  const [ofPast, ofDrafted] = [`shares.${layer}.past`, `shares.${layer}.drafted`];
  graph.node('Split', [shares, partSizes], [ofPast, ofDrafted], { attributes: { axis: 2 } });
  const mixing = { ...MICROSOFT, attributes: { transBatchB: 1 } };
  const mixed = graph.op('Add', [
    graph.op('FusedMatMul', [ofPast, DECODER_INPUTS.value(layer)], mixing),
    graph.op('FusedMatMul', [ofDrafted, values], mixing),
  ]);
  return graph.op('Reshape', [mixed, graph.ints(1, 1, attentionHeads * headDim)]);
}
