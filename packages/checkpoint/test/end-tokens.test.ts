import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseGgufHeader } from '../src/gguf/gguf-header.ts';
import { ggufTokenizer } from '../src/gguf/gguf-tokenizer.ts';
import { createTextStream, openCheckpoint, type Tokenizer } from '../src/index.ts';
import { type GgufEntry, ggufBytes, makeTinyCheckpoint } from '../src/testing/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

type Json = Record<string, unknown>;
interface Added extends Json {
  readonly id: number;
  readonly content: string;
}

const root = await temporaryFolder();
const sound = join(root, 'sound');
const { endToken } = await makeTinyCheckpoint(sound);
const END = '<|end|>';

/** A folder whose files were changed; what is not named stays, and nothing says where texts end. */
async function folderWith(changes: Readonly<Record<string, (json: Json) => Json>>): Promise<string> {
  const folder = await mkdtemp(join(root, 'copy-'));
  await cp(sound, folder, { recursive: true });
  const silent = {
    'config.json': ({ eos_token_id, ...rest }: Json) => rest,
    'generation_config.json': () => ({}),
    'tokenizer_config.json': () => ({}),
  };
  for (const [file, quiet] of Object.entries({ ...silent, 'tokenizer.json': (json: Json) => json })) {
    const path = join(folder, file);
    const json: Json = await readFile(path, 'utf8').then(JSON.parse, () => ({}));
    await writeFile(path, JSON.stringify((changes[file] ?? ((same: Json) => same))(quiet(json))));
  }
  return folder;
}

const withoutAdded = (json: Json): Json => ({
  ...json,
  added_tokens: (json.added_tokens as Added[]).filter(({ content }) => content !== END),
});

/** The end token an ordinary word of the vocabulary. */
function asWord(json: Json): Json {
  const model = json.model as { vocab: Record<string, number> };
  return { ...withoutAdded(json), model: { ...model, vocab: { ...model.vocab, [END]: endToken } } };
}

const notSpecial = (json: Json): Json => ({
  ...json,
  added_tokens: (json.added_tokens as Added[]).map((token) =>
    token.content === END ? { ...token, special: false } : token,
  ),
});

/** What an end token is, wherever it was declared. */
function expectEnd(tokenizer: Tokenizer, id: number, text: string): void {
  expect(tokenizer.endTokens).toContain(id);
  const stream = createTextStream(tokenizer);
  const shown = [...tokenizer.encode('the end'), id].map((token) => stream.push(token)).join('');
  expect(shown + stream.finish()).toBe('the end');
  expect(tokenizer.bytesOf(id)).toEqual(new Uint8Array(0));
  expect(tokenizer.decode([id])).toBe('');
  // a user's is text
  expect(tokenizer.encode(`a${text}b`)).not.toContain(id);
  expect(tokenizer.encode(`a${text}b`, { special: true })).toContain(id);
}

describe('an end token of a folder', () => {
  test.each([
    ['in tokenizer_config.json as a string', { 'tokenizer_config.json': () => ({ eos_token: END }) }],
    [
      'in tokenizer_config.json as an object',
      { 'tokenizer_config.json': () => ({ eos_token: { content: END, special: true } }) },
    ],
    [
      'in added_tokens_decoder alone',
      {
        'tokenizer.json': withoutAdded,
        'tokenizer_config.json': () => ({
          eos_token: END,
          added_tokens_decoder: { [endToken]: { content: END, special: true, normalized: false } },
        }),
      },
    ],
    [
      'in the vocabulary alone, by name',
      { 'tokenizer.json': asWord, 'tokenizer_config.json': () => ({ eos_token: END }) },
    ],
    [
      'in the vocabulary alone, by id',
      { 'tokenizer.json': asWord, 'generation_config.json': () => ({ eos_token_id: [endToken] }) },
    ],
    [
      'with `special: false`',
      { 'tokenizer.json': notSpecial, 'tokenizer_config.json': () => ({ eos_token: END }) },
    ],
    [
      'with `special: false`, by id',
      { 'tokenizer.json': notSpecial, 'config.json': (json: Json) => ({ ...json, eos_token_id: endToken }) },
    ],
    [
      'with `special: false` in added_tokens_decoder',
      {
        'tokenizer_config.json': () => ({
          eos_token: { content: END },
          added_tokens_decoder: { [endToken]: { content: END, special: false } },
        }),
      },
    ],
  ])('declared %s', async (_, changes) => {
    const { tokenizer, dispose } = await openCheckpoint(await folderWith(changes));
    await dispose();
    expectEnd(tokenizer, endToken, END);
  });

  test('that is an ordinary word ends the text without being shown, and stays a word in prompts', async () => {
    const folder = await folderWith({});
    const words = await openCheckpoint(folder);
    const [id] = words.tokenizer.encode(' Tom');
    await words.dispose();
    await writeFile(join(folder, 'generation_config.json'), JSON.stringify({ eos_token_id: id }));
    const { tokenizer, dispose } = await openCheckpoint(folder);
    await dispose();
    const stream = createTextStream(tokenizer);
    expect(stream.push(id!) + stream.finish()).toBe('');
    expect(tokenizer.encode(' Tom')).toEqual([id]);
    expect(tokenizer.decode([id!])).toBe(' Tom');
  });
});

describe('a template’s ending', () => {
  const ending = async (template: string) => {
    const folder = await folderWith({ 'tokenizer_config.json': () => ({ chat_template: template }) });
    const { tokenizer, dispose } = await openCheckpoint(folder);
    await dispose();
    return tokenizer.endTokens;
  };

  test('is what it writes behind an answer', async () => {
    expect(await ending('{% for m in messages %}{{ m.content }}<|end|>{% endfor %}')).toEqual([endToken]);
  });

  test.each([
    ['a constant', '<|begin|>Hello<|end|>'],
    ['one that prints the question alone', '{{ messages[0].content }}<|end|>'],
    [
      'one that never prints an answer',
      "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}<|end|>{% endif %}{% endfor %}",
    ],
    [
      'one that prints an answer’s length',
      '{% for m in messages %}{{ m.content|length }}<|end|>{% endfor %}',
    ],
    ['one that refuses', "{{ raise_exception('no') }}<|end|>"],
    ['one that cannot be read', '{% if %}<|end|>'],
    ['one without an ending', '{% for m in messages %}<|turn|>{{ m.content }}{% endfor %}'],
  ])('is not guessed from %s', async (_, template) => {
    expect(await ending(template)).toEqual([]);
  });
});

describe('an end token of a GGUF file', () => {
  const WORDS = [
    'Ġ',
    't',
    'h',
    'e',
    'n',
    'd',
    'a',
    'b',
    '<',
    '>',
    '|',
    '/',
    's',
    '_',
    'i',
    'm',
    'o',
    'u',
    'r',
    'f',
    'p',
    'c',
    'l',
    'E',
    'O',
    'T',
    '[',
    ']',
  ];
  /** A vocabulary of letters and some tokens, each with its kind. */
  function gguf(
    tokens: readonly (readonly [string, number])[],
    more: Readonly<Record<string, GgufEntry>> = {},
  ) {
    const entries: Record<string, GgufEntry> = {
      'ggml.model': ['string', 'gpt2'],
      'ggml.pre': ['string', 'gpt-2'],
      'ggml.tokens': ['strings', [...WORDS, ...tokens.map(([text]) => text)]],
      'ggml.token_type': ['i32s', [...WORDS.map(() => 1), ...tokens.map(([, kind]) => kind)]],
      'ggml.merges': ['strings', []],
      ...more,
    };
    const metadata = Object.entries(entries).map(([key, entry]) => [`tokenizer.${key}`, entry] as const);
    const bytes = ggufBytes({ metadata, tensors: [] });
    const header = parseGgufHeader('made-up.gguf', bytes, bytes.length);
    return ggufTokenizer('made-up.gguf', header.metadata, () => new Date(0)).tokenizer;
  }
  const first = WORDS.length;
  const [NORMAL, CONTROL, USER_DEFINED] = [1, 3, 4];

  test.each(
    [
      '<|im_end|>',
      '<|eot_id|>',
      '<end_of_turn>',
      '</s>',
      '<EOT>',
      '[EOS]',
      '<|fim_pad|>',
      '<|file_sep|>',
    ].flatMap((text) => [NORMAL, CONTROL, USER_DEFINED].map((kind) => [text, kind] as const)),
  )('%s goes by its name, also as a token of kind %d', (text, kind) => {
    expectEnd(gguf([[text, kind]]), first, text);
  });

  test('is also what eos_token_ids lists, and add_mask_token is no reason to refuse a file', () => {
    const tokenizer = gguf(
      [
        ['<a>', CONTROL],
        ['<b>', USER_DEFINED],
      ],
      { 'ggml.eos_token_ids': ['i32s', [first, first + 1]], 'ggml.add_mask_token': ['bool', false] },
    );
    expect(tokenizer.endTokens).toEqual([first, first + 1]);
    expectEnd(tokenizer, first + 1, '<b>');
  });

  test('of a reply in parts is the last part’s', () => {
    const tokenizer = gguf([
      ['<|end|>', CONTROL],
      ['<|return|>', CONTROL],
      ['<|call|>', CONTROL],
    ]);
    expect(tokenizer.endTokens).toEqual([first + 1, first + 2]);
  });

  test('is only the first of the names for one mark', () => {
    const tokenizer = gguf([
      ['[PAD]', CONTROL],
      ['<|fim_pad|>', CONTROL],
    ]);
    expect(tokenizer.endTokens).toEqual([first + 1]);
  });

  test('that no token has is refused', () => {
    expect(() => gguf([], { 'ggml.eos_token_ids': ['i32s', [999]] })).toThrow('eos_token_ids` is 999');
  });
});
