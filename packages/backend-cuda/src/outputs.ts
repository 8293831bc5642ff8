import {
  type ForwardOutputs,
  type HeadTerm,
  type HiddenName,
  type HiddenState,
  layerOf,
  type OutputRequest,
} from '@judge-decoding/core';
import type { EngineOutputs, EngineRequest } from './engine.ts';
import { MAX_TOP } from './native/abi.ts';
import { topFromLogits } from './top-from-logits.ts';

/** Whether so many of a row's tokens are picked on the host. */
const onHost = (top: number | undefined): top is number => top !== undefined && top > MAX_TOP;

/** What the device is asked for; `ids` are those of the request's terms there. */
export function engineRequest(
  { argmax, chosen, top, judge = [], hidden = [], logits }: OutputRequest,
  ids: readonly number[],
): EngineRequest {
  const layers = judge.length > 0 || hidden.length > 0 ? layersOf(judge, hidden) : [];
  const earlier = hidden.some((name) => layerOf(name) !== 'last');
  return {
    argmax: argmax === true,
    chosen: chosen === true,
    top: top === undefined || onHost(top) ? 0 : top,
    logSumExp: top !== undefined,
    entropy: top !== undefined,
    terms: judge.map(({ state, layer }, index) => ({
      state,
      id: ids[index]!,
      ...(layer === 'last' ? {} : { layer: layers.indexOf(layer) }),
    })),
    hidden: hidden.filter((name): name is HiddenState => layerOf(name) === 'last'),
    layers: Int32Array.from(layers),
    layerStates: earlier,
    logits: logits === true || onHost(top),
  };
}

/** The earlier layers that a request reads, each once. */
function layersOf(judge: readonly HeadTerm[], hidden: readonly HiddenName[]): readonly number[] {
  const all = [...judge.map(({ layer }) => layer), ...hidden.map(layerOf)];
  return [...new Set(all.filter((layer) => layer !== 'last'))];
}

/** Where a pass's rows lie among those of all passes. */
export interface RowsOfPass {
  readonly total: number;
  readonly first: number;
  readonly rows: number;
}

/** The outputs of one pass: arrays of their own. */
export function outputsOfPass(
  all: EngineOutputs,
  { total, first, rows }: RowsOfPass,
  request: OutputRequest,
): Partial<ForwardOutputs> {
  const outputs: { -readonly [Name in keyof ForwardOutputs]?: ForwardOutputs[Name] } = {};
  const floats = (values: Float32Array, perRow: number, count = rows): Float32Array =>
    part(values, first * perRow, count * perRow);
  const { argmax, chosen, top, judge, hidden, logits } = request;
  if (argmax) outputs.argmax = part(all.argmax, first, rows);
  if (chosen) outputs.chosen = floats(all.chosen, 1, rows - 1);
  if (top !== undefined) {
    const logSumExp = floats(all.logSumExp, 1);
    const vocabulary = all.logits.length / total;
    const picked = onHost(top)
      ? topFromLogits(all.logits.subarray(first * vocabulary), rows, vocabulary, top, logSumExp)
      : { ids: part(all.topIds, first * top, rows * top), logProbs: floats(all.topLogProbs, top) };
    outputs.top = { count: top, ...picked, logSumExp, entropy: floats(all.entropy, 1) };
  }
  if (judge !== undefined) outputs.judge = floats(all.judge, judge.length);
  if (hidden !== undefined) {
    const layers = layersOf(judge ?? [], hidden);
    outputs.hidden = hidden.map((state, index) => {
      const layer = layerOf(state);
      if (layer !== 'last') {
        const each = all.layerStates.length / total;
        return column(floats(all.layerStates, each), rows, layers.length, layers.indexOf(layer));
      }
      const values = state === 'pre-norm' ? all.preNorm : all.postNorm;
      const rowsOf = floats(values, values.length / total);
      // asked for twice, given twice: each array is the caller's own
      return hidden.indexOf(state) < index ? rowsOf.slice() : rowsOf;
    });
  }
  if (logits) outputs.logits = floats(all.logits, all.logits.length / total);
  return outputs;
}

/** The whole array where it is all of it, else a copy: nothing of another pass hangs on to it. */
function part<Values extends Float32Array | Int32Array>(values: Values, from: number, count: number): Values {
  return from === 0 && count === values.length ? values : (values.slice(from, from + count) as Values);
}

/** One of `count` layers of every row, [rows, count, hidden]; a copy. */
function column(values: Float32Array, rows: number, count: number, index: number): Float32Array {
  const width = values.length / (rows * count);
  const out = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const from = (row * count + index) * width;
    out.set(values.subarray(from, from + width), row * width);
  }
  return out;
}
