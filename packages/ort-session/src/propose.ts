import {
  type ModelInfo,
  type Proposed,
  type ProposeRequest,
  proposeByForward,
  type TokenId,
} from '@judge-decoding/core';
import { DECODER_OUTPUTS } from '@judge-decoding/onnx/interface';
import type { DecoderRun } from './decoder-run.ts';

/**
 * Feeds `tokens` and drafts without leaving the thread. Passes compute the last row alone, and fetch
 * four bytes a step where the draft is greedy; where there is a draft loop that is one run altogether.
 */
export async function propose(
  run: DecoderRun,
  tokens: readonly TokenId[],
  request: ProposeRequest,
  info: ModelInfo,
): Promise<Proposed> {
  const { cache, draftLoop } = run;
  const { count, sampling, endTokens = [], leastProbability, logits } = request;
  const { length } = cache;
  const last = tokens.length - 1;
  const greedy = sampling === undefined && logits !== true;
  const loops = draftLoop !== undefined && (leastProbability === undefined || draftLoop.endsUnlikely);
  if (loops && greedy && length + last > 0) {
    const chunk = info.prefillChunk;
    for (let from = 0; from < last; from += chunk)
      await run.pass(tokens.slice(from, Math.min(from + chunk, last)), { picked: 'none', fetch: [] });
    // the last token drawn is not fed, so a draft may be one longer than the room that is left
    const most = Math.min(count, info.contextLength - cache.length);
    return { tokens: await draftLoop.draft(cache, tokens[last]!, most, endTokens, leastProbability) };
  }
  const forward = async (
    part: readonly TokenId[],
    asked: { readonly argmax?: true; readonly logits?: true },
  ) => {
    if (!asked.argmax && !asked.logits) {
      await run.pass(part, { picked: 'none', fetch: [] });
      return {};
    }
    const fetch = asked.logits ? (['logits'] as const) : (['argmax'] as const);
    const results = await run.pass(part, { picked: 'last', fetch });
    return asked.logits
      ? { logits: results[DECODER_OUTPUTS.logits]!.data as Float32Array }
      : { argmax: Int32Array.of(Number(results[DECODER_OUTPUTS.argmax]!.data[0])) };
  };
  return proposeByForward({ forward, info, length }, tokens, request);
}
