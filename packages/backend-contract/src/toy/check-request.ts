import {
  invalidOption,
  JudgeDecodingError,
  type ModelInfo,
  type OutputRequest,
  type ProposeRequest,
  type TokenId,
} from '@judge-decoding/core';

/** Refuses tokens that the model does not have, and a pass without any. */
export function checkTokens(tokens: readonly TokenId[], { vocabSize }: ModelInfo): void {
  if (tokens.length === 0)
    throw new JudgeDecodingError('invalid-input', 'Expected at least one token, got none.');
  for (const token of tokens) {
    if (!Number.isInteger(token) || token < 0 || token >= vocabSize) {
      throw new JudgeDecodingError(
        'invalid-input',
        `Expected token ids to be integers from 0 to ${vocabSize - 1}, got \`${token}\`.`,
      );
    }
  }
}

/** Refuses what would not fit. */
export function checkRoom(length: number, rows: number, { contextLength }: ModelInfo): void {
  if (length + rows > contextLength) {
    throw new JudgeDecodingError(
      'context-full',
      `Expected at most ${contextLength} tokens, got ${rows} more after ${length}. Truncate, or open a longer context.`,
    );
  }
}

/** Refuses outputs that cannot be computed. */
export function checkOutputs(request: OutputRequest, { vocabSize, hiddenSize }: ModelInfo): void {
  const { top, judge = [], hidden = [] } = request;
  if (top !== undefined && !(Number.isInteger(top) && top >= 1 && top <= vocabSize)) {
    throw invalidOption('top', `an integer from 1 to ${vocabSize}`, top);
  }
  for (const { layer, state, weights } of judge) {
    if (layer !== 'last')
      throw new JudgeDecodingError('unsupported', `Cannot read layer ${layer}, only the last.`);
    checkState('judge[].state', state);
    if (weights.length !== hiddenSize) {
      throw invalidOption('judge[].weights.length', `${hiddenSize}, the model's hidden size`, weights.length);
    }
  }
  for (const state of hidden) checkState('hidden[]', state);
}

/** Refuses a draft that cannot be drawn. */
export function checkPropose({ count, sampling }: ProposeRequest): void {
  if (!Number.isInteger(count) || count < 1) throw invalidOption('count', 'an integer of at least 1', count);
  if (sampling !== undefined && sampling.uniforms.length < count) {
    throw invalidOption('uniforms.length', `${count}, one for each token`, sampling.uniforms.length);
  }
}

function checkState(name: string, state: string): void {
  if (state !== 'pre-norm' && state !== 'post-norm')
    throw invalidOption(name, "'pre-norm' or 'post-norm'", state);
}
