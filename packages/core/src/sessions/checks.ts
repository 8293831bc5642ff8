import type {
  ModelInfo,
  OutputName,
  OutputRequest,
  ProposeRequest,
  TokenId,
  VerifyRequest,
} from '../backend.ts';
import { invalidOption, JudgeDecodingError } from '../errors.ts';
import { layerOf, nameOfState } from '../judge/hidden-name.ts';
import { checkSampling } from '../sampling/sampling.ts';

/** Everything that a pass may be asked for. */
export const OUTPUT_NAMES = ['argmax', 'chosen', 'top', 'judge', 'hidden', 'logits'] as const;

type Facts = Pick<ModelInfo, 'vocabSize' | 'hiddenSize' | 'contextLength' | 'layersOffered'>;

/** Refuses tokens that the model does not have, a pass without any, and one that would not fit. */
export function checkTokens(tokens: readonly TokenId[], length: number, facts: Facts): void {
  const { vocabSize, contextLength } = facts;
  if (tokens.length === 0) {
    throw new JudgeDecodingError('invalid-input', 'Expected at least one token, got none.');
  }
  for (const token of tokens) {
    if (!(Number.isInteger(token) && token >= 0 && token < vocabSize)) {
      throw new JudgeDecodingError(
        'invalid-input',
        `Expected token ids to be integers from 0 to ${vocabSize - 1}, got \`${token}\`.`,
      );
    }
  }
  if (length + tokens.length > contextLength) {
    throw new JudgeDecodingError(
      'context-full',
      `Expected at most ${contextLength} tokens in a session, got ${tokens.length} more after ${length}. Truncate it, or open the model with a longer context.`,
    );
  }
}

/** Refuses outputs that the backend does not offer, and such as cannot be computed. */
export function checkOutputs(
  request: OutputRequest,
  facts: Facts,
  offered: readonly OutputName[] = OUTPUT_NAMES,
): void {
  const { top, judge = [], hidden = [] } = request;
  for (const name of Object.keys(request) as OutputName[]) {
    if (offered.includes(name) || request[name] === undefined) continue;
    throw new JudgeDecodingError(
      'unsupported',
      `Expected outputs that this backend offers (${offered.join(', ') || 'none'}), got a request for \`${name}\`.`,
    );
  }
  if (top !== undefined && !(Number.isInteger(top) && top >= 1 && top <= facts.vocabSize)) {
    throw invalidOption('top', `an integer from 1 to ${facts.vocabSize}`, top);
  }
  for (const { layer, state, weights } of judge) {
    checkName('judge[]', nameOfState(layer, state), facts);
    if (weights.length !== facts.hiddenSize) {
      throw invalidOption(
        'judge[].weights.length',
        `${facts.hiddenSize}, the model's hidden size`,
        weights.length,
      );
    }
  }
  for (const name of hidden) checkName('hidden[]', name, facts);
}

/** Refuses a draft that cannot be drawn. */
export function checkPropose({ count, sampling, leastProbability }: ProposeRequest): void {
  if (!(Number.isInteger(count) && count >= 1))
    throw invalidOption('count', 'an integer of at least 1', count);
  if (sampling !== undefined && sampling.uniforms.length < count) {
    throw invalidOption('uniforms.length', `${count}, one for each token`, sampling.uniforms.length);
  }
  if (leastProbability === undefined) return;
  if (!(leastProbability > 0 && leastProbability <= 1))
    throw invalidOption('leastProbability', 'a number above 0, at most 1', leastProbability);
  if (sampling !== undefined)
    throw invalidOption('leastProbability', 'none where tokens are drawn', leastProbability);
}

/** Refuses a round that cannot be decided. */
export function checkVerify(
  tokens: readonly TokenId[],
  { law, options, history, draft, uniforms }: VerifyRequest,
  { vocabSize }: Facts,
): void {
  const drafted = tokens.length - 1;
  checkSampling(options, vocabSize);
  if ((law.kind === 'exact') !== (options.temperature === 0))
    throw invalidOption(
      'temperature',
      `${law.kind === 'exact' ? '0' : 'above 0'} for the law \`${law.kind}\``,
      options.temperature,
    );
  if (law.kind === 'speculative' && !(law.lenience > 0 && law.lenience <= 1))
    throw invalidOption('lenience', 'a number above 0, at most 1', law.lenience);
  if (history.at(-1) !== tokens[0])
    throw invalidOption('history', `a text that ends with the first token fed, ${tokens[0]}`, history.at(-1));
  if (draft !== undefined && draft.rows < drafted)
    throw invalidOption('draft.rows', `${drafted}, one for each drafted token`, draft.rows);
  for (const name of ['accept', 'recovered'] as const) {
    if (uniforms[name].length < drafted)
      throw invalidOption(
        `uniforms.${name}.length`,
        `${drafted}, one for each drafted token`,
        uniforms[name].length,
      );
  }
}

/** Refuses to shorten to what is not there. */
export function checkLength(length: number, current: number): void {
  if (!(Number.isInteger(length) && length >= 0 && length <= current)) {
    throw new JudgeDecodingError(
      'invalid-input',
      `Expected a length from 0 to ${current}, got \`${length}\`: a cache cannot remember what it was not fed.`,
    );
  }
}

function checkName(option: string, name: string, { layersOffered = [] }: Facts): void {
  if (name === 'pre-norm' || name === 'post-norm') return;
  const layer = layerOf(name);
  if (layer === 'last')
    throw invalidOption(option, "'pre-norm', 'post-norm' or a layer before the last", name);
  if (layersOffered.includes(layer)) return;
  throw new JudgeDecodingError(
    'unsupported',
    `Expected \`${option}\` to be of a layer that this model offers (${['the last', ...layersOffered].join(', ')}), got layer ${layer}.`,
  );
}
