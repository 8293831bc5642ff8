import { join } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { expect, test } from 'vitest';
import { modelFacts } from '../../src/inspect/model-facts.ts';
import { modelLines } from '../../src/inspect/model-lines.ts';

const families = join(import.meta.dirname, '../../../backend-cpu/test/fixtures/families');

test.each([
  {
    file: 'qwen3.gguf',
    says: {
      architecture: 'Qwen3: norms of queries and keys',
      attention: '4 heads of 8 over 2 key-value heads',
      positions: '128 tokens, rotary base 500000',
    },
  },
  {
    file: 'smollm3.gguf',
    says: {
      architecture: 'SmolLM3: layers without positions',
      positions: '128 tokens, rotary base 30000, none in 1 of 5 layers',
    },
  },
  {
    file: 'gemma3.gguf',
    says: {
      architecture:
        'Gemma 3: norms of queries and keys, gelu, norms of what each layer puts out, scaled embeddings, sliding windows',
      attention: '4 heads of 8 over 2 key-value heads; 6 layers see 6 tokens, 1 the whole text',
      positions: '128 tokens, rotary base 200000, scaled (linear), in windows 500',
    },
  },
])('$file is told apart from a plain Llama', async ({ file, says }) => {
  const checkpoint = await openCheckpoint(join(families, file));
  const lines = Object.fromEntries(modelLines(modelFacts(checkpoint), [], []));
  expect(lines).toMatchObject(says);
  await checkpoint.dispose();
});
