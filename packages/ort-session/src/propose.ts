import {
  drawToken,
  type Proposed,
  type ProposeRequest,
  processLogits,
  type TokenId,
} from '@judge-decoding/core';
import { DECODER_OUTPUTS } from '@judge-decoding/onnx/interface';
import type { DecoderRun, Fetched } from './decoder-run.ts';

/**
 * Feeds `tokens` and drafts, without leaving: draw, feed what was drawn, draw again. The last
 * token drawn is not fed. A greedy draft fetches four bytes a step, or is one run altogether.
 */
export async function propose(
  run: DecoderRun,
  tokens: readonly TokenId[],
  { count, sampling, endTokens = [], logits }: ProposeRequest,
  contextLength: number,
): Promise<Proposed> {
  // the last token drawn is not fed, so a draft may be one longer than the room that is left
  const most = Math.min(count, contextLength - run.cache.length - tokens.length + 1);
  const { cache, draftLoop } = run;
  const last = tokens.length - 1;
  if (draftLoop !== undefined && sampling === undefined && logits !== true && cache.length + last > 0) {
    if (last > 0) await run.pass(tokens.slice(0, last), { picked: 'none', fetch: [] });
    return { tokens: await draftLoop.draft(cache, tokens[last]!, most, endTokens) };
  }
  const fetch: readonly Fetched[] =
    logits === true || sampling !== undefined ? ['argmax', 'logits'] : ['argmax'];
  const history = sampling === undefined ? [] : [...sampling.history];
  const drafted: TokenId[] = [];
  const logitRows: Float32Array[] = [];
  const probRows: Float64Array[] = [];
  let feeding = tokens;
  for (;;) {
    const results = await run.pass(feeding, { picked: 'last', fetch });
    let token: TokenId;
    if (sampling === undefined) {
      token = Number(results[DECODER_OUTPUTS.argmax]!.data[0]);
    } else {
      const row = results[DECODER_OUTPUTS.logits]!.data as Float32Array;
      const probs = processLogits(row, sampling.options, history);
      token = drawToken(probs, sampling.uniforms[drafted.length]!);
      probRows.push(probs);
      history.push(token);
    }
    if (logits) logitRows.push(results[DECODER_OUTPUTS.logits]!.data as Float32Array);
    drafted.push(token);
    if (drafted.length === most || endTokens.includes(token)) break;
    feeding = [token];
  }
  return {
    tokens: drafted,
    ...(logits ? { logits: joined(logitRows, (length) => new Float32Array(length)) } : {}),
    ...(sampling !== undefined ? { probs: joined(probRows, (length) => new Float64Array(length)) } : {}),
  };
}

/** Rows of one length, one after another. */
function joined<Row extends Float32Array | Float64Array>(
  rows: readonly Row[],
  make: (length: number) => Row,
): Row {
  const width = rows[0]!.length;
  const all = make(rows.length * width);
  for (const [index, row] of rows.entries()) all.set(row, index * width);
  return all;
}
