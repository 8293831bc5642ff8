import { randomUUID } from 'node:crypto';
import { Tokenizer as Library } from '@huggingface/tokenizers';
import { JudgeDecodingError, type TokenId } from '@judge-decoding/core';
import { byteCharacters } from './byte-characters.ts';
import { exactPreTokenizer } from './pre-tokenizer.ts';
import type { TokenizerFile } from './tokenizer-json.ts';

export interface EncoderOfText {
  /** What a special token is called is ordinary text here; its alias is the special token. */
  encode(text: string): TokenId[];
  /** The name under which a special token is known to `encode`; other text as it is. */
  aliasOf(content: string): string;
  /** The first special token of a text in which they have these names. */
  firstSpecial(text: string): TokenId | undefined;
}

/**
 * The library reads every special token it finds in a text as such. So it is given other names for
 * them, which nobody can know or write: only what we rename on purpose becomes a special token.
 *
 * It is set up at the first text: that takes a second for 150,000 tokens, and whoever only decodes
 * does without. What the library cannot do is refused at once.
 */
export function textEncoder(file: TokenizerFile): EncoderOfText {
  const secret = randomUUID().replaceAll('-', '');
  const specials = file.added.filter(({ special }) => special);
  const aliases = new Map(specials.map(({ id, content }) => [content, `\u{f0000}${secret}:${id}\u{f0001}`]));
  const set = setUp(file, aliases);
  set(new Map(), []);
  let library: Library | undefined;
  return {
    aliasOf: (content) => aliases.get(content) ?? content,
    firstSpecial(text) {
      const found = text.match(new RegExp(`\u{f0000}${secret}:(\\d+)\u{f0001}`, 'u'));
      return found === null ? undefined : Number(found[1]);
    },
    encode(text) {
      if (text === '') return [];
      library ??= set(file.vocab, file.merges);
      return library.encode(replaceLoneSurrogates(text), { add_special_tokens: false }).ids;
    },
  };
}

/** Everything but vocabulary and merges, to which the library is then made. */
function setUp(file: TokenizerFile, aliases: ReadonlyMap<string, string>) {
  const { path, json, model } = file;
  const aliasOf = (content: string) => aliases.get(content) ?? content;
  const added = Array.isArray(json.added_tokens) ? json.added_tokens : [];
  const unnamed = {
    ...json,
    post_processor: null, // begin tokens are put in front by our own code
    decoder: null, // and so are bytes turned into text
    normalizer: json.normalizer ?? null,
    pre_tokenizer: withoutMissing(exactPreTokenizer(path, json.pre_tokenizer), file),
    added_tokens: added.map((token) => ({ ...token, content: aliasOf(token.content) })),
  };
  const unknown = typeof model.unk_token === 'string' ? aliasOf(model.unk_token) : null;
  return (vocab: TokenizerFile['vocab'], merges: TokenizerFile['merges']): Library => {
    // an entry in the vocabulary would let the same letters become the special token by merging
    const ordinary = Object.fromEntries([...vocab].filter(([token]) => !aliases.has(token)));
    const allowed = merges.filter(([left, right]) => !aliases.has(left + right));
    const named = { ...model, type: 'BPE', vocab: ordinary, merges: allowed, unk_token: unknown };
    try {
      return new Library({ ...unnamed, model: named }, {});
    } catch (cause) {
      throw new JudgeDecodingError(
        'unsupported',
        `\`${path}\` describes a tokenizer that cannot be set up (${(cause as Error).message}). Use another form of it, or another model.`,
        { cause },
      );
    }
  };
}

/**
 * A byte that the vocabulary has no token for (SmolLM2 lacks 21) is dropped, as by Hugging Face's
 * own implementation, before its neighbours are merged: the library would drop it afterwards.
 */
function withoutMissing(
  steps: ReturnType<typeof exactPreTokenizer>,
  { scheme, vocab, model }: TokenizerFile,
): object | null {
  const hasUnknown = typeof model.unk_token === 'string';
  const missing = byteCharacters.filter((character) => !vocab.has(character));
  if (scheme.kind !== 'byte-level' || steps === null || hasUnknown || missing.length === 0) return steps;
  const codes = missing.map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const drop = { type: 'Replace', pattern: { Regex: `[${codes.join('')}]` }, content: '' };
  return { type: 'Sequence', pretokenizers: [steps, drop] };
}

/** Half a character can be in a JavaScript string but in no UTF-8 text. */
const replaceLoneSurrogates = (text: string) =>
  text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
