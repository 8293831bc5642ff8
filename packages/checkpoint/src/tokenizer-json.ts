import { JudgeDecodingError, type TokenId } from '@judge-decoding/core';
import { isObject, shown } from './json-file.ts';
import type { ByteScheme } from './token-bytes.ts';

/** tokenizer.json, checked, with what is needed from it named. */
export interface TokenizerFile {
  readonly path: string;
  /** The whole document; `model` and `added_tokens` are repeated below in their checked form. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly model: Readonly<Record<string, unknown>>;
  readonly vocab: ReadonlyMap<string, TokenId>;
  /** Of BPE models; none in a Unigram model. */
  readonly merges: readonly (readonly [string, string])[];
  /** Log-probability of each id, in Unigram models. */
  readonly scores: Float64Array | undefined;
  /** What stands for characters that the vocabulary has no token for. */
  readonly unknown: TokenId | undefined;
  readonly added: readonly AddedToken[];
  readonly scheme: ByteScheme;
  /** What the post-processor puts before a text. */
  readonly beginTokens: readonly TokenId[];
}

export interface AddedToken {
  readonly id: TokenId;
  readonly content: string;
  readonly special: boolean;
  /** Looked for in the text as the normalizer leaves it, the content normalised, too. */
  readonly normalized: boolean;
  /** Takes the spaces before it with it. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Left alone inside a word. */
  readonly singleWord: boolean;
}

/** Ten times the largest vocabulary in use. */
const MAX_TOKEN_ID = 2 ** 22;

type Json = Readonly<Record<string, unknown>>;

/**
 * Checks the parts of a tokenizer.json that everything after trusts; refuses other kinds than BPE and Unigram.
 * `model.vocab` may be a map from token to id: objects of 150,000 keys are slow to make and to walk.
 */
export function parseTokenizerFile(path: string, json: Json): TokenizerFile {
  const bad = (problem: string) =>
    new JudgeDecodingError(
      'invalid-file',
      `\`${path}\` is not a sound tokenizer: ${problem}. Fetch or write it again.`,
    );
  const unsupported = (field: string, got: unknown, supported: string) =>
    new JudgeDecodingError(
      'unsupported',
      `\`${path}\` asks for \`${field}\` = ${shown(got)}, which is not supported. ${supported}`,
    );

  const model = json.model;
  if (!isObject(model)) throw bad(`expected an object \`model\`, got ${shown(model)}`);
  const type = model.type ?? (model.merges === undefined ? undefined : 'BPE');
  if (type !== 'BPE' && type !== 'Unigram') {
    throw unsupported('model.type', type, 'Use a model with a BPE or a Unigram tokenizer.');
  }
  for (const field of ['continuing_subword_prefix', 'end_of_word_suffix', 'dropout']) {
    const value = model[field];
    const off = value === undefined || value === null || value === '' || value === 0;
    if (!off) throw unsupported(`model.${field}`, value, 'Use a tokenizer without it.');
  }

  const isUnigram = type === 'Unigram';
  const vocab = isUnigram ? checkPieces(model.vocab, bad) : checkVocab(model.vocab, bad);
  const added = checkAdded(json.added_tokens ?? [], vocab, bad);
  return {
    path,
    json,
    model,
    vocab,
    merges: isUnigram ? [] : checkMerges(model.merges, bad),
    scores: isUnigram ? checkScores(model.vocab as unknown[], bad) : undefined,
    unknown: isUnigram ? unknownPiece(model, bad) : unknownToken(model, vocab, added, bad),
    added,
    scheme: readScheme(json.decoder, unsupported),
    beginTokens: readBeginTokens(json.post_processor, bad, unsupported),
  };
}

function unknownToken(
  { unk_token: name }: Json,
  vocab: ReadonlyMap<string, TokenId>,
  added: readonly AddedToken[],
  bad: Bad,
): TokenId | undefined {
  if (name === undefined || name === null) return undefined;
  const id =
    typeof name === 'string'
      ? (vocab.get(name) ?? added.find((token) => token.content === name)?.id)
      : undefined;
  if (id === undefined) throw bad(`its unknown token ${shown(name)} is not in its vocabulary`);
  return id;
}

function unknownPiece({ unk_id: id, vocab }: Json, bad: Bad): TokenId | undefined {
  if (id === undefined || id === null) return undefined;
  if (isTokenId(id) && id < (vocab as unknown[]).length) return id;
  throw bad(`its unknown token ${shown(id)} is not in its vocabulary`);
}

/** A Unigram vocabulary is a list of pieces with their log-probabilities. */
function checkPieces(vocab: unknown, bad: Bad): ReadonlyMap<string, TokenId> {
  if (!Array.isArray(vocab)) throw bad(`expected a list \`model.vocab\`, got ${shown(vocab)}`);
  if (vocab.length === 0) throw bad('its vocabulary is empty');
  if (vocab.length > MAX_TOKEN_ID) throw bad(`its vocabulary has ${vocab.length} tokens`);
  const checked = new Map<string, TokenId>();
  for (const [id, entry] of vocab.entries()) {
    if (!Array.isArray(entry) || typeof entry[0] !== 'string' || !Number.isFinite(entry[1])) {
      throw bad(`expected pieces with their scores, got ${shown(entry)}`);
    }
    const twin = checked.get(entry[0]);
    if (twin !== undefined) throw bad(`the tokens ${twin} and ${id} have the same text`);
    checked.set(entry[0], id);
  }
  return checked;
}

const checkScores = (vocab: readonly unknown[], bad: Bad): Float64Array =>
  Float64Array.from(vocab, (entry) => {
    if (Array.isArray(entry)) return entry[1];
    throw bad(`expected pieces with their scores, got ${shown(entry)}`);
  });

type Bad = (problem: string) => JudgeDecodingError;
type Unsupported = (field: string, got: unknown, supported: string) => JudgeDecodingError;

const isTokenId = (value: unknown): value is TokenId =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_TOKEN_ID;

/**
 * Files converted from GGUF name the rows of the embedding that belong to no token: `[PAD<id>]`.
 * No text leads to them; with them gone the vocabulary is the one the model was made with.
 */
function checkVocab(vocab: unknown, bad: Bad): ReadonlyMap<string, TokenId> {
  if (!isObject(vocab)) throw bad(`expected an object \`model.vocab\`, got ${shown(vocab)}`);
  const checked = new Map<string, TokenId>();
  const seen = new Set<unknown>();
  for (const [token, id] of vocab instanceof Map ? vocab : Object.entries(vocab)) {
    if (!isTokenId(id)) throw bad(`token ${shown(token)} has the id ${shown(id)}`);
    if (seen.has(id)) throw bad(`the id ${id} belongs to two tokens, one of them ${shown(token)}`);
    seen.add(id);
    const isPlaceholder = token.startsWith('[PAD') && token === `[PAD${id}]`;
    if (!isPlaceholder) checked.set(token, id);
  }
  if (seen.size === 0) throw bad('its vocabulary is empty');
  return checked;
}

/** Both spellings: `"a b"` and `["a", "b"]`. */
function checkMerges(merges: unknown, bad: Bad): [string, string][] {
  if (!Array.isArray(merges)) throw bad(`expected a list \`model.merges\`, got ${shown(merges)}`);
  return merges.map((merge: unknown) => {
    const pair = typeof merge === 'string' ? merge.split(' ') : merge;
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((side) => typeof side === 'string')) {
      throw bad(`expected merges to be pairs of tokens, got ${shown(merge)}`);
    }
    return pair as [string, string];
  });
}

function checkAdded(added: unknown, vocab: ReadonlyMap<string, TokenId>, bad: Bad): AddedToken[] {
  if (!Array.isArray(added)) throw bad(`expected a list \`added_tokens\`, got ${shown(added)}`);
  const contents = new Map<string, TokenId>();
  const ids = new Map<TokenId, string>();
  return added.map((entry: unknown) => {
    if (
      !isObject(entry) ||
      !isTokenId(entry.id) ||
      typeof entry.content !== 'string' ||
      entry.content === ''
    ) {
      throw bad(`expected added tokens with \`id\` and \`content\`, got ${shown(entry)}`);
    }
    const { id, content } = entry;
    const known = contents.get(content) ?? vocab.get(content);
    if ((known !== undefined && known !== id) || ids.has(id)) {
      throw bad(`the added token ${shown(content)} of id ${id} contradicts another entry`);
    }
    contents.set(content, id);
    ids.set(id, content);
    return addedToken(entry, id, content);
  });
}

/** One entry of a list of added tokens. What is left out is as the tokenizers library takes it: special tokens stand beside the normalizer. */
export function addedToken(entry: Json, id: TokenId, content: string): AddedToken {
  const special = entry.special === true;
  return {
    id,
    content,
    special,
    normalized: entry.normalized === undefined ? !special : entry.normalized === true,
    lstrip: entry.lstrip === true,
    rstrip: entry.rstrip === true,
    singleWord: entry.single_word === true,
  };
}

/** Decoders are chains of small steps; only the two chains that BPE models ship are understood. */
function readScheme(decoder: unknown, unsupported: Unsupported): ByteScheme {
  const steps = isObject(decoder) && decoder.type === 'Sequence' ? decoder.decoders : [decoder];
  const known = Array.isArray(steps) && steps.every(isObject) ? (steps as Json[]) : [];
  const types = known.map(({ type }) => type);
  if (types.length === 1 && types[0] === 'ByteLevel') return { kind: 'byte-level' };

  let leadingSpaces: number | 'first token' = 0;
  const bytes = types.includes('ByteFallback');
  let restoresSpaces = false;
  for (const step of known) {
    if (
      step.type === 'Replace' &&
      isObject(step.pattern) &&
      step.pattern.String === '\u2581' &&
      step.content === ' '
    ) {
      restoresSpaces = true;
    } else if (step.type === 'Metaspace' && (step.replacement ?? '\u2581') === '\u2581') {
      restoresSpaces = true;
      const prepends =
        step.prepend_scheme === undefined ? step.add_prefix_space !== false : step.prepend_scheme !== 'never';
      if (prepends) leadingSpaces = 'first token';
    } else if (step.type === 'Strip' && step.content === ' ' && (step.stop ?? 0) === 0) {
      leadingSpaces = typeof step.start === 'number' ? step.start : 0;
    } else if (step.type !== 'ByteFallback' && step.type !== 'Fuse') {
      throw unsupported(
        'decoder',
        decoder,
        'Use a byte-level BPE tokenizer or one converted from SentencePiece.',
      );
    }
  }
  if (!restoresSpaces) {
    throw unsupported(
      'decoder',
      decoder,
      'Use a byte-level BPE tokenizer or one converted from SentencePiece.',
    );
  }
  return { kind: 'spaced', bytes, leadingSpaces };
}

function readBeginTokens(processor: unknown, bad: Bad, unsupported: Unsupported): TokenId[] {
  if (processor === undefined || processor === null) return [];
  if (!isObject(processor)) throw bad(`expected an object \`post_processor\`, got ${shown(processor)}`);
  switch (processor.type) {
    case 'ByteLevel':
      return [];
    case 'Sequence': {
      const parts = processor.processors;
      if (!Array.isArray(parts)) throw bad('its post-processor is a sequence of nothing');
      return parts.flatMap((part) => readBeginTokens(part, bad, unsupported));
    }
    case 'TemplateProcessing':
      return readTemplateStart(processor, bad);
    default:
      throw unsupported('post_processor.type', processor.type, 'Use a decoder-only model.');
  }
}

/** Ids that the template writes before the text itself. */
function readTemplateStart({ single, special_tokens: special }: Json, bad: Bad): TokenId[] {
  if (!Array.isArray(single)) throw bad('its post-processor has no template `single`');
  const start: TokenId[] = [];
  for (const piece of single as unknown[]) {
    if (!isObject(piece) || !isObject(piece.SpecialToken)) return start;
    const name = piece.SpecialToken.id;
    const entry = isObject(special) && typeof name === 'string' ? special[name] : undefined;
    const ids = isObject(entry) ? entry.ids : undefined;
    if (!Array.isArray(ids) || !ids.every(isTokenId))
      throw bad(`its post-processor names ${shown(name)} without ids`);
    start.push(...ids);
  }
  return start;
}
