import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  architectureFingerprint,
  expectedTensors,
  narrow,
  openCheckpoint,
  type TensorToWrite,
  writeSafetensors,
} from '../src/index.ts';
import { makeTinyCheckpoint, TINY_CHAT_TEMPLATE } from '../src/testing/index.ts';
import { expectRefusal } from './expect-refusal.ts';
import { edit, tensorsOf } from './spoil-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = await temporaryFolder();
const sound = join(root, 'sound');
const { endToken, beginToken, tokenCount } = await makeTinyCheckpoint(sound);

/** A copy of the sound folder to spoil. */
async function copy(): Promise<string> {
  const folder = await mkdtemp(join(root, 'copy-'));
  await cp(sound, folder, { recursive: true });
  return folder;
}

async function rewrite(folder: string, change: (tensors: TensorToWrite[]) => TensorToWrite[]): Promise<void> {
  await writeSafetensors(join(folder, 'model.safetensors'), change(await tensorsOf(folder)));
}

describe('a sound folder', () => {
  test.each([
    { as: 'one file', options: {} },
    { as: 'shards', options: { maxShardBytes: 20_000 } },
    { as: 'bfloat16 with tied embeddings', options: { dtype: 'bf16', tiedEmbeddings: true } as const },
    {
      as: 'biases, wide heads and scaled positions',
      options: {
        dtype: 'fp16',
        attentionBias: true,
        headDim: 12,
        ropeScaling: { type: 'linear', factor: 2 },
      } as const,
    },
  ])('opens as $as', async ({ options }) => {
    const folder = await mkdtemp(join(root, 'made-'));
    const made = await makeTinyCheckpoint(folder, options);
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.name).toBe(folder.split(/[\\/]/).at(-1));
    expect(checkpoint.config).toMatchObject({ vocabSize: made.vocabSize, tokenCount, layers: 2 });
    expect(checkpoint.config.vocabSize).toBeGreaterThan(tokenCount);
    expect(checkpoint.generation).toEqual({ endTokens: [endToken], beginToken });
    for (const { name, shape } of expectedTensors(checkpoint.config)) {
      const values = await checkpoint.tensors.read(name);
      expect(values.length).toBe(shape.reduce((product, size) => product * size, 1));
      expect(values.every(Number.isFinite)).toBe(true);
    }
    await checkpoint.dispose();
    await expectRefusal(() => checkpoint.tensors.read('model.norm.weight'), 'disposed');
  });

  test('is the same for the same options and another for another seed', async () => {
    const folders = await Promise.all([1, 1, 2].map(() => mkdtemp(join(root, 'seed-'))));
    await Promise.all(folders.map((folder, i) => makeTinyCheckpoint(folder, { seed: i === 2 ? 2 : 1 })));
    const [first, second, third] = await Promise.all(
      folders.map((folder) => readFile(join(folder, 'model.safetensors'))),
    );
    expect(second!.equals(first!)).toBe(true);
    expect(third!.equals(first!)).toBe(false);
  });
});

describe('end tokens', () => {
  test('come from the generation config, the tokenizer and the template', async () => {
    const folder = await copy();
    await edit(folder, 'generation_config.json', () => ({
      eos_token_id: [1, 2],
      do_sample: true,
      temperature: 0.6,
      top_k: 20,
    }));
    const { generation, tokenizer, dispose } = await openCheckpoint(folder);
    await dispose();
    expect(generation).toEqual({ endTokens: [1, 2, endToken], beginToken, temperature: 0.6, topK: 20 });
    expect(tokenizer.endTokens).toEqual([1, 2, endToken]);
  });

  test('the template’s end of turn is one though no file says so', async () => {
    const folder = await copy();
    await edit(folder, 'generation_config.json', () => ({}));
    await edit(folder, 'config.json', ({ eos_token_id, ...rest }) => rest);
    await edit(folder, 'tokenizer_config.json', ({ eos_token, ...rest }) => rest);
    const { generation, dispose } = await openCheckpoint(folder);
    await dispose();
    expect(generation.endTokens).toEqual([endToken]);
  });

  test('sampling values count only where the model asks for sampling', async () => {
    const folder = await copy();
    await edit(folder, 'generation_config.json', () => ({ eos_token_id: endToken, temperature: 0.6 }));
    const { generation, dispose } = await openCheckpoint(folder);
    await dispose();
    expect(generation).toEqual({ endTokens: [endToken], beginToken });
  });
});

describe('chat templates', () => {
  test.each([
    {
      where: 'a list of named ones',
      chat_template: [
        { name: 'tool_use', template: 'x' },
        { name: 'default', template: TINY_CHAT_TEMPLATE },
      ],
    },
    { where: 'a string', chat_template: TINY_CHAT_TEMPLATE },
  ])('are found in $where', async ({ chat_template }) => {
    const folder = await copy();
    await edit(folder, 'tokenizer_config.json', (json) => ({ ...json, chat_template }));
    const { tokenizer, dispose } = await openCheckpoint(folder);
    await dispose();
    expect(tokenizer.renderChat([{ role: 'user', content: 'Hi' }])).toBe(
      '<|begin|><|turn|>user\nHi<|end|>\n<|turn|>assistant\n',
    );
  });

  test('a file of its own goes before the field', async () => {
    const folder = await copy();
    await writeFile(join(folder, 'chat_template.jinja'), '{{ eos_token }}{{ messages[0].content }}');
    const { tokenizer, dispose } = await openCheckpoint(folder);
    await dispose();
    expect(tokenizer.renderChat([{ role: 'user', content: 'Hi' }])).toBe('<|end|>Hi');
  });

  test('a folder without one says so when asked', async () => {
    const folder = await copy();
    await rm(join(folder, 'tokenizer_config.json'));
    const { tokenizer, dispose } = await openCheckpoint(folder);
    await dispose();
    expect(tokenizer.hasChatTemplate).toBe(false);
  });
});

describe('fingerprints', () => {
  const fingerprintOf = async (folder: string, cacheFolder?: string) => {
    const checkpoint = await openCheckpoint(folder, cacheFolder === undefined ? {} : { cacheFolder });
    const fingerprint = await checkpoint.fingerprint();
    await checkpoint.dispose();
    return fingerprint;
  };

  test('do not depend on how weights are cut into files', async () => {
    const folder = await mkdtemp(join(root, 'sharded-'));
    await makeTinyCheckpoint(folder, { maxShardBytes: 20_000 });
    expect((await readdir(folder)).filter((name) => name.endsWith('.safetensors')).length).toBeGreaterThan(2);
    expect(await fingerprintOf(folder)).toEqual(await fingerprintOf(sound));
  });

  test('tell weights, types of weights and architectures apart', async () => {
    const folder = await mkdtemp(join(root, 'other-'));
    const [base, seed, type, shape] = [
      await fingerprintOf(sound),
      await makeTinyCheckpoint(folder, { seed: 2 }).then(() => fingerprintOf(folder)),
      await makeTinyCheckpoint(folder, { dtype: 'bf16' }).then(() => fingerprintOf(folder)),
      await makeTinyCheckpoint(folder, { rmsNormEps: 1e-6 }).then(() => fingerprintOf(folder)),
    ];
    expect(seed).toEqual({ ...base, weights: seed.weights });
    expect(type).toEqual({ ...base, weights: type.weights });
    expect(new Set([base, seed, type].map(({ weights }) => weights)).size).toBe(3);
    expect(shape).toEqual({ ...base, architecture: shape.architecture });
    expect(shape.architecture).not.toBe(base.architecture);
  });

  test('a longer context is the same architecture, and so is a copy of the embedding', async () => {
    const { config, dispose } = await openCheckpoint(sound);
    await dispose();
    expect(architectureFingerprint({ ...config, contextLength: 99 })).toBe(architectureFingerprint(config));
    expect(architectureFingerprint({ ...config, tiedEmbeddings: !config.tiedEmbeddings })).toBe(
      architectureFingerprint(config),
    );
  });

  test('of weights are remembered and noticed to be old', async () => {
    const folder = await copy();
    const cache = join(root, 'cache');
    const first = await fingerprintOf(folder, cache);
    expect(first).toEqual(await fingerprintOf(sound));
    const [entry] = await readdir(cache);
    // what is remembered is used: a wrong memory shows
    await writeFile(join(cache, entry!), `${'0'.repeat(64)}\n`);
    expect((await fingerprintOf(folder, cache)).weights).toBe('0'.repeat(64));
    // rubbish is computed anew
    await writeFile(join(cache, entry!), 'half a dig');
    expect(await fingerprintOf(folder, cache)).toEqual(first);
    await rewrite(folder, (tensors) =>
      tensors.map((tensor, i) => (i === 0 ? { ...tensor, bytes: tensor.bytes.fill(0) } : tensor)),
    );
    expect((await fingerprintOf(folder, cache)).weights).not.toBe(first.weights);
  });
});

describe('a folder that is not sound', () => {
  test('missing, or a file', async () => {
    await expectRefusal(() => openCheckpoint(join(root, 'nowhere')), 'not-found', 'nowhere');
    await expectRefusal(() => openCheckpoint(join(sound, 'config.json')), 'invalid-file', 'config.json');
  });

  test.each(['config.json', 'tokenizer.json', 'model.safetensors'])('without %s', async (file) => {
    const folder = await copy();
    await rm(join(folder, file));
    await expectRefusal(() => openCheckpoint(folder), 'not-found', file, folder);
  });

  test.each([
    'config.json',
    'generation_config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'model.safetensors',
  ])('with a truncated %s', async (file) => {
    const folder = await copy();
    await truncate(join(folder, file), 40);
    await expectRefusal(() => openCheckpoint(folder), 'invalid-file', file);
  });

  test.each([
    { content: '[]', words: 'JSON object' },
    { content: '{"a":'.repeat(100), words: 'nest' },
    { content: Buffer.from([0x7b, 0xff, 0x7d]), words: 'UTF-8' },
    { content: ' '.repeat(5 * 1024 * 1024), words: 'at most' },
  ])('with a config.json that $words', async ({ content, words }) => {
    const folder = await copy();
    await writeFile(join(folder, 'config.json'), content);
    await expectRefusal(() => openCheckpoint(folder), 'invalid-file', 'config.json', words);
  });

  test('with a tensor missing, of another shape, or too many', async () => {
    const name = 'model.layers.1.mlp.up_proj.weight';
    const missing = await copy();
    await rewrite(missing, (tensors) => tensors.filter((tensor) => tensor.name !== name));
    await expectRefusal(() => openCheckpoint(missing), 'invalid-file', name, '[64, 32]');

    const turned = await copy();
    await rewrite(turned, (tensors) =>
      tensors.map((tensor) => (tensor.name === name ? { ...tensor, shape: [32, 64] } : tensor)),
    );
    await expectRefusal(() => openCheckpoint(turned), 'invalid-file', name, '[64, 32]', '[32, 64]');

    const extra = await copy();
    const bias = {
      name: 'model.layers.0.mlp.up_proj.bias',
      shape: [1],
      type: 'F32' as const,
      bytes: new Uint8Array(4),
    };
    await rewrite(extra, (tensors) => [...tensors, bias]);
    await expectRefusal(() => openCheckpoint(extra), 'unsupported', bias.name);
  });

  test('but what exporters leave behind is no harm', async () => {
    const folder = await mkdtemp(join(root, 'tied-'));
    await makeTinyCheckpoint(folder, { tiedEmbeddings: true });
    const bytes = narrow(new Float32Array(4), 'F32');
    await rewrite(folder, (tensors) => [
      ...tensors,
      { name: 'model.layers.0.self_attn.rotary_emb.inv_freq', shape: [4], type: 'F32', bytes },
      { ...tensors.find(({ name }) => name === 'model.embed_tokens.weight')!, name: 'lm_head.weight' },
    ]);
    await (await openCheckpoint(folder)).dispose();
  });

  test('a config that ties an output matrix of other values is not believed, as in transformers 5', async () => {
    const folder = await mkdtemp(join(root, 'tied-'));
    await makeTinyCheckpoint(folder, { tiedEmbeddings: true });
    const withOutput = (change: (bytes: Uint8Array) => Partial<TensorToWrite>) =>
      rewrite(folder, (tensors) => {
        const embedding = tensors.find(({ name }) => name === 'model.embed_tokens.weight')!;
        return [
          ...tensors.filter(({ name }) => name !== 'lm_head.weight'),
          { ...embedding, name: 'lm_head.weight', ...change(embedding.bytes.slice()) },
        ];
      });
    const isTied = async () => {
      const { config, dispose } = await openCheckpoint(folder);
      await dispose();
      return config.tiedEmbeddings;
    };
    expect(await isTied()).toBe(true);
    await withOutput((bytes) => ({ bytes }));
    expect(await isTied()).toBe(true);
    // the very last number
    await withOutput((bytes) => {
      new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)[bytes.length / 4 - 1]! += 0.5;
      return { bytes };
    });
    expect(await isTied()).toBe(false);
    // the same numbers in another type are one matrix
    await rewrite(folder, (tensors) =>
      tensors.map((tensor) => {
        if (!/embed_tokens|lm_head/.test(tensor.name)) return tensor;
        const values = new Float32Array(tensor.bytes.length / 4).fill(0.5);
        const type = tensor.name === 'lm_head.weight' ? 'BF16' : 'F32';
        return { ...tensor, type, bytes: narrow(values, type) };
      }),
    );
    expect(await isTied()).toBe(true);
    await withOutput(() => ({ shape: [1, 4], bytes: new Uint8Array(16) }));
    await expectRefusal(isTied, 'invalid-file', 'lm_head.weight', '[1, 4]');
  });

  test('whose parts belong to different models', async () => {
    const vocabulary = await copy();
    await edit(vocabulary, 'config.json', (json) => ({ ...json, vocab_size: 300 }));
    await expectRefusal(() => openCheckpoint(vocabulary), 'mismatch', '306', '300');

    const end = await copy();
    await edit(end, 'generation_config.json', () => ({ eos_token_id: 100_000 }));
    await expectRefusal(() => openCheckpoint(end), 'mismatch', '100000');

    const list = await copy();
    await edit(list, 'generation_config.json', () => ({ eos_token_id: ['</s>'] }));
    await expectRefusal(() => openCheckpoint(list), 'invalid-file', 'eos_token_id', '["</s>"]');
  });
});
