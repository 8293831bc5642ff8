import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readGeneration } from '../src/generation-config.ts';
import { readLlamaConfig } from '../src/llama-config.ts';
import { makeTokenizer } from '../src/make-tokenizer.ts';
import { makeTinyCheckpoint } from '../src/testing/index.ts';
import { parseTokenizerFile } from '../src/tokenizer-json.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = await temporaryFolder();
await makeTinyCheckpoint(folder, { layers: 1, ropeScaling: { type: 'linear', factor: 2 } });
const parsed = async (file: string) =>
  JSON.parse(await readFile(join(folder, file), 'utf8')) as Record<string, unknown>;
const [config, generation, tokenizer] = await Promise.all(
  ['config.json', 'generation_config.json', 'tokenizer.json'].map(parsed) as [
    Promise<Record<string, unknown>>,
    Promise<Record<string, unknown>>,
    Promise<Record<string, unknown>>,
  ],
);

/** Every place in a JSON value, as the keys that lead there. */
function placesIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  // a sample of long lists is as good as all of them
  const entries = Object.entries(value).slice(0, 12);
  return [path, ...entries.flatMap(([key, inner]) => placesIn(inner, [...path, key]))];
}

function withChange(value: unknown, path: readonly string[], change: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = withChange(copy[key], rest, change);
  return copy;
}

const anyChange = fc.oneof(
  fc.constantFrom<unknown>(
    null, undefined, true, false, 0, -1, 1, 2 ** 31, 1e308, 0.5, '', 'x', 'BPE', 'ByteLevel', 'Sequence', [], [null], [[]], {}, { type: 'Sequence' },
    { type: 'Split', behavior: 'Isolated', pattern: { Regex: '(' } }, { type: 'NFC' }, { Regex: '[' }, ['a', 'b'], 'a b', { id: 1, content: 'a' },
  ), // biome-ignore format: a list reads better than a column
  fc.jsonValue({ maxDepth: 2 }),
);

/** Runs `read` on mutated copies; anything but success and our own error fails. */
function survives(sound: Record<string, unknown>, read: (json: Record<string, unknown>) => void): void {
  const edits = fc.array(fc.tuple(fc.constantFrom(...placesIn(sound).slice(1)), anyChange), {
    minLength: 1,
    maxLength: 3,
  });
  let refused = 0;
  fc.assert(
    fc.property(edits, (list) => {
      const json = list.reduce<unknown>((value, [path, change]) => {
        try {
          return withChange(value, path, change);
        } catch {
          return value; // an earlier change took the place away
        }
      }, sound);
      try {
        read(JSON.parse(JSON.stringify(json)));
      } catch (error) {
        if (!JudgeDecodingError.is(error)) throw error;
        refused++;
      }
    }),
    { numRuns: 1500, seed: 20250103 },
  );
  expect(refused).toBeGreaterThan(100);
}

test('mutated configs are read or refused', () => {
  survives(config!, (json) => void readLlamaConfig('config.json', json));
});

test('mutated generation configs are read or refused', () => {
  survives(generation!, (json) => {
    const beside = { path: 'config.json', json: config! };
    readGeneration({ path: 'generation_config.json', json }, beside);
    readGeneration(undefined, { path: 'config.json', json: { ...config, ...json } });
  });
});

test('mutated tokenizers encode and decode, or are refused', () => {
  survives(tokenizer!, (json) => {
    const made = makeTokenizer({
      file: parseTokenizerFile('tokenizer.json', json),
      chatTemplate: undefined,
      endTokens: [],
      beginToken: undefined,
    });
    const ids = made.encode('Tom has 12 <|end|>é🍎', { special: true, begin: true });
    made.decode(ids);
  });
});
