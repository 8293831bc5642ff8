import {
  type Backend,
  invalidOption,
  JudgeDecodingError,
  type Model,
  type ModelInfo,
  type TokenId,
} from '@judge-decoding/core';
import { attentionNet } from './attention-net.ts';
import { modelOver } from './model.ts';
import type { ToyNet } from './net.ts';
import { digestOf } from './random.ts';
import { type NextTable, tableNet, tableState } from './table-net.ts';

/** Everything that decides a toy model; the same options always give the same model. */
export interface ToyModelOptions {
  readonly seed?: number;
  readonly vocab?: number;
  readonly hidden?: number;
  readonly context?: number;
  /** Tokens that end a text; they are the special ones too. */
  readonly endTokens?: readonly TokenId[];
  readonly prefillChunk?: number;
  /** How far logits spread: 0 is uniform, 1 is peaked. */
  readonly sharpness?: number;
  /** Share of the seed's own output matrix in the model's, 0 to 1; the rest is noise. */
  readonly agreement?: number;
  /** Makes the last token an exact twin of token 1, so that ties happen. */
  readonly ties?: boolean;
}

/** A tiny decoder with a real attention cache. */
export function toyModel(options: ToyModelOptions = {}): Model {
  return toyModelOver(options, (net) => net);
}

/** The same with another network in its place: how a fault inside the network is made. */
export function toyModelOver(options: ToyModelOptions, replace: (net: ToyNet) => ToyNet): Model {
  const {
    seed = 1,
    vocab = 17,
    hidden = 8,
    context = 256,
    endTokens = [0],
    prefillChunk = 16,
    sharpness = 0.7,
    agreement = 1,
    ties = false,
  } = options;
  if (!Number.isInteger(vocab) || vocab < 2) throw invalidOption('vocab', 'an integer of at least 2', vocab);
  if (!Number.isInteger(hidden) || hidden < 1)
    throw invalidOption('hidden', 'an integer of at least 1', hidden);
  if (!(agreement >= 0 && agreement <= 1))
    throw invalidOption('agreement', 'a number from 0 to 1', agreement);
  const noiseSeed = seed + 7919;
  const net = attentionNet({ seed, vocab, hidden, sharpness, agreement, noiseSeed, ties });
  const weights = JSON.stringify([seed, vocab, hidden, sharpness, agreement, ties]);
  return modelOver(replace(net), {
    name: `toy ${weights}`,
    architecture: 'toy-attention',
    vocabSize: vocab,
    hiddenSize: hidden,
    contextLength: context,
    endTokens,
    prefillChunk,
    fingerprint: {
      architecture: digestOf(`attention ${hidden}`),
      tokenizer: digestOf(`vocab ${vocab}`),
      weights: digestOf(weights),
    },
    ...FACTS,
    specialTokens: endTokens,
  });
}

/**
 * A target, and a draft that agrees with it to a degree: at 1 they are the same model, at 0 the
 * draft's logits have nothing to do with the target's.
 */
export function toyPair(options: Omit<ToyModelOptions, 'agreement'> & { readonly agreement: number }): {
  readonly target: Model;
  readonly draft: Model;
} {
  const { agreement, ...target } = options;
  return { target: toyModel(target), draft: toyModel({ ...target, agreement }) };
}

export interface TableModelOptions {
  readonly vocab: number;
  /** How many of the last tokens the distribution depends on; 1 by default. */
  readonly order?: 1 | 2;
  readonly next: NextTable;
  readonly context?: number;
  readonly endTokens?: readonly TokenId[];
}

/** A model whose next-token distribution is written down. */
export interface TableModel extends Model {
  /** The pre-norm hidden unit that is 1 after `last` (order 2: after `previous`, `last`); the others are 0. */
  stateOf(last: TokenId, previous?: TokenId): number;
}

/** A model with exactly known probabilities, for tests of sampling laws. */
export function tableModel(options: TableModelOptions): TableModel {
  const { vocab, order = 1, next, context = 256, endTokens = [] } = options;
  const net = tableNet({ vocab, order, next });
  const model = modelOver(net, {
    name: `table of order ${order}`,
    architecture: 'toy-table',
    vocabSize: vocab,
    hiddenSize: net.hiddenSize,
    contextLength: context,
    endTokens,
    prefillChunk: 16,
    fingerprint: {
      architecture: digestOf(`table ${order}`),
      tokenizer: digestOf(`vocab ${vocab}`),
      weights: digestOf(String(next)),
    },
    ...FACTS,
    specialTokens: endTokens,
  });
  return { ...model, stateOf: (last, previous) => tableState({ vocab, order }, last, previous) };
}

/** The whole backend spec in memory; opens locations such as `toy:seed=3,vocab=17`. */
export function toyBackend(): Backend {
  return toyBackendOver((net) => net);
}

/** The same with another network in place of each model's. */
export function toyBackendOver(replace: (net: ToyNet) => ToyNet): Backend {
  return {
    specVersion: 1,
    name: 'toy',
    outputs: ['argmax', 'chosen', 'top', 'judge', 'hidden', 'logits'],
    async open(location) {
      return toyModelOver(parseLocation(location), replace);
    },
  };
}

/** The location that opens a toy model of these options. */
export function toyLocation(options: ToyModelOptions = {}): string {
  const { endTokens, ...rest } = options;
  const parts = Object.entries(rest).map(([key, value]) => `${key}=${Number(value)}`);
  if (endTokens !== undefined) parts.push(`endTokens=${endTokens.join('/')}`);
  return `toy:${parts.join(',')}`;
}

const FACTS = { layers: 1, dtype: 'fp32', device: 'memory', exact: true } satisfies Partial<ModelInfo>;
const NUMBERS = ['seed', 'vocab', 'hidden', 'context', 'prefillChunk', 'sharpness', 'agreement'];

function parseLocation(location: string): ToyModelOptions {
  if (!location.startsWith('toy:')) {
    throw new JudgeDecodingError('not-found', `No toy model at ${location}. Try toy:seed=1,vocab=17.`);
  }
  const parts = location.slice('toy:'.length).split(',').filter(Boolean);
  return Object.fromEntries(parts.map((part) => parseOption(part, location)));
}

function parseOption(part: string, location: string): [string, unknown] {
  const [key = '', value = ''] = part.split('=');
  if (key === 'endTokens' && value === '') return [key, []];
  if (key === 'endTokens' && /^\d+(\/\d+)*$/.test(value)) return [key, value.split('/').map(Number)];
  if (key === 'ties' && /^[01]$/.test(value)) return [key, value === '1'];
  if (NUMBERS.includes(key) && /^\d+(\.\d+)?$/.test(value)) return [key, Number(value)];
  throw new JudgeDecodingError('invalid-file', `Cannot read \`${part}\` in ${location}.`);
}
