import type { ModelInfo } from '@judge-decoding/core';
import { type PieceSource, piecesOf } from './pieces.ts';
import { TRACE_FORMAT, TRACE_VERSION, type Trace, type TracedModel } from './trace.ts';

/** Everything about a generation that its rounds do not say. */
export type TraceFacts = Omit<Trace, 'format' | 'version' | 'pieces' | 'prefill'> &
  Required<Pick<Trace, 'prefill'>>;

/** A trace of this version, with the text of every token in it: readers need no tokenizer. */
export const makeTrace = (facts: TraceFacts, pieces: PieceSource): Trace => ({
  format: TRACE_FORMAT,
  version: TRACE_VERSION,
  ...facts,
  pieces: piecesOf(facts.prompt, facts.rounds, pieces),
});

/** A model as traces describe it. */
export const tracedModel = (
  folder: string,
  { dtype, device, contextLength, exact, endTokens, specialTokens, fingerprint }: ModelInfo,
): TracedModel => ({
  folder,
  dtype,
  device,
  contextLength,
  ...(exact === undefined ? {} : { exact }),
  endTokens: [...endTokens],
  specialTokens: [...specialTokens],
  fingerprint,
});
