import { stopMatcher } from '@judge-decoding/core';
import { describe, expect, test } from 'vitest';
import { createTextStream, stopConditions } from '../src/index.ts';
import { makeTokenizer } from '../src/make-tokenizer.ts';
import { makeTinyTokenizer } from '../src/testing/index.ts';
import { parseTokenizerFile } from '../src/tokenizer-json.ts';

const { json, endToken } = makeTinyTokenizer();
const tokenizer = makeTokenizer({
  file: parseTokenizerFile('tokenizer.json', json as Record<string, unknown>),
  chatTemplate: undefined,
  endTokens: [],
  beginToken: undefined,
});
const ids = (text: string) => tokenizer.encode(text, { special: true });
const turn = ids('<|turn|>')[0]!;

/** What is shown of a text, and where in its tokens it stops. */
function run(text: string, stop: readonly string[]) {
  const stream = createTextStream(tokenizer, { stop });
  const tokens = ids(text);
  const shown = tokens.map((id) => stream.push(id)).join('') + stream.finish();
  return { shown, at: stopMatcher(stopConditions(tokenizer, stop)).find(tokens) };
}

describe('stop strings that name a special token', () => {
  test('stop on that token', () => {
    expect(stopConditions(tokenizer, ['<|turn|>', 'x', '<|end|>']).tokens).toEqual([endToken, turn]);
    expect(stopConditions(tokenizer, ['x']).tokens).toBeUndefined();
    expect(stopConditions(tokenizer, [])).toEqual({});
  });

  test.each([
    { text: 'Tom and Mia<|turn|> has', stop: ['<|turn|>'], shown: 'Tom and Mia', stopsAt: '<|turn|>' },
    { text: 'Tom and\n<|turn|> has', stop: ['\n<|turn|>'], shown: 'Tom and', stopsAt: '<|turn|>' },
    { text: 'Tom<|turn|>user has', stop: ['<|turn|>user'], shown: 'Tom', stopsAt: 'r' },
    { text: 'Tom<|end|><|turn|> has', stop: ['<|end|><|turn|>'], shown: 'Tom', stopsAt: '<|turn|>' },
    { text: 'Tom<|pad|> has<|turn|> more', stop: ['has<|turn|>'], shown: 'Tom ', stopsAt: '<|turn|>' },
  ])('$stop in $text', ({ text, stop, shown, stopsAt }) => {
    const found = run(text, stop);
    expect(found.shown).toBe(shown);
    expect(tokenizer.vocabulary(ids(text)[found.at]!)).toBe(stopsAt);
  });

  test('stop where a model spells the name out, too', () => {
    const stream = createTextStream(tokenizer, { stop: ['<|turn|>'] });
    const spelt = tokenizer.encode('Tom <|turn|> has');
    expect(spelt).not.toContain(turn);
    expect(spelt.map((id) => stream.push(id)).join('') + stream.finish()).toBe('Tom ');
    expect(stopMatcher(stopConditions(tokenizer, ['<|turn|>'])).find(spelt)).toBeGreaterThan(0);
  });

  test('never show the name of a token that begins a stop string and does not complete it', () => {
    expect(run('Tom<|turn|> and', ['<|turn|>user']).shown).toBe('Tom and');
    expect(run('Tom<|turn|>', ['<|turn|>user'])).toEqual({ shown: 'Tom', at: -1 });
  });

  test('an empty one is refused', () => {
    expect(() => stopConditions(tokenizer, [''])).toThrow('at least one character');
  });
});

describe('the first token of a text of its own', () => {
  const pieces = ['\u2581', '\u2581\u2581', '\u2581\u2581x', '\u2581x', 'x', '\u2581\u2581\u2581'];
  const spaced = (strip: number) =>
    makeTokenizer({
      file: parseTokenizerFile('tokenizer.json', {
        added_tokens: [],
        normalizer: null,
        pre_tokenizer: null,
        decoder: {
          type: 'Sequence',
          decoders: [
            { type: 'Replace', pattern: { String: '\u2581' }, content: ' ' },
            { type: 'Fuse' },
            { type: 'Strip', content: ' ', start: strip, stop: 0 },
          ],
        },
        model: { type: 'BPE', vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])), merges: [] },
      }),
      chatTemplate: undefined,
      endTokens: [],
      beginToken: undefined,
    });

  test.each([0, 1, 2])('loses the %d spaces that decoding takes away, and no more', (strip) => {
    const tokenizer = spaced(strip);
    for (const [id] of pieces.entries()) {
      const stream = createTextStream(tokenizer, { startsText: true });
      expect(stream.push(id) + stream.push(4)).toBe(tokenizer.decode([id, 4]));
    }
  });
});
