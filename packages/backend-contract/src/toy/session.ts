import {
  hostDistributions,
  type ModelInfo,
  type OutputRequest,
  proposeByForward,
  rowOutputs,
  type SessionCore,
  type TokenId,
  verifyByForward,
} from '@judge-decoding/core';
import { emptyRow, type ToyNet } from './net.ts';

/** One cache over a toy network; drafts and decided rounds are made of its passes. */
export function toySession(net: ToyNet, info: ModelInfo): SessionCore {
  const cache = net.openCache();
  const scratch = emptyRow(net);
  const forward = (tokens: readonly TokenId[], request: OutputRequest, length: number) => {
    const { add, outputs } = rowOutputs(tokens, request, info);
    for (const [row, token] of tokens.entries()) {
      cache.read(length + row, token, scratch);
      add(row, scratch);
    }
    return outputs;
  };
  const behind = (length: number) => {
    let read = length;
    return async (tokens: readonly TokenId[], request: OutputRequest) => {
      read += tokens.length;
      return forward(tokens, request, read - tokens.length);
    };
  };
  return {
    forward,
    async propose(tokens, request, length) {
      const steps = { forward: behind(length), info, length };
      const { probs, ...proposed } = await proposeByForward(steps, tokens, request);
      if (probs === undefined) return proposed;
      if (!request.sampling?.keep) return { ...proposed, probs };
      return { ...proposed, kept: hostDistributions(probs, proposed.tokens.length) };
    },
    verify: (tokens, request, length) => verifyByForward({ forward: behind(length), info }, tokens, request),
  };
}
