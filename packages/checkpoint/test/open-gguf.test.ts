import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { inverseFrequencies, openCheckpoint } from '../src/index.ts';
import {
  type GgufEntry,
  type GgufTensorToWrite,
  ggufBytes,
  makeTinyCheckpoint,
  makeTinyGguf,
  tinyGgufParts,
} from '../src/testing/index.ts';
import { expectRefusal } from './expect-refusal.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = await temporaryFolder();
const folder = join(root, 'folder');
const biased = join(root, 'biased');

beforeAll(async () => {
  await makeTinyCheckpoint(folder, { ropeScaling: { type: 'linear', factor: 2 } });
  await makeTinyCheckpoint(biased, { attentionBias: true, headDim: 16, tiedEmbeddings: true });
});

describe('a file says what its folder says', () => {
  test.each([
    { of: folder, options: {} },
    { of: folder, options: { version: 2, alignment: 64 } as const },
    { of: biased, options: {} },
  ])('$options', async ({ of, options }) => {
    const path = join(root, 'same.gguf');
    await makeTinyGguf(of, path, options);
    const [fromFile, fromFolder] = [await openCheckpoint(path), await openCheckpoint(of)];
    expect(fromFile.name).toBe('same.gguf');
    expect(fromFile.config).toEqual(fromFolder.config);
    expect(fromFile.generation).toEqual(fromFolder.generation);
    expect(fromFile.tensors.list()).toEqual(
      fromFolder.tensors
        .list()
        .map(({ name, shape, type, byteLength }) => ({ name, shape, type, byteLength })),
    );
    for (const { name, shape } of fromFolder.tensors.list()) {
      expect(await fromFile.tensors.read(name)).toEqual(await fromFolder.tensors.read(name));
      expect(await fromFile.tensors.raw(name)).toEqual(await fromFolder.tensors.raw(name));
      // rows from the middle of one head to the middle of another
      const rows = { first: 3, count: Math.min(9, shape[0]! - 4) };
      expect(await fromFile.tensors.read(name, rows)).toEqual(await fromFolder.tensors.read(name, rows));
      expect(await fromFile.tensors.raw(name, rows)).toEqual(await fromFolder.tensors.raw(name, rows));
    }
    expect(await fromFile.fingerprint()).toEqual(await fromFolder.fingerprint());
    const [ours, theirs] = [fromFile.tokenizer, fromFolder.tokenizer];
    expect(ours).toMatchObject({
      tokenCount: theirs.tokenCount,
      beginToken: theirs.beginToken,
      endTokens: theirs.endTokens,
      specialTokens: theirs.specialTokens,
    });
    for (const text of ['Tom has 12 apples', '<|end|> and <think>', ' é😀\n', '']) {
      expect(ours.encode(text, { begin: true })).toEqual(theirs.encode(text, { begin: true }));
      expect(ours.encode(text, { special: true })).toEqual(theirs.encode(text, { special: true }));
      const chat = [{ role: 'user', content: text }];
      expect(ours.encodeChat(chat)).toEqual(theirs.encodeChat(chat));
    }
    await Promise.all([fromFile.dispose(), fromFolder.dispose()]);
  });

  test('in blocks, quantised', async () => {
    const path = join(root, 'q8.gguf');
    await makeTinyGguf(folder, path, { type: 'Q8_0' });
    const [file, original] = [await openCheckpoint(path), await openCheckpoint(folder)];
    expect(file.config).toEqual({ ...original.config, dtype: 'Q8_0' });
    const name = 'model.layers.1.self_attn.k_proj.weight';
    const { shape } = file.tensors.info(name);
    expect(file.tensors.info(name)).toEqual({
      name,
      shape,
      type: 'Q8_0',
      byteLength: (shape[0]! * shape[1]! * 34) / 32,
    });
    const [rounded, exact] = [await file.tensors.read(name), await original.tensors.read(name)];
    const worst = exact.reduce((most, value, i) => Math.max(most, Math.abs(value - rounded[i]!)), 0);
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThan(0.05);
    const raw = await file.tensors.raw(name, { first: 5, count: 1 });
    expect(raw.length).toBe((shape[1]! * 34) / 32);
    // the first element of row 5: its block's scale times its step
    const step = new Int8Array(raw.buffer)[2]!;
    const scale = new Float32Array(await file.tensors.read(name, { first: 5, count: 1 }))[0]! / step;
    expect(scale).toBeGreaterThan(0);
    expect(rounded[5 * shape[1]!]).toBeCloseTo(scale * step, 6);
    await Promise.all([file.dispose(), original.dispose()]);
  });

  test('qwen2 keeps its rows in order and has biases on q, k and v', async () => {
    const path = join(root, 'qwen.gguf');
    await makeTinyGguf(biased, path, { architecture: 'qwen2' });
    const [file, original] = [await openCheckpoint(path), await openCheckpoint(biased)];
    expect(file.config.attentionBias).toEqual({ query: true, key: true, value: true, output: false });
    for (const part of ['q_proj.weight', 'k_proj.weight', 'q_proj.bias', 'v_proj.bias']) {
      const name = `model.layers.0.self_attn.${part}`;
      expect(await file.tensors.read(name)).toEqual(await original.tensors.read(name));
    }
    expect(file.tensors.has('model.layers.0.self_attn.o_proj.bias')).toBe(false);
    await Promise.all([file.dispose(), original.dispose()]);
  });
});

test('what is read can go into an array that is there, from files and folders', async () => {
  const path = join(root, 'into.gguf');
  await makeTinyGguf(folder, path);
  for (const location of [path, folder]) {
    const { tensors, dispose } = await openCheckpoint(location);
    const name = 'model.layers.0.self_attn.k_proj.weight';
    const room = new Float32Array(100).fill(7);
    const rows = await tensors.read(name, { first: 1, count: 3 }, room);
    expect(rows).toEqual(await tensors.read(name, { first: 1, count: 3 }));
    expect(rows.buffer).toBe(room.buffer);
    expect([room.indexOf(7), rows.length]).toEqual([96, 96]);
    await expectRefusal(() => tensors.read(name, undefined, room), 'invalid-input', name, '100');
    await dispose();
  }
});

test('tensors are refused after dispose, under unknown names and outside their rows', async () => {
  const path = join(root, 'closed.gguf');
  await makeTinyGguf(folder, path);
  const { tensors, dispose } = await openCheckpoint(path);
  await expectRefusal(() => tensors.read('nothing'), 'not-found', 'nothing', 'closed.gguf');
  await expectRefusal(
    () => tensors.read('model.norm.weight', { first: 30, count: 9 }),
    'invalid-input',
    '0..32',
  );
  expect(await tensors.read('model.norm.weight', { first: 30, count: 0 })).toEqual(new Float32Array(0));
  await dispose();
  await dispose();
  await expectRefusal(() => tensors.read('model.norm.weight'), 'disposed');
});

/** Opens the tiny file with some of its metadata replaced, added (or taken out: `undefined`). */
async function open(
  change: Readonly<Record<string, GgufEntry | undefined>>,
  extraTensors: readonly GgufTensorToWrite[] = [],
) {
  const parts = await tinyGgufParts(folder);
  const metadata = new Map(parts.metadata);
  for (const [key, entry] of Object.entries(change)) {
    if (entry === undefined) metadata.delete(key);
    else metadata.set(key, entry);
  }
  const path = join(root, 'changed.gguf');
  await writeFile(path, ggufBytes({ metadata: [...metadata], tensors: [...parts.tensors, ...extraTensors] }));
  const checkpoint = await openCheckpoint(path);
  await checkpoint.dispose();
  return checkpoint;
}

describe('settings are honoured', () => {
  test('a number for each layer, where all are the same', async () => {
    const { config } = await open({ 'llama.attention.head_count_kv': ['i32s', [2, 2]] });
    expect(config.keyValueHeads).toBe(2);
  });

  test.each([
    { change: { 'llama.rope.scaling.type': ['string', 'none'] } as const, scaling: null },
    {
      change: { 'llama.rope.scaling.type': undefined, 'llama.rope.scale_linear': ['f32', 4] } as const,
      scaling: { type: 'linear', factor: 4 },
    },
    {
      change: { 'llama.rope.scaling.type': undefined, 'llama.rope.scaling.factor': ['f32', 3] } as const,
      scaling: { type: 'linear', factor: 3 },
    },
    {
      change: { 'llama.rope.scaling.type': undefined } as const,
      scaling: null,
    },
    {
      change: {
        'llama.rope.scaling.type': ['string', 'none'],
        'llama.rope.scaling.factor': ['f32', 3],
      } as const,
      scaling: null,
    },
  ])('$change', async ({ change, scaling }) => {
    const { config } = await open({ 'llama.rope.scaling.factor': undefined, ...change });
    expect(config.rope.scaling).toEqual(scaling);
  });

  test('float32 numbers are those their writer meant', async () => {
    const { config } = await open({
      'llama.attention.layer_norm_rms_epsilon': ['f32', 1e-6],
      'llama.rope.freq_base': ['f32', 1_000_000],
    });
    expect(config).toMatchObject({ rmsNormEps: 1e-6, rope: { theta: 1_000_000 } });
  });

  test('llama3 scaling is found again in the divisors of its frequencies', async () => {
    const scaling = {
      type: 'llama3',
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalContextLength: 8192,
    } as const;
    const headDim = 8;
    const [plain, scaled] = [null, scaling].map((each) =>
      inverseFrequencies({ headDim, rope: { theta: 500_000, scaling: each } }),
    );
    const divisors = Float32Array.from(plain!, (frequency, i) => frequency / scaled![i]!);
    const unscaled = {
      'llama.rope.scaling.type': undefined,
      'llama.rope.scaling.factor': undefined,
      'llama.rope.freq_base': ['f32', 500_000],
    } as const;
    const tensor = (values: Float32Array) => [
      { name: 'rope_freqs.weight', shape: [values.length], type: 0, bytes: new Uint8Array(values.buffer) },
    ];
    expect((await open(unscaled, tensor(divisors))).config.rope).toEqual({ theta: 500_000, scaling });
    expect((await open(unscaled, tensor(new Float32Array(4).fill(1)))).config.rope.scaling).toBeNull();
    const odd = Float32Array.of(1, 2, 3, 8);
    await expectRefusal(() => open(unscaled, tensor(odd)), 'unsupported', 'rope_freqs.weight');
    await expectRefusal(() => open({}, tensor(divisors)), 'unsupported', 'rope_freqs.weight');
    await expectRefusal(() => open(unscaled, tensor(divisors.slice(1))), 'invalid-file', 'rope_freqs.weight');
  });

  test('end tokens: the named ones, those of their names, the template’s', async () => {
    const { tokenizer } = await open({ 'tokenizer.ggml.eot_token_id': ['u32', 65] });
    expect(tokenizer.endTokens).toEqual([tokenizer.endTokens[0], 65]);
  });

  test('sampling', async () => {
    const { generation } = await open({
      'general.sampling.temp': ['f32', 0.7],
      'general.sampling.top_k': ['i32', 20],
    });
    expect(generation).toMatchObject({ temperature: 0.7, topK: 20 });
  });
});

test.each<{ key: string; entry: GgufEntry }>([
  { key: 'general.architecture', entry: ['string', 'gemma2'] },
  { key: 'general.type', entry: ['string', 'adapter'] },
  { key: 'split.count', entry: ['u16', 2] },
  { key: 'llama.expert_count', entry: ['u32', 8] },
  { key: 'llama.attention.sliding_window', entry: ['u32', 64] },
  { key: 'llama.attention.scale', entry: ['f32', 0.5] },
  { key: 'llama.logit_scale', entry: ['f32', 0.5] },
  { key: 'llama.rope.dimension_count', entry: ['u32', 4] },
  { key: 'llama.rope.scaling.type', entry: ['string', 'yarn'] },
  { key: 'llama.rope.scaling.attn_factor', entry: ['f32', 1.2] },
  { key: 'llama.attention.head_count_kv', entry: ['i32s', [2, 1]] },
  { key: 'llama.new_idea', entry: ['u32', 1] },
  { key: 'tokenizer.ggml.model', entry: ['string', 'bert'] },
  { key: 'tokenizer.ggml.pre', entry: ['string', 'kimi-k2'] },
  { key: 'tokenizer.ggml.new_idea', entry: ['bool', true] },
])('$key = $entry is refused by name', async ({ key, entry }) => {
  await expectRefusal(() => open({ [key]: entry }), 'unsupported', `\`${key}\``, 'changed.gguf');
});

test('a file that does not say how it cuts text is refused', async () => {
  await expectRefusal(() => open({ 'tokenizer.ggml.pre': undefined }), 'unsupported', 'tokenizer.ggml.pre');
});

test.each<{
  says: string;
  change: Readonly<Record<string, GgufEntry | undefined>>;
  words: readonly string[];
}>([
  { says: 'no architecture', change: { 'general.architecture': undefined }, words: ['general.architecture'] },
  { says: 'no width', change: { 'llama.embedding_length': undefined }, words: ['llama.embedding_length'] },
  { says: 'a width in words', change: { 'llama.embedding_length': ['string', '32'] }, words: ['"32"'] },
  {
    says: 'another width',
    change: { 'llama.embedding_length': ['u32', 64] },
    words: ['[320, 64]', '[320, 32]'],
  },
  {
    says: 'millions of layers',
    change: { 'llama.block_count': ['u32', 2 ** 26] },
    words: ['67108864 layers'],
  },
  { says: 'another vocabulary', change: { 'llama.vocab_size': ['u32', 7] }, words: ['vocab_size', '320'] },
  { says: 'no tokens', change: { 'tokenizer.ggml.tokens': undefined }, words: ['tokenizer.ggml.tokens'] },
  {
    says: 'kinds for other tokens',
    change: { 'tokenizer.ggml.token_type': ['i32s', [1]] },
    words: ['token_type'],
  },
  {
    says: 'merges into nothing',
    change: { 'tokenizer.ggml.merges': ['strings', ['q z']] },
    words: ['"q z"'],
  },
  {
    says: 'an end that is no token',
    change: { 'tokenizer.ggml.eos_token_id': ['u32', 99_999] },
    words: ['99999'],
  },
  {
    says: 'an odd alignment',
    change: { 'general.alignment': ['u32', 24] },
    words: ['general.alignment', '24'],
  },
])('a file with $says is refused', async ({ change, words }) => {
  await expectRefusal(() => open(change), 'invalid-file', 'changed.gguf', ...words);
});

test('tensors without a place are refused by name', async () => {
  const tensor = { name: 'blk.0.attn_q_norm.weight', shape: [8], type: 0, bytes: new Uint8Array(32) };
  await expectRefusal(() => open({}, [tensor]), 'unsupported', 'blk.0.attn_q_norm.weight');
});
