import { describe, expect, test } from 'vitest';
import { makeTokenizer } from '../src/make-tokenizer.ts';
import { makeTinyTokenizer } from '../src/testing/index.ts';
import { parseTokenizerFile } from '../src/tokenizer-json.ts';
import { expectRefusal } from './expect-refusal.ts';

const tiny = makeTinyTokenizer().json as Record<string, unknown> & { model: Record<string, unknown> };
const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
const digits = { type: 'Digits', individual_digits: true };
const sequence = (...pretokenizers: readonly object[]) => ({ type: 'Sequence', pretokenizers });

/** Tokens of `text` where these pairs, and only these, join: a pair that does not join shows a cut. */
function cut(
  text: string,
  preTokenizer: object | null,
  merges: readonly (readonly [string, string])[],
): (string | undefined)[] {
  const tokens = Object.keys(tiny.model.vocab as object).slice(0, 256);
  const all = [...tokens, '▁', ...merges.map((pair) => pair.join(''))];
  const vocab = Object.fromEntries([...new Set(all)].map((token, id) => [token, id]));
  const json = {
    ...tiny,
    added_tokens: [],
    post_processor: null,
    pre_tokenizer: preTokenizer,
    model: { ...tiny.model, vocab, merges },
  };
  const file = parseTokenizerFile('tokenizer.json', JSON.parse(JSON.stringify(json)));
  const tokenizer = makeTokenizer({ file, chatTemplate: undefined, endTokens: [], beginToken: undefined });
  return tokenizer.encode(text).map((id) => tokenizer.vocabulary(id));
}

// every expectation is what the tokenizers package for Python gives for the same tokenizer.json
describe('text is cut where Hugging Face’s tokenizers cut it', () => {
  test('² is a digit', () => {
    expect(cut('  ²', sequence(digits, byteLevel), [['Ġ', 'Ġ']])).toEqual(['ĠĠ', 'Â', '²']);
  });

  test('digits stand alone or together', () => {
    const pair: readonly [string, string][] = [['1', '2']];
    expect(cut('12', sequence(digits, byteLevel), pair)).toEqual(['1', '2']);
    expect(cut('12', sequence({ ...digits, individual_digits: false }, byteLevel), pair)).toEqual(['12']);
  });

  test('U+FEFF is no space, U+0085 is one', () => {
    expect(cut('!\ufeff', byteLevel, [['!', 'ï']])).toEqual(['!ï', '»', '¿']);
    expect(cut('!\u0085', byteLevel, [['!', 'Â']])).toEqual(['!', 'Â', 'ħ']);
  });

  test('a space put in front is part of the first word', () => {
    expect(cut('!', { ...byteLevel, add_prefix_space: true }, [['Ġ', '!']])).toEqual(['Ġ!']);
  });

  test('a step that marks spaces cuts before them, unless told not to', () => {
    const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' };
    expect(cut('a b', { ...metaspace, split: true }, [['a', '▁']])).toEqual(['▁', 'a', '▁', 'b']);
    expect(cut('a b', { ...metaspace, split: false }, [['a', '▁']])).toEqual(['▁', 'a▁', 'b']);
  });

  test('without case, ſ is an s', () => {
    const pattern = { Regex: "(?i:'s|'t)|\\p{L}+|[^\\p{L}]" };
    const split = { type: 'Split', pattern, behavior: 'Isolated', invert: false };
    const steps = sequence(split, { ...byteLevel, use_regex: false });
    const pairs: [string, string][] = [
      ["'", 'Å'],
      ["'", 'S'],
    ];
    expect(cut("'ſ", steps, pairs)).toEqual(["'Å", '¿']);
    expect(cut("'S", steps, pairs)).toEqual(["'S"]);
    expect(cut("'ſ", sequence({ ...split, pattern: { Regex: "'s|[^']|'" } }, byteLevel), pairs)).toEqual([
      "'",
      'Å',
      '¿',
    ]);
  });

  test('nothing is cut where nothing says so', () => {
    expect(cut('a!', null, [['a', '!']])).toEqual(['a!']);
  });
});

test.each([
  { step: { type: 'UnicodeScripts' }, words: ['pre_tokenizer.type', 'UnicodeScripts'] },
  { step: sequence(digits, { type: 'BertPreTokenizer' }), words: ['pre_tokenizer.type', 'BertPreTokenizer'] },
  {
    step: { type: 'Split', pattern: { String: ' ' }, behavior: 'Sideways', invert: false },
    words: ['pre_tokenizer.behavior', 'Sideways'],
  },
  { step: 'ByteLevel', words: ['pre_tokenizer', '"ByteLevel"'] },
])('$words is refused by name', async ({ step, words }) => {
  await expectRefusal(() => cut('a', step as object, []), 'unsupported', 'tokenizer.json', ...words);
});
