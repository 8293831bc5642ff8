import type { ForwardOutputs, HiddenName, ModelInfo, OutputRequest, TokenId } from '../backend.ts';
import { hiddenNameOf, layerOf } from '../judge/hidden-name.ts';
import { logSumExp } from '../sampling/log-sum-exp.ts';
import { argmax as argmaxOf } from '../sampling/sampling.ts';

/** What a model knows after reading one token. Hidden states may be left out where none is offered. */
export interface ReadRow {
  /** Raw scores of the next token. [vocabSize] */
  readonly logits: Float32Array;
  /** [hiddenSize] */
  readonly preNorm?: Float32Array;
  /** [hiddenSize] */
  readonly postNorm?: Float32Array;
  /** States of the layers that are offered, by number. [hiddenSize] each */
  readonly layers?: ReadonlyMap<number, Float32Array>;
}

function stateOf({ preNorm, postNorm, layers }: ReadRow, name: HiddenName): Float32Array {
  const layer = layerOf(name);
  return (layer !== 'last' ? layers?.get(layer) : name === 'pre-norm' ? preNorm : postNorm)!;
}

/** Fills what one pass returns, row by row. */
export interface RowOutputs {
  add(row: number, read: ReadRow): void;
  readonly outputs: Partial<ForwardOutputs>;
}

/**
 * Outputs made on the host from logits and hidden states, in float64: for backends whose device does
 * not make them, and what those that do are compared with. Fresh arrays for exactly what `request`
 * asks, so that nothing returned is ever written again.
 */
export function rowOutputs(
  tokens: readonly TokenId[],
  request: OutputRequest,
  { vocabSize, hiddenSize }: Pick<ModelInfo, 'vocabSize' | 'hiddenSize'>,
): RowOutputs {
  const rows = tokens.length;
  const outputs: { -readonly [Name in keyof ForwardOutputs]?: ForwardOutputs[Name] } = {};
  const fill: ((row: number, read: ReadRow) => void)[] = [];

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
      if (row < rows - 1) chosen[row] = logits[tokens[row + 1]!]! - logSumExp(logits);
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
      const normaliser = logSumExp(logits);
      top.logSumExp[row] = normaliser;
      top.entropy[row] = entropyOf(logits, normaliser);
      const ids = topOf(logits, count);
      top.ids.set(ids, row * count);
      top.logProbs.set(
        ids.map((id) => logits[id]! - normaliser),
        row * count,
      );
    });
  }
  if (request.judge) {
    const terms = request.judge;
    const judge = new Float32Array(rows * terms.length);
    outputs.judge = judge;
    fill.push((row, read) => {
      terms.forEach((one, term) => {
        judge[row * terms.length + term] = dotOf(one.weights, stateOf(read, hiddenNameOf(one)));
      });
    });
  }
  if (request.hidden) {
    const hidden = request.hidden.map(() => new Float32Array(rows * hiddenSize));
    const states = request.hidden;
    outputs.hidden = hidden;
    fill.push((row, read) => {
      states.forEach((name, index) => {
        hidden[index]!.set(stateOf(read, name), row * hiddenSize);
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

type Row = Float32Array;

function entropyOf(row: Row, normaliser: number): number {
  let entropy = 0;
  for (const logit of row) {
    const logProb = logit - normaliser;
    // a token of probability 0 adds nothing; 0 times -Infinity would be NaN
    if (logProb > -700) entropy -= Math.exp(logProb) * logProb;
  }
  return entropy;
}

/** Ids of the largest, largest first, lower ids first among equals. */
const topOf = (row: Row, count: number): number[] =>
  Array.from(row.keys())
    .sort((left, right) => row[right]! - row[left]! || left - right)
    .slice(0, count);

function dotOf(left: Row, right: Row): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += left[index]! * right[index]!;
  return sum;
}
