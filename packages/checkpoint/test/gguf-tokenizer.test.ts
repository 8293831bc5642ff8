import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { characterBytes } from '../src/byte-characters.ts';
import { parseGgufHeader } from '../src/gguf/gguf-header.ts';
import { ggufTokenizer } from '../src/gguf/gguf-tokenizer.ts';
import { namedPreTokenizer, PRE_TOKENIZER_NAMES } from '../src/gguf/named-pre-tokenizers.ts';
import { type GgufEntry, ggufBytes } from '../src/testing/index.ts';
import { NormalText } from '../src/tokenize/normal-text.ts';
import { normalizer } from '../src/tokenize/normalizers.ts';
import { preTokenizer } from '../src/tokenize/pre-tokenizers.ts';
import { refuseIn } from '../src/tokenize/unsupported.ts';
import { expectRefusal } from './expect-refusal.ts';
import { processorTime } from './processor-time.ts';

/** Made by tools/tokenizer-check with Hugging Face's tokenizers for Python. */
const golden: {
  control: string[];
  userDefined: string[];
  byteLevel: { tokens: string[]; merges: string[] };
  sentencePiece: { tokens: string[]; scores: number[]; kinds: number[] };
  cases: Record<string, { text: string; ids: number[]; decoded: string }[]>;
} = JSON.parse(readFileSync(new URL('fixtures/gguf-tokenizers.json', import.meta.url), 'utf8'));

type Entries = Readonly<Record<string, GgufEntry>>;

function tokenizerOf(entries: Entries) {
  const metadata = Object.entries(entries).map(([key, entry]) => [`tokenizer.${key}`, entry] as const);
  const bytes = ggufBytes({ metadata, tensors: [] });
  const header = parseGgufHeader('made-up.gguf', bytes, bytes.length);
  return ggufTokenizer('made-up.gguf', header.metadata, () => new Date(0)).tokenizer;
}

function byteLevel(pre: string): Entries {
  const { tokens, merges } = golden.byteLevel;
  const all = [...tokens, ...golden.control, ...golden.userDefined, '[PAD0]'];
  const kinds = [...tokens.map(() => 1), ...golden.control.map(() => 3), ...golden.userDefined.map(() => 4)];
  const placeholder = `[PAD${kinds.length}]`;
  return {
    'ggml.model': ['string', 'gpt2'],
    'ggml.pre': ['string', pre],
    'ggml.tokens': ['strings', [...all.slice(0, -1), placeholder]],
    'ggml.token_type': ['i32s', [...kinds, 5]],
    'ggml.merges': ['strings', merges],
    'ggml.bos_token_id': ['u32', tokens.length],
    'ggml.eos_token_id': ['u32', tokens.length + 1],
  };
}

function sentencePiece(): Entries {
  const { tokens, scores, kinds } = golden.sentencePiece;
  return {
    'ggml.model': ['string', 'llama'],
    'ggml.pre': ['string', 'default'],
    'ggml.tokens': ['strings', tokens],
    'ggml.scores': ['f32s', scores],
    'ggml.token_type': ['i32s', kinds],
    'ggml.bos_token_id': ['u32', tokens.indexOf('<s>')],
    'ggml.eos_token_id': ['u32', tokens.indexOf('</s>')],
    'ggml.unknown_token_id': ['u32', 0],
  };
}

const entriesOf = (name: string) => (name === 'llama' ? sentencePiece() : byteLevel(name));

describe.each(Object.keys(golden.cases))('a vocabulary of the kind %s', (name) => {
  const tokenizer = tokenizerOf(entriesOf(name));

  test('gives every string the ids that Python gives it', () => {
    const ours = golden.cases[name]!.map(({ text }) => ({ text, ids: tokenizer.encode(text) }));
    expect(ours).toEqual(golden.cases[name]!.map(({ text, ids }) => ({ text, ids })));
  });

  test('gives every list of ids the text that Python gives it', () => {
    for (const { ids, decoded } of golden.cases[name]!) expect(tokenizer.decode(ids)).toBe(decoded);
  });

  test('keeps special tokens in a text apart from those asked for', () => {
    const [, end] = golden.control;
    const id = tokenizer.encode(end!, { special: true });
    expect(id).toHaveLength(1);
    expect(tokenizer.specialTokens).toContain(id[0]);
    const plain = tokenizer.encode(end!);
    expect(plain.some((each) => tokenizer.specialTokens.includes(each))).toBe(false);
    expect(tokenizer.decode(plain)).toBe(end);
  });
});

test('placeholders are no tokens', () => {
  const { tokens } = golden.byteLevel;
  expect(tokenizerOf(byteLevel('gpt-2')).tokenCount).toBe(tokens.length + 3);
});

test.each([
  { name: 'gpt-2', begins: false },
  { name: 'qwen2', begins: false },
  { name: 'llama-bpe', begins: true },
  { name: 'llama', begins: true },
])('where the file is silent a text of $name has a begin token: $begins', ({ name, begins }) => {
  const entries = entriesOf(name);
  const [, begin] = entries['ggml.bos_token_id']!;
  expect(tokenizerOf(entries).beginToken).toBe(begins ? begin : undefined);
  expect(tokenizerOf({ ...entries, 'ggml.add_bos_token': ['bool', !begins] }).beginToken).toBe(
    begins ? undefined : begin,
  );
});

test('SentencePiece without a leading space', () => {
  const [plain, spaced] = [
    tokenizerOf({ ...sentencePiece(), 'ggml.add_space_prefix': ['bool', false] }),
    tokenizerOf(sentencePiece()),
  ];
  expect(plain.encode(' the')).toEqual(spaced.encode('the'));
  expect(plain.decode(plain.encode(' the'))).toBe(' the');
  expect(spaced.decode(spaced.encode('the'))).toBe('the');
});

test('a chat template is rendered with its special tokens', () => {
  const template = "{% for m in messages %}{{ bos_token + m['content'] + eos_token }}{% endfor %}";
  const entries: Entries = { ...byteLevel('smollm'), chat_template: ['string', template] };
  const tokenizer = tokenizerOf(entries);
  const [begin, end] = [entries['ggml.bos_token_id']![1], entries['ggml.eos_token_id']![1]];
  const content = '<|end|> the';
  expect(tokenizer.encodeChat([{ role: 'user', content }])).toEqual([
    begin,
    ...tokenizer.encode(content),
    end,
  ]);
  expect(tokenizer.endTokens).toEqual([end]);
});

test.each<{ says: string; change: Entries; words: readonly string[] }>([
  {
    says: 'a token twice',
    change: { 'ggml.tokens': ['strings', ['a', 'a']], 'ggml.token_type': ['i32s', [1, 1]] },
    words: ['same text'],
  },
  {
    says: 'a token of an unknown kind',
    change: { 'ggml.tokens': ['strings', ['a']], 'ggml.token_type': ['i32s', [9]] },
    words: ['unknown kind 9'],
  },
  { says: 'a merge of one part', change: { 'ggml.merges': ['strings', ['ab']] }, words: ['"ab"'] },
  {
    says: 'no end of its token list',
    change: { 'ggml.eos_token_id': ['string', '2'] },
    words: ['eos_token_id', '"2"'],
  },
])('a byte-level vocabulary with $says is refused', async ({ change, words }) => {
  await expectRefusal(() => tokenizerOf({ ...byteLevel('gpt-2'), ...change }), 'invalid-file', ...words);
});

test.each<{ says: string; change: Entries; code: 'invalid-file' | 'unsupported'; words: readonly string[] }>([
  {
    says: 'scores of others',
    change: { 'ggml.scores': ['f32s', [1, 2]] },
    code: 'invalid-file',
    words: ['2 `tokenizer.ggml.scores`'],
  },
  {
    says: 'endless scores',
    change: { 'ggml.scores': ['f32s', golden.sentencePiece.tokens.map(() => Number.NaN)] },
    code: 'invalid-file',
    words: ['NaN'],
  },
  {
    says: 'spaces to be taken away',
    change: { 'ggml.remove_extra_whitespaces': ['bool', true] },
    code: 'unsupported',
    words: ['remove_extra_whitespaces'],
  },
  {
    says: 'no byte tokens',
    change: { 'ggml.token_type': ['i32s', golden.sentencePiece.tokens.map(() => 1)] },
    code: 'invalid-file',
    words: ['<0x00>'],
  },
])('a SentencePiece vocabulary with $says is refused', async ({ change, code, words }) => {
  await expectRefusal(() => tokenizerOf({ ...sentencePiece(), ...change }), code, ...words);
});

test('a vocabulary of a few endless tokens is refused in a moment', async () => {
  const { tokens, kinds } = golden.sentencePiece;
  const long = Array.from({ length: 20 }, (_, i) => 'ab'.repeat(20_000 + i));
  const change: Entries = {
    'ggml.tokens': ['strings', [...tokens, ...long]],
    'ggml.scores': ['f32s', [...tokens, ...long].map((_, i) => -i)],
    'ggml.token_type': ['i32s', [...kinds, ...long.map(() => 1)]],
  };
  const took = await processorTime(() =>
    expectRefusal(() => tokenizerOf({ ...sentencePiece(), ...change }), 'invalid-file', 'too long'),
  );
  expect(took).toBeLessThan(2000);
});

describe('names of pre-tokenizers', () => {
  test.each([
    ['deepseek-r1-qwen', 'qwen2'],
    ['falcon3', 'llama-bpe'],
    ['dbrx', 'smaug-bpe'],
    ['starcoder', 'smollm'],
    ['mpt', 'gpt-2'],
    ['llama4', 'gpt-4o'],
  ])('%s is read as %s', (name, known) => {
    expect(namedPreTokenizer('a.gguf', name)).toEqual(namedPreTokenizer('a.gguf', known));
  });

  test.each(PRE_TOKENIZER_NAMES)('%s has patterns that can be read', (name) => {
    const refuse = refuseIn('a.gguf');
    const { normalizer: steps, preTokenizer: cuts } = namedPreTokenizer('a.gguf', name);
    const text = "It's 12345 «été» 日本語. \n\n  def f(x): return x+1\t";
    const pieces = preTokenizer(cuts, refuse)(normalizer(steps, refuse)(new NormalText(text)));
    expect(pieces.length).toBeGreaterThan(5);
    // nothing is lost where text is cut
    const bytes = pieces.flatMap(({ text }) => [...text]).map((character) => characterBytes.get(character)!);
    expect(Buffer.from(bytes).toString()).toBe(text);
  });

  test('one that nobody knows is refused', async () => {
    await expectRefusal(() => namedPreTokenizer('a.gguf', 'kimi-k2'), 'unsupported', 'kimi-k2', 'llama-bpe');
    await expectRefusal(() => namedPreTokenizer('a.gguf', undefined), 'unsupported', 'tokenizer.ggml.pre');
  });
});
