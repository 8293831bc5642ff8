import { byteCharacters } from '../byte-characters.ts';

/** Words the tiny tokenizer knows as one token, with the space before them. */
const WORDS = 'the and has apples more than gives away how many answer is Tom Mia'.split(' ');

const SPECIAL = ['<|begin|>', '<|end|>', '<|turn|>', '<|pad|>'] as const;
/** A token of its own that is no special one: a user may write it. */
const ADDED = '<think>';

/** ChatML in spirit: begin, then turns of `<|turn|>role\n…<|end|>\n`. */
export const TINY_CHAT_TEMPLATE =
  '{{ bos_token }}' +
  "{% for message in messages %}{{ '<|turn|>' + message['role'] + '\\n' + message['content'] + '<|end|>' + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|turn|>assistant\\n' }}{% endif %}";

/** A tokenizer’s file, and the ids that tests need. */
export interface TinyTokenizer {
  /** Content of tokenizer.json. */
  readonly json: object;
  readonly tokenCount: number;
  readonly beginToken: number;
  readonly endToken: number;
}

/**
 * A byte-level BPE tokenizer of about 300 tokens, made up by hand: every text can be written with it. With fewer than all 256 `bytes`
 * it has those, no words, and no text: a vocabulary whose product is soon done.
 */
export function makeTinyTokenizer(bytes = byteCharacters.length): TinyTokenizer {
  const tokens: string[] = byteCharacters.slice(0, bytes);
  const merges: [string, string][] = [];
  const known = new Set(tokens);
  for (const word of bytes < byteCharacters.length ? [] : WORDS) {
    let left = byteCharacters[0x20]!;
    for (const right of word) {
      if (!known.has(left + right)) {
        merges.push([left, right]);
        tokens.push(left + right);
        known.add(left + right);
      }
      left += right;
    }
  }
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const added = [...SPECIAL, ADDED].map((content, i) => ({
    id: tokens.length + i,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: content !== ADDED,
  }));
  const begin = added[0]!;
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Digits', individual_digits: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: begin.content, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [
        { SpecialToken: { id: begin.content, type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { Sequence: { id: 'B', type_id: 1 } },
      ],
      special_tokens: { [begin.content]: { id: begin.content, ids: [begin.id], tokens: [begin.content] } },
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges,
    },
  };
  return {
    json,
    tokenCount: tokens.length + added.length,
    beginToken: begin.id,
    endToken: added[1]!.id,
  };
}
