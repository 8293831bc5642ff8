import type { ForwardOutputs, HiddenState, OutputRequest } from '@judge-decoding/core';
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
  return {
    argmax: argmax === true,
    chosen: chosen === true,
    top: top === undefined || onHost(top) ? 0 : top,
    logSumExp: top !== undefined,
    entropy: top !== undefined,
    terms: judge.map(({ state }, index) => ({ state, id: ids[index]! })),
    // others have been refused: `info.layersOffered` lists none
    hidden: hidden as readonly HiddenState[],
    logits: logits === true || onHost(top),
  };
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
    outputs.hidden = hidden.map((state, index) => {
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
