import type { ForwardOutputs, HeadTerm, OutputRequest, TokenId } from '../backend.ts';
import type { Draft } from '../drafts/draft.ts';
import type { Round } from '../rules/rule.ts';
import type { Uniform } from '../sampling/random.ts';
import { deviceRows, oneHotRows, processedRows } from '../sampling/rows.ts';
import { adjustsLogits, type SamplingOptions } from '../sampling/sampling.ts';

/** Turns the outputs of a target pass into what rules look at. Rows are computed when asked for. */
export function observe(
  text: readonly TokenId[],
  draft: Draft,
  outputs: Partial<ForwardOutputs>,
  request: OutputRequest,
  sampling: SamplingOptions,
  vocabSize: number,
  uniform: Uniform,
): Round {
  const { tokens } = draft;
  const rowCount = tokens.length + 1;
  const sampled = sampling.temperature > 0;
  const raw = deviceRows(outputs, rowCount);
  const processed =
    sampled || adjustsLogits(sampling)
      ? processedRows(outputs.logits!, rowCount, sampling, [...text], tokens)
      : raw;
  const certain = oneHotRows(tokens, vocabSize);
  const terms = request.judge ?? [];
  const columns = new Map<HeadTerm, number>(terms.map((term, column) => [term, column]));
  return {
    text: [...text],
    draft: tokens,
    target: processed,
    belief: sampled ? processed : raw,
    draftTarget: draft.target ?? certain,
    draftBelief: draft.belief ?? certain,
    dot: (term, row) => outputs.judge![row * terms.length + columns.get(term)!]!,
    uniform,
  };
}
