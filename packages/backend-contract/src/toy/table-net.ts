import type { TokenId } from '@judge-decoding/core';
import type { ToyNet } from './net.ts';

/**
 * Probabilities of every next token, by the last token and (order 2) the one before it, which
 * is undefined where the text has one token only. They are taken as they are: let them sum to 1.
 */
export type NextTable = (last: TokenId, previous: TokenId | undefined) => readonly number[];

export interface TableNetOptions {
  readonly vocab: number;
  readonly order: 1 | 2;
  readonly next: NextTable;
}

/** Number of the hidden unit that is on after `last` (and `previous`, order 2). */
export function tableState(
  { vocab, order }: Pick<TableNetOptions, 'vocab' | 'order'>,
  last: TokenId,
  previous?: TokenId,
): number {
  return order === 1 ? last : (previous ?? vocab) * vocab + last;
}

/**
 * A network whose next-token distribution is written down, so that the law of anything sampled
 * from it can be computed exactly. Its pre-norm hidden state is one-hot over the states of the
 * table: a judge head can give every state the score it likes.
 */
export function tableNet(options: TableNetOptions): ToyNet {
  const { vocab, order, next } = options;
  const states = order === 1 ? vocab : (vocab + 1) * vocab;
  const logits = new Float32Array(states * vocab);
  for (let last = 0; last < vocab; last++) {
    for (const previous of order === 1 ? [undefined] : [...Array(vocab).keys(), undefined]) {
      const row = tableState(options, last, previous);
      logits.set(next(last, previous).map(Math.log), row * vocab);
    }
  }
  const lit = Math.sqrt(states);

  return {
    vocabSize: vocab,
    hiddenSize: states,
    openCache() {
      const tokens: TokenId[] = [];
      return {
        read(position, token, row) {
          tokens[position] = token;
          const state = tableState(options, token, tokens[position - 1]);
          row.preNorm.fill(0);
          row.preNorm[state] = 1;
          row.postNorm.fill(0);
          row.postNorm[state] = lit;
          row.logits.set(logits.subarray(state * vocab, (state + 1) * vocab));
        },
      };
    },
  };
}
