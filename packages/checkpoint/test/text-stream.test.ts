import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTextStream, openCheckpoint, type TextStreamOptions } from '../src/index.ts';
import { makeTinyCheckpoint } from '../src/testing/index.ts';
import { expectRefusal } from './expect-refusal.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = await temporaryFolder();
await makeTinyCheckpoint(folder, { layers: 1 });
const checkpoint = await openCheckpoint(folder);
await checkpoint.dispose();
const { tokenizer } = checkpoint;

function streamed(ids: readonly number[], options: TextStreamOptions = {}) {
  const stream = createTextStream(tokenizer, options);
  const pieces = ids.map((id) => stream.push(id));
  const last = stream.finish();
  return { pieces, last, text: pieces.join('') + last, stopped: stream.stopped };
}

const anyIds = fc.array(fc.nat(tokenizer.tokenCount - 1), { maxLength: 40 });

describe('half characters', () => {
  test('an emoji appears with its last byte', () => {
    const { pieces } = streamed(tokenizer.encode('a🍎b'));
    expect(pieces).toEqual(['a', '', '', '', '🍎', 'b']);
  });

  test('what is still half at the end becomes U+FFFD', () => {
    const { pieces, last } = streamed(tokenizer.encode('a🍎').slice(0, -1));
    expect(pieces).toEqual(['a', '', '', '']);
    expect(last).toBe('\ufffd');
  });

  test('any tokens give the text that decoding them at once gives', () => {
    fc.assert(
      fc.property(anyIds, (ids) => {
        expect(streamed(ids).text).toBe(tokenizer.decode(ids));
      }),
      { numRuns: 500 },
    );
  });
});

describe('stop strings', () => {
  test('text that may begin one is held back until it is certain', () => {
    const { pieces, stopped, text } = streamed(tokenizer.encode('a##b###c'), { stop: ['###'] });
    expect(pieces).toEqual(['a', '', '', '##b', '', '', '', '']);
    expect(stopped).toBe('###');
    expect(text).toBe('a##b');
  });

  test('held text appears at the end when nothing came of it', () => {
    expect(streamed(tokenizer.encode('a##'), { stop: ['###'] })).toMatchObject({
      last: '##',
      stopped: undefined,
    });
  });

  test('one inside a token cuts the token', () => {
    expect(streamed(tokenizer.encode('x apples'), { stop: ['ppl'] })).toMatchObject({
      text: 'x a',
      stopped: 'ppl',
    });
  });

  test('the text is cut where character by character it would have stopped', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é', '🍎', ' apples'), maxLength: 20 });
    const stops = fc.array(
      fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é', 'p'), minLength: 1, maxLength: 3 }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(text, stops, (full, stop) => {
        let expected = full;
        for (let end = 0; end <= full.length; end++) {
          const ended = stop.filter((candidate) => full.slice(0, end).endsWith(candidate));
          if (ended.length === 0) continue;
          expected = full.slice(0, end - Math.max(...ended.map(({ length }) => length)));
          break;
        }
        expect(streamed(tokenizer.encode(full), { stop }).text).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test('an empty one is refused', async () => {
    await expectRefusal(() => createTextStream(tokenizer, { stop: ['a', ''] }), 'invalid-option', '`stop`');
  });
});
