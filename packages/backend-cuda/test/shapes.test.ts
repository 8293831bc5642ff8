import { JudgeDecodingError } from '@judge-decoding/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesPerToken, cacheBytesPerToken, estimatedModelBytes } from '../src/index.ts';
import { matrixBytes } from '../src/memory.ts';
import { engineShape } from '../src/shapes/engine-shape.ts';
import { NAMED_SHAPES, namedShape } from '../src/shapes/named-shapes.ts';
import { parseSynthetic } from '../src/shapes/synthetic.ts';

/** Parameters as their makers state them, in billions: a slip in the table shows. */
const STATED: Readonly<Record<string, number>> = {
  'llama-2-7b': 6.74,
  'llama-2-13b': 13.02,
  'llama-2-70b': 68.98,
  'llama-3.1-8b': 8.03,
  'llama-3.1-70b': 70.55,
  'llama-3.1-405b': 405.85,
  'llama-3.2-1b': 1.24,
  'llama-3.2-3b': 3.21,
  'mistral-7b': 7.25,
  'qwen2.5-0.5b': 0.49,
  'qwen2.5-1.5b': 1.54,
  'qwen2.5-3b': 3.09,
  'qwen2.5-7b': 7.62,
  'qwen2.5-14b': 14.77,
  'qwen2.5-32b': 32.76,
  'qwen2.5-72b': 72.71,
  'qwen3-0.6b': 0.6,
  'qwen3-1.7b': 1.72,
  'qwen3-4b': 4.02,
  'qwen3-8b': 8.19,
  'qwen3-14b': 14.77,
  'qwen3-32b': 32.76,
};

const shapeOf = (name: string, heldAs: 'bf16' | 'int8' | 'int4' = 'bf16') =>
  engineShape(namedShape(name)!, { device: 0, heldAs, context: 4096 });

test.each(NAMED_SHAPES)('%s has as many parameters as its makers say', (name) => {
  const shape = shapeOf(name);
  // bf16: two bytes each; a tied output matrix is held twice but is one
  const lookup = shape.tied ? 0 : 2 * shape.vocabRows * shape.hidden;
  const parameters = (bytesPerToken(shape) + lookup) / 2 / 1e9;
  expect(parameters / STATED[name]!).toBeGreaterThan(0.985);
  expect(parameters / STATED[name]!).toBeLessThan(1.015);
});

test('bytes of weights and cache, by hand', () => {
  expect(matrixBytes(256, 512, 'bf16')).toBe(262_144);
  expect(matrixBytes(256, 512, 'int8')).toBe(131_072 + 1024);
  expect(matrixBytes(256, 512, 'fp8')).toBe(131_072 + 1024);
  // four groups of 128 a row, two bytes each
  expect(matrixBytes(256, 512, 'int4')).toBe(65_536 + 2048);
  // 32 layers, 8 heads of 128, keys and values, two bytes
  expect(cacheBytesPerToken(shapeOf('llama-3.1-8b'))).toBe(131_072);
  expect(estimatedModelBytes(shapeOf('llama-3.1-70b', 'int8')) / 1e9).toBeCloseTo(71.6, 0);
  // the output matrix keeps eight bits under int4
  const { vocabRows, hidden } = shapeOf('llama-3.1-8b');
  const difference = bytesPerToken(shapeOf('llama-3.1-8b', 'int4')) - matrixBytes(vocabRows, hidden, 'int8');
  expect(difference).toBeLessThan(bytesPerToken(shapeOf('llama-3.1-8b', 'int8')) * 0.5);
});

test('synthetic names: a shape, its type, or fields of one’s own', () => {
  expect(parseSynthetic('llama-3.1-70b:int8')).toMatchObject({ dtype: 'int8', config: { layers: 80 } });
  expect(parseSynthetic('synthetic:qwen3-4b')).toMatchObject({
    dtype: 'auto',
    config: { queryKeyNorm: true },
  });
  expect(parseSynthetic('random:hidden=512,layers=3,heads=8,kv=1,tied=1,seed=9:fp8')).toMatchObject({
    dtype: 'fp8',
    seed: 9,
    config: { hiddenSize: 512, layers: 3, attentionHeads: 8, keyValueHeads: 1, tiedEmbeddings: true },
  });
  expect(parseSynthetic('random:tokens=100').config).toMatchObject({ tokenCount: 100, vocabSize: 128 });
  expect(parseSynthetic('random:rows=100').config).toMatchObject({ tokenCount: 100, vocabSize: 100 });
});

test.each([
  ['llama-9', 'llama-9'],
  ['llama-3.1-8b:int3', 'int3'],
  ['llama-3.1-8b:int8:4', 'int8:4'],
  ['random:hidden=abc', 'abc'],
  ['random:hidden=1', '1'],
  ['random:width=3', 'width'],
  ['random:heads=6,kv=4', '4 and 6'],
  ['random:headDim=63', '63'],
  ['random:rows=10,tokens=20', '20 of 10'],
  ['', 'nothing'],
])('%j is refused, and %j is named', (text, named) => {
  expect(() => parseSynthetic(text)).toThrow(named);
});

test('whatever is written, it is a model or a typed refusal', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom('', 'random:', 'synthetic:', 'synthetic:random:hidden='),
      (text, lead) => {
        try {
          parseSynthetic(lead + text);
        } catch (error) {
          expect(JudgeDecodingError.is(error, 'invalid-option')).toBe(true);
        }
      },
    ),
  );
});
