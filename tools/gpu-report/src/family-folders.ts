import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HeldAs, heldRows } from '@judge-decoding/backend-cuda';
import {
  narrow,
  openCheckpoint,
  openSafetensors,
  type TensorToWrite,
  writeSafetensors,
} from '@judge-decoding/checkpoint';
import { makeTinyCheckpoint, type TinyCheckpointOptions } from '@judge-decoding/checkpoint/testing';
import { uniforms } from './numbers.ts';

export type Family = 'llama' | 'mistral' | 'qwen2' | 'qwen3';

type Json = Record<string, unknown>;

/** What a family's config.json says otherwise than a Llama's. */
const CONFIG: Readonly<Record<Family, (config: Json) => Json>> = {
  llama: (config) => config,
  mistral: ({ attention_bias: _a, mlp_bias: _m, ...config }) => ({
    ...config,
    architectures: ['MistralForCausalLM'],
    model_type: 'mistral',
    sliding_window: null,
  }),
  qwen2: ({ attention_bias: _a, mlp_bias: _m, ...config }) => ({
    ...config,
    architectures: ['Qwen2ForCausalLM'],
    model_type: 'qwen2',
    use_sliding_window: false,
  }),
  qwen3: ({ mlp_bias: _m, ...config }) => ({
    ...config,
    architectures: ['Qwen3ForCausalLM'],
    model_type: 'qwen3',
    use_sliding_window: false,
  }),
};

/** A random bf16 model of a family, as its makers would store it. */
export async function makeFamilyFolder(
  folder: string,
  family: Family,
  options: TinyCheckpointOptions,
): Promise<void> {
  const bias = family === 'qwen2';
  await makeTinyCheckpoint(folder, { ...options, dtype: 'bf16', ...(bias ? { attentionBias: true } : {}) });
  const path = join(folder, 'config.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as Json;
  await writeFile(path, `${JSON.stringify(CONFIG[family](config), null, 2)}\n`);
  if (family !== 'qwen2' && family !== 'qwen3') return;
  const file = join(folder, 'model.safetensors');
  const stored = await openSafetensors(file);
  const tensors: TensorToWrite[] = [];
  for (const { name, shape, type } of stored.list()) {
    // Qwen2 has biases on q, k and v only
    if (name.endsWith('o_proj.bias')) continue;
    tensors.push({ name, shape, type, bytes: await stored.raw(name) });
    if (family === 'qwen3' && /[qk]_proj\.weight$/.test(name)) {
      const size = config.head_dim as number;
      const uniform = uniforms(name.length + tensors.length);
      const gains = Float32Array.from({ length: size }, () => 0.8 + 0.4 * uniform());
      const norm = name.replace('_proj', '_norm');
      tensors.push({ name: norm, shape: [size], type: 'BF16', bytes: narrow(gains, 'BF16') });
    }
  }
  await stored.dispose();
  await writeSafetensors(file, tensors, { metadata: { format: 'pt' } });
}

/** The same model in float32, each matrix as the engine holds it in `heldAs`; nothing is tied any more. */
export async function makeHeldFolder(source: string, folder: string, heldAs: HeldAs): Promise<void> {
  const checkpoint = await openCheckpoint(source);
  const tensors: TensorToWrite[] = [];
  const add = (name: string, shape: readonly number[], values: Float32Array) =>
    tensors.push({ name, shape, type: 'F32', bytes: narrow(values, 'F32') });
  const embedding = 'model.embed_tokens.weight';
  for (const { name, shape, type } of checkpoint.tensors.list()) {
    const values = await checkpoint.tensors.read(name);
    if (shape.length !== 2) add(name, shape, values);
    else {
      const use = name === embedding ? 'lookup' : name === 'lm_head.weight' ? 'output' : 'layer';
      add(name, shape, heldRows(values, shape[1]!, use, heldAs, type));
    }
    if (name === embedding && checkpoint.config.tiedEmbeddings) {
      add('lm_head.weight', shape, heldRows(values, shape[1]!, 'output', heldAs, type));
    }
  }
  await checkpoint.dispose();
  await makeFolderLike(source, folder);
  await writeSafetensors(join(folder, 'model.safetensors'), tensors, { metadata: { format: 'pt' } });
}

async function makeFolderLike(source: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json']) {
    await cp(join(source, name), join(folder, name));
  }
  const config = JSON.parse(await readFile(join(source, 'config.json'), 'utf8')) as Json;
  const held = { ...config, tie_word_embeddings: false, torch_dtype: 'float32' };
  await writeFile(join(folder, 'config.json'), `${JSON.stringify(held, null, 2)}\n`);
}
