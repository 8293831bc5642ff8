import type {
  ForwardOutputs,
  ModelInfo,
  OutputRequest,
  Proposed,
  ProposeRequest,
  TokenId,
} from '../backend.ts';
import { argmax, drawToken, processLogits } from '../sampling/sampling.ts';

/** What a draft is made of. */
export interface DraftSteps {
  /**
   * Reads tokens behind those read before. Of what `request` asks, the last row is used; a backend may
   * return that row alone.
   */
  forward(tokens: readonly TokenId[], request: OutputRequest): Promise<Partial<ForwardOutputs>>;
  readonly info: Pick<ModelInfo, 'contextLength' | 'prefillChunk' | 'vocabSize'>;
  /** Tokens in the cache before the first. */
  readonly length: number;
}

/**
 * `Session.propose` for a backend that has only passes: reads `tokens`, draws, reads what was drawn,
 * draws again; the last token drawn is not read. Arguments are taken as checked. A backend that can
 * stay on its device between tokens does better.
 */
export async function proposeByForward(
  { forward, info, length }: DraftSteps,
  tokens: readonly TokenId[],
  { count, sampling, endTokens = [], leastProbability, logits }: ProposeRequest,
): Promise<Proposed> {
  const { contextLength, prefillChunk, vocabSize } = info;
  // the last token drawn is not read, so a draft may be one longer than the room that is left
  const most = Math.min(count, contextLength - length - tokens.length + 1);
  const needsLogits = sampling !== undefined || logits === true || leastProbability !== undefined;
  const request: OutputRequest = needsLogits ? { logits: true } : { argmax: true };
  const history = sampling === undefined ? [] : [...sampling.history];
  const drafted: TokenId[] = [];
  const logitRows: Float32Array[] = [];
  const probRows: Float64Array[] = [];

  let reading = tokens;
  for (; reading.length > prefillChunk; reading = reading.slice(prefillChunk))
    await forward(reading.slice(0, prefillChunk), {});
  for (;;) {
    const outputs = await forward(reading, request);
    const row = outputs.logits?.slice(-vocabSize);
    let token: TokenId;
    let unlikely = false;
    if (sampling === undefined) {
      token = row === undefined ? outputs.argmax!.at(-1)! : argmax(row);
      unlikely = leastProbability !== undefined && probabilityAt(row!, token) < leastProbability;
      if (unlikely && drafted.length > 0) break;
    } else {
      const probs = processLogits(row!, sampling.options, history);
      token = drawToken(probs, sampling.uniforms[drafted.length]!);
      probRows.push(probs);
      history.push(token);
    }
    if (logits) logitRows.push(row!);
    drafted.push(token);
    if (drafted.length === most || unlikely || endTokens.includes(token)) break;
    reading = [token];
  }
  return {
    tokens: drafted,
    ...(logits ? { logits: joined(logitRows, new Float32Array(drafted.length * vocabSize)) } : {}),
    ...(sampling ? { probs: joined(probRows, new Float64Array(drafted.length * vocabSize)) } : {}),
  };
}

/** The softmax of `row` at its largest value. */
function probabilityAt(row: Float32Array, largest: TokenId): number {
  let sum = 0;
  for (const value of row) sum += Math.exp(value - row[largest]!);
  return 1 / sum;
}

function joined<Values extends Float32Array | Float64Array>(rows: readonly Values[], all: Values): Values {
  for (const [index, row] of rows.entries()) all.set(row, index * row.length);
  return all;
}
