import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTokenizer } from '../src/make-tokenizer.ts';
import { checkedTokenizer } from '../src/testing/index.ts';
import { parseTokenizerFile } from '../src/tokenizer-json.ts';

/** Written by tools/tokenizer-check/made_up_tokenizers.py: what the tokenizers package for Python says. */
interface Golden {
  readonly models: Record<string, { like?: string; model: object; decoder: object }>;
  readonly normalizers: Record<string, object | null>;
  readonly cases: readonly {
    readonly model: string;
    readonly normalizer: string;
    readonly pre_tokenizer: object | null;
    readonly added: readonly { id: number; content: string; special: boolean }[];
    /** Text, ids with special tokens as text, ids with them read, the text of each. */
    readonly rows: readonly [string, number[], number[], string, string | null][];
  }[];
}

const path = join(import.meta.dirname, 'fixtures/made-up-tokenizers.json');
const golden: Golden = JSON.parse(await readFile(path, 'utf8'));

function documentOf({ model: name, normalizer, pre_tokenizer, added }: Golden['cases'][number]) {
  const { like, model, decoder } = golden.models[name]!;
  const base = like === undefined ? {} : golden.models[like]!.model;
  return {
    added_tokens: added,
    normalizer: golden.normalizers[normalizer],
    pre_tokenizer,
    post_processor: null,
    decoder,
    model: { ...base, ...model },
  };
}

describe('made-up tokenizers give the ids and texts of Hugging Face’s', () => {
  test.each(golden.cases.map((each, i) => [i, each.model, each.normalizer, each] as const))(
    '%i: %s, %s',
    (_, __, ___, each) => {
      const tokenizer = checkedTokenizer(documentOf(each));
      for (const [text, plain, read, decoded, decodedRead] of each.rows) {
        expect(tokenizer.encode(text)).toEqual(plain);
        expect(tokenizer.encode(text, { special: true })).toEqual(read);
        expect(tokenizer.decode(plain)).toBe(decoded);
        if (decodedRead !== null) expect(tokenizer.decode(read)).toBe(decodedRead);
      }
    },
  );

  test('the same text has the same ids in every process: nothing in them is made up at run time', () => {
    for (const each of golden.cases) {
      const [one, other] = [checkedTokenizer(documentOf(each)), checkedTokenizer(documentOf(each))];
      for (const [text] of each.rows) {
        expect(one.encode(text, { special: true })).toEqual(other.encode(text, { special: true }));
      }
    }
  });

  test('what a user writes is never a special token in a conversation, whatever flags and normalizers do', () => {
    const chatTemplate = {
      render: (messages: readonly { role: string; content: string }[]) =>
        messages.map(({ content }) => `${content.trim()}\n`).join(''),
    };
    for (const each of golden.cases) {
      const file = parseTokenizerFile('tokenizer.json', documentOf(each));
      const tokenizer = makeTokenizer({ file, chatTemplate, endTokens: [], beginToken: undefined });
      const special = new Set(each.added.filter((token) => token.special).map(({ id }) => id));
      for (const [text] of each.rows) {
        for (const content of [text, text.toUpperCase(), `${text}</s>`, `＜/ｓ＞${text}`]) {
          const ids = tokenizer.encodeChat([{ role: 'user', content }]);
          expect(ids.filter((id) => special.has(id))).toEqual([]);
        }
      }
    }
  });
});
