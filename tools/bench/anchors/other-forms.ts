import { copyFile, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelConfig, openCheckpoint } from '@judge-decoding/checkpoint';
import { type GgufEntry, ggufBytes, tinyGgufParts } from '@judge-decoding/checkpoint/testing';
import { buildTransformersDecoder } from '@judge-decoding/onnx';

/** Where a model's other form lies once it was made: its weights and this program's version name it. */
async function madeOnce(
  model: string,
  kind: string,
  cacheFolder: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const checkpoint = await openCheckpoint(model);
  const digest = (await checkpoint.fingerprint()).weights.slice(0, 16);
  await checkpoint.dispose();
  const folder = join(cacheFolder, 'other-forms', `${kind}-2-${digest}`);
  if (await stat(folder).catch(() => undefined)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    await make(unfinished);
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** As transformers.js calls its files. */
const SUFFIX = { fp32: '', int8: '_int8', int4: '_q4' } as const;

/** What transformers.js calls a type of weights. */
export const theirDtype = (dtype: keyof typeof SUFFIX): string => (dtype === 'int4' ? 'q4' : dtype);

/**
 * The model, a folder or a GGUF file, as transformers.js reads it, in one type of weights and in the graph that is fast on `provider`: a folder with
 * config.json and onnx/model.onnx.
 */
export const transformersFolder = (
  model: string,
  cacheFolder: string,
  dtype: keyof typeof SUFFIX = 'fp32',
  provider: 'cpu' | 'wasm' | 'webgpu' = 'cpu',
): Promise<string> =>
  madeOnce(
    model,
    `transformers${SUFFIX[dtype]}${provider === 'cpu' ? '' : `-${provider}`}`,
    cacheFolder,
    async (folder) => {
      const checkpoint = await openCheckpoint(model);
      try {
        await mkdir(join(folder, 'onnx'));
        if (model.endsWith('.gguf'))
          await writeFile(join(folder, 'config.json'), JSON.stringify(configOf(checkpoint.config)));
        else
          for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json'])
            await copyFile(join(model, name), join(folder, name));
        const name = `model${SUFFIX[dtype]}.onnx`;
        const graph = buildTransformersDecoder(checkpoint, { weightsFile: `${name}_data`, dtype, provider });
        await writeFile(join(folder, 'onnx', name), graph.model);
        const file = await open(join(folder, 'onnx', graph.weightsFile), 'w');
        try {
          for (const source of graph.sources) {
            const ends = source.tensors.map(({ offset }) => offset);
            for await (const part of source.parts())
              for (const [index, bytes] of part.entries()) {
                await file.write(bytes, 0, bytes.length, ends[index]);
                ends[index]! += bytes.length;
              }
          }
        } finally {
          await file.close();
        }
      } finally {
        await checkpoint.dispose();
      }
    },
  );

/** What transformers.js asks of a configuration: of which shape the cache is. Token ids go in, so no tokenizer. */
function configOf(config: ModelConfig): object {
  return {
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.attentionHeads,
    num_key_value_heads: config.keyValueHeads,
    head_dim: config.headDim,
    max_position_embeddings: config.contextLength,
  };
}

/** The model as a GGUF file in float32. A Llama folder with a byte-level BPE tokenizer; a GGUF file is taken as it is. */
export async function ggufFile(model: string, cacheFolder: string): Promise<string> {
  if (model.endsWith('.gguf')) return model;
  const folder = await madeOnce(model, 'gguf', cacheFolder, async (made) => {
    const { metadata, ...parts } = await tinyGgufParts(model, { architecture: 'llama', type: 'F32' });
    const own = new Map<string, GgufEntry>(metadata);
    const { model: bpe } = JSON.parse(await readFile(join(model, 'tokenizer.json'), 'utf8')) as {
      readonly model: { readonly merges: readonly (string | readonly [string, string])[] };
    };
    own.set('tokenizer.ggml.pre', ['string', 'qwen2']);
    own.set('tokenizer.ggml.merges', [
      'strings',
      bpe.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' '))),
    ]);
    own.set('tokenizer.ggml.add_bos_token', ['bool', false]);
    const template = await chatTemplateOf(model);
    if (template === undefined) own.delete('tokenizer.chat_template');
    else own.set('tokenizer.chat_template', ['string', template]);
    await writeFile(join(made, 'model.gguf'), ggufBytes({ ...parts, metadata: [...own] }));
  });
  return join(folder, 'model.gguf');
}

async function chatTemplateOf(model: string): Promise<string | undefined> {
  const alone = await readFile(join(model, 'chat_template.jinja'), 'utf8').catch(() => undefined);
  if (alone !== undefined) return alone;
  const config = JSON.parse(await readFile(join(model, 'tokenizer_config.json'), 'utf8')) as {
    readonly chat_template?: string;
  };
  return config.chat_template;
}
