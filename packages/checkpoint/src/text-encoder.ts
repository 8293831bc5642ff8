import { JudgeDecodingError, type TokenId } from '@judge-decoding/core';
import type { NormalisedSpecials } from './special-text.ts';
import { addedTokens, type Plain } from './tokenize/added-tokens.ts';
import { bpeModel, type Model } from './tokenize/bpe-model.ts';
import { NormalText } from './tokenize/normal-text.ts';
import { type Normalizer, normalizer } from './tokenize/normalizers.ts';
import { preTokenizer } from './tokenize/pre-tokenizers.ts';
import { unigramModel } from './tokenize/unigram-model.ts';
import { refuseIn } from './tokenize/unsupported.ts';
import type { AddedToken, TokenizerFile } from './tokenizer-json.ts';

export interface EncoderOfText {
  /** Tokens of a text; `plain` says where special tokens written in it stay text. */
  encode(text: string, plain: Plain): TokenId[];
  /** The special tokens written in a text, in order; found without the model. */
  specialsIn(text: string): TokenId[];
  /** The special tokens that are looked for in normalised text, if any. */
  readonly normalised: NormalisedSpecials | undefined;
  /** The text that an added token stands for: what was found in the text, so normalised where it was. */
  textOf(token: AddedToken): string;
}

/** Words come again and again: so many of them, so long at most, are remembered. */
const MOST_WORDS = 20_000;
const LONGEST_WORD = 64;

/**
 * A tokenizer.json's way from text to ids: added tokens are found, the rest is normalised, cut into
 * pieces, and each piece becomes tokens of the model. Special tokens are sections of a text from the
 * start and never travel through it under another name.
 *
 * The model is set up at the first text: that takes a while for 150,000 tokens, and whoever only
 * decodes does without. What cannot be read is refused at once.
 */
export function textEncoder(file: TokenizerFile): EncoderOfText {
  const refuse = refuseIn(file.path);
  const normalize = normalizer(file.json.normalizer, refuse);
  const cut = preTokenizer(file.json.pre_tokenizer, refuse);
  const added = addedTokens(file.added, normalize);
  const specials = new Set(file.added.filter(({ special }) => special).map(({ id }) => id));
  const words = new Map<string, TokenId[]>();
  let model: Model | undefined;

  const tokensOf = (piece: string): TokenId[] => {
    const known = words.get(piece);
    if (known !== undefined) return known;
    model ??= modelOf(file);
    const ids = model(piece);
    if (piece.length <= LONGEST_WORD) {
      if (words.size >= MOST_WORDS) words.clear();
      words.set(piece, ids);
    }
    return ids;
  };

  return {
    encode(text, plain) {
      const ids: TokenId[] = [];
      for (const section of added.sections(replaceLoneSurrogates(text), plain)) {
        if ('id' in section) {
          ids.push(section.id);
          continue;
        }
        for (const { text: piece } of cut(section.piece)) for (const id of tokensOf(piece)) ids.push(id);
      }
      if (plain === 'everywhere') refuseSpecial(ids);
      return ids;
    },
    specialsIn: (text) =>
      added
        .sections(replaceLoneSurrogates(text), 'nowhere')
        .flatMap((section) => ('id' in section && specials.has(section.id) ? [section.id] : [])),
    normalised: normalisedSpecials(file, normalize),
    textOf: ({ content, normalized }) => (normalized ? normalize(new NormalText(content)).text : content),
  };

  /** What a user writes never is a special token, whatever the file says of it; but for the unknown one. */
  function refuseSpecial(ids: readonly TokenId[]): void {
    const special = ids.find((id) => specials.has(id) && id !== file.unknown);
    if (special === undefined) return;
    throw new JudgeDecodingError(
      'unsupported',
      `\`${file.path}\` makes ordinary text the special token ${special}, so a user's text could not be told from the template's. Use another tokenizer.`,
    );
  }
}

function normalisedSpecials({ added }: TokenizerFile, normalize: Normalizer): NormalisedSpecials | undefined {
  const found = added.filter(({ special, normalized }) => special && normalized);
  if (found.length === 0) return undefined;
  const normalise = (text: string) => normalize(new NormalText(replaceLoneSurrogates(text)));
  const specials = found.map(({ content }) => normalise(content).text).filter((content) => content !== '');
  return { specials, normalise };
}

function modelOf(file: TokenizerFile): Model {
  const { model, merges, scores, unknown } = file;
  // an entry in the vocabulary would let a user's letters become the special token
  const special = new Set(file.added.filter((token) => token.special).map(({ content }) => content));
  const vocab = new Map([...file.vocab].filter(([token]) => !special.has(token)));
  const byteFallback = model.byte_fallback === true;
  if (scores !== undefined) return unigramModel({ vocab, scores, unknown, byteFallback });
  return bpeModel({
    vocab,
    merges,
    ignoreMerges: model.ignore_merges === true,
    byteFallback,
    unknown,
    fuseUnknown: model.fuse_unk === true,
  });
}

/** Half a character can be in a JavaScript string but in no UTF-8 text. */
const replaceLoneSurrogates = (text: string) =>
  text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
