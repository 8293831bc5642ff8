import {
  type ModelInfo,
  type OutputRequest,
  rowOutputs,
  type SessionCore,
  type TokenId,
} from '@judge-decoding/core';
import { emptyRow, type ToyNet } from './net.ts';

/** One cache over a toy network; it drafts by its passes. */
export function toySession(net: ToyNet, info: ModelInfo): SessionCore {
  const cache = net.openCache();
  const scratch = emptyRow(net);
  return {
    forward(tokens: readonly TokenId[], request: OutputRequest, length: number) {
      const { add, outputs } = rowOutputs(tokens, request, info);
      for (const [row, token] of tokens.entries()) {
        cache.read(length + row, token, scratch);
        add(row, scratch);
      }
      return outputs;
    },
  };
}
