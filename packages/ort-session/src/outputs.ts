import {
  type ForwardOutputs,
  type HiddenName,
  hiddenNameOf,
  type OutputRequest,
  type TokenId,
  type TopTokens,
} from '@judge-decoding/core';
import { DECODER_OUTPUTS, TAIL } from '@judge-decoding/onnx/interface';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { type Fetched, outputOf } from './decoder-run.ts';
import { judgeDots } from './judge-dots.ts';
import type { OrtRuntime } from './runtime.ts';
import type { Tails } from './tails.ts';

/** Computes outputs from the decoder's rows. */
export interface OutputTools {
  readonly runtime: OrtRuntime;
  readonly tails: Tails;
}

type Results = InferenceSession.ReturnType;

/** What the decoder must hand over for a request. */
export function fetchedFor({
  argmax,
  chosen,
  top,
  judge,
  hidden,
  logits,
}: OutputRequest): readonly Fetched[] {
  const states = new Set<HiddenName>([...(hidden ?? []), ...(judge ?? []).map(hiddenNameOf)]);
  const fetched: Fetched[] = [];
  if (argmax) fetched.push('argmax');
  if (logits || chosen || top !== undefined) fetched.push('logits');
  if (states.has('pre-norm')) fetched.push('preNorm');
  if (states.has('post-norm')) fetched.push('postNorm');
  for (const state of states) if (state !== 'pre-norm' && state !== 'post-norm') fetched.push(state);
  return fetched;
}

/**
 * Exactly the outputs asked for, over rows that the decoder has computed. `nexts` are the tokens
 * that follow the first rows; the last row of a pass has none.
 */
export async function outputsOf(
  results: Results,
  rows: number,
  nexts: readonly TokenId[],
  request: OutputRequest,
  tools: OutputTools,
): Promise<Partial<ForwardOutputs>> {
  const outputs: { -readonly [Name in keyof ForwardOutputs]?: ForwardOutputs[Name] } = {};
  const { argmax, chosen, top, judge, hidden, logits } = request;
  if (argmax) outputs.argmax = narrowed(results[DECODER_OUTPUTS.argmax]!);
  if (logits) outputs.logits = floats(results[DECODER_OUTPUTS.logits]!);
  const statesOf = (state: HiddenName) => {
    if (state === 'pre-norm') return floats(results[DECODER_OUTPUTS.preNorm]!);
    if (state === 'post-norm') return floats(results[DECODER_OUTPUTS.postNorm]!);
    const { data, dims } = results[outputOf(state)]!;
    // a single row may have been read as two
    return (data as Float32Array).subarray(0, rows * dims.at(-1)!);
  };
  if (judge !== undefined) outputs.judge = judgeDots(judge, rows, statesOf);
  if (hidden !== undefined) {
    outputs.hidden = hidden.map((state, index) => {
      const rowsOf = statesOf(state);
      // asked for twice, given twice: each array is the caller's own
      return hidden.indexOf(state) < index ? rowsOf.slice() : rowsOf;
    });
  }
  if (chosen !== true && top === undefined) return outputs;

  const { Tensor } = tools.runtime;
  const feeds: Record<string, Tensor> = { [TAIL.logits]: results[DECODER_OUTPUTS.logits]! };
  if (chosen) feeds[TAIL.next] = new Tensor('int64', BigInt64Array.from(nexts, BigInt), [nexts.length]);
  if (top !== undefined) feeds[TAIL.count] = new Tensor('int64', BigInt64Array.of(BigInt(top)), [1]);
  const session = await tools.tails.session({ chosen: chosen === true, top: top !== undefined });
  const tail = await session.run(feeds);

  if (chosen) outputs.chosen = floats(tail[TAIL.chosen]!);
  if (top !== undefined) outputs.top = topFrom(tail, top);
  return outputs;
}

/** The likeliest tokens of rows of logits, [rows, tokenCount], in the host's memory. */
export async function topOf(logits: Tensor, count: number, tools: OutputTools): Promise<TopTokens> {
  const session = await tools.tails.session({ chosen: false, top: true });
  const counted = new tools.runtime.Tensor('int64', BigInt64Array.of(BigInt(count)), [1]);
  return topFrom(await session.run({ [TAIL.logits]: logits, [TAIL.count]: counted }), count);
}

const topFrom = (tail: Results, count: number): TopTokens => ({
  count,
  ids: narrowed(tail[TAIL.topIds]!),
  logProbs: floats(tail[TAIL.topLogProbs]!),
  logSumExp: floats(tail[TAIL.logSumExp]!),
  entropy: floats(tail[TAIL.entropy]!),
});

/** The outputs of parts of one pass, in order, as of one. */
export function joinOutputs(
  parts: readonly Partial<ForwardOutputs>[],
  request: OutputRequest,
): Partial<ForwardOutputs> {
  if (parts.length === 1) return parts[0]!;
  const joined: { -readonly [Name in keyof ForwardOutputs]?: ForwardOutputs[Name] } = {};
  const { argmax, chosen, top, judge, hidden, logits } = request;
  const floatsOf = (part: (outputs: Partial<ForwardOutputs>) => Float32Array) =>
    concat(parts.map(part), (length) => new Float32Array(length));
  if (argmax)
    joined.argmax = concat(
      parts.map((part) => part.argmax!),
      (length) => new Int32Array(length),
    );
  if (chosen) joined.chosen = floatsOf((part) => part.chosen!);
  if (top !== undefined) {
    joined.top = {
      count: top,
      ids: concat(
        parts.map((part) => part.top!.ids),
        (length) => new Int32Array(length),
      ),
      logProbs: floatsOf((part) => part.top!.logProbs),
      logSumExp: floatsOf((part) => part.top!.logSumExp),
      entropy: floatsOf((part) => part.top!.entropy),
    };
  }
  if (judge !== undefined) joined.judge = floatsOf((part) => part.judge!);
  if (hidden !== undefined)
    joined.hidden = hidden.map((_, index) => floatsOf((part) => part.hidden![index]!));
  if (logits) joined.logits = floatsOf((part) => part.logits!);
  return joined;
}

function concat<Values extends Float32Array | Int32Array>(
  parts: readonly Values[],
  make: (length: number) => Values,
): Values {
  const all = make(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

const floats = (tensor: Tensor): Float32Array => tensor.data as Float32Array;

/** int64 ids as int32. */
const narrowed = (tensor: Tensor): Int32Array => Int32Array.from(tensor.data as BigInt64Array, Number);
