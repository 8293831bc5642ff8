import type { ForwardOutputs, ModelInfo, OutputRequest, TokenId } from '@judge-decoding/core';
import { argmaxOf, dotOf, entropyOf, logSumExpOf, topOf } from '../row-math.ts';
import type { ToyRow } from './net.ts';

/** Fills what one pass returns, row by row. */
export interface RowOutputs {
  add(row: number, read: ToyRow): void;
  readonly outputs: Partial<ForwardOutputs>;
}

/** Fresh arrays for exactly what `request` asks, so that nothing returned is ever written again. */
export function rowOutputs(
  tokens: readonly TokenId[],
  request: OutputRequest,
  { vocabSize, hiddenSize }: ModelInfo,
): RowOutputs {
  const rows = tokens.length;
  const outputs: { -readonly [Name in keyof ForwardOutputs]?: ForwardOutputs[Name] } = {};
  const fill: ((row: number, read: ToyRow) => void)[] = [];

  if (request.argmax) {
    const argmax = new Int32Array(rows);
    outputs.argmax = argmax;
    fill.push((row, { logits }) => {
      argmax[row] = argmaxOf(logits);
    });
  }
  if (request.chosen) {
    const chosen = new Float32Array(rows - 1);
    outputs.chosen = chosen;
    fill.push((row, { logits }) => {
      if (row < rows - 1) chosen[row] = logits[tokens[row + 1]!]! - logSumExpOf(logits);
    });
  }
  if (request.top !== undefined) {
    const count = request.top;
    const top = {
      count,
      ids: new Int32Array(rows * count),
      logProbs: new Float32Array(rows * count),
      logSumExp: new Float32Array(rows),
      entropy: new Float32Array(rows),
    };
    outputs.top = top;
    fill.push((row, { logits }) => {
      const logSumExp = logSumExpOf(logits);
      top.logSumExp[row] = logSumExp;
      top.entropy[row] = entropyOf(logits, logSumExp);
      const ids = topOf(logits, count);
      top.ids.set(ids, row * count);
      top.logProbs.set(
        ids.map((id) => logits[id]! - logSumExp),
        row * count,
      );
    });
  }
  if (request.judge) {
    const terms = request.judge;
    const judge = new Float32Array(rows * terms.length);
    outputs.judge = judge;
    fill.push((row, { preNorm, postNorm }) => {
      terms.forEach(({ state, weights }, term) => {
        judge[row * terms.length + term] = dotOf(weights, state === 'pre-norm' ? preNorm : postNorm);
      });
    });
  }
  if (request.hidden) {
    const hidden = request.hidden.map(() => new Float32Array(rows * hiddenSize));
    const states = request.hidden;
    outputs.hidden = hidden;
    fill.push((row, { preNorm, postNorm }) => {
      states.forEach((state, index) => {
        hidden[index]!.set(state === 'pre-norm' ? preNorm : postNorm, row * hiddenSize);
      });
    });
  }
  if (request.logits) {
    const logits = new Float32Array(rows * vocabSize);
    outputs.logits = logits;
    fill.push((row, read) => logits.set(read.logits, row * vocabSize));
  }

  return {
    outputs,
    add(row, read) {
      for (const one of fill) one(row, read);
    },
  };
}
