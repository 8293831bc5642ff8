import { type FileHandle, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { narrow, type TensorToWrite, writeSafetensors } from '@judge-decoding/checkpoint';
import { JudgeDecodingError } from '@judge-decoding/core';
import {
  type Block,
  type Llama2cHeader,
  layOut,
  readBlock,
  readHeader,
  toHalfSplit,
} from './llama2c-checkpoint.ts';
import { BEGIN, END, readPieces, tokenizerJson } from './llama2c-tokenizer.ts';

export interface ConvertLlama2cOptions {
  /** Path of a legacy llama2.c checkpoint: stories260K.bin. */
  readonly checkpoint: string;
  /** Path of its tokenizer: tok512.bin. */
  readonly tokenizer: string;
  /** Folder to write; made where it is missing. */
  readonly out: string;
}

/** Writes a llama2.c model as a Hugging Face folder of the Llama architecture. */
export async function convertLlama2c({ checkpoint, tokenizer, out }: ConvertLlama2cOptions): Promise<void> {
  const handle = await open(checkpoint, 'r').catch((cause) => {
    throw missing(checkpoint, cause);
  });
  try {
    const header = await readHeader(checkpoint, handle);
    const pieces = readPieces(tokenizer, await readTokenizer(tokenizer), header.vocabSize);
    const tensors = await readTensors(checkpoint, handle, header);
    await mkdir(out, { recursive: true });
    const json = (name: string, content: object) =>
      writeFile(join(out, name), `${JSON.stringify(content, null, 2)}\n`);
    await json('config.json', configJson(header));
    // run.c ends a story where the next one would begin
    await json('generation_config.json', { bos_token_id: BEGIN, eos_token_id: [BEGIN, END] });
    await json('tokenizer.json', tokenizerJson(tokenizer, pieces));
    await json('tokenizer_config.json', {
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: '<s>',
      eos_token: '</s>',
      unk_token: '<unk>',
      model_max_length: header.maxSequenceLength,
      clean_up_tokenization_spaces: false,
    });
    await writeSafetensors(join(out, 'model.safetensors'), tensors, { metadata: { format: 'pt' } });
  } finally {
    await handle.close();
  }
}

const missing = (path: string, cause: unknown) => {
  const gone = (cause as { code?: unknown }).code === 'ENOENT';
  return new JudgeDecodingError(
    gone ? 'not-found' : 'io',
    `Expected a file to read at \`${path}\`, got ${String(cause)}.`,
    { cause },
  );
};

/** Thirty-two thousand pieces take half a megabyte. */
const MAX_TOKENIZER_BYTES = 64 * 1024 * 1024;

async function readTokenizer(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause) => {
    throw missing(path, cause);
  });
  if (bytes.length <= MAX_TOKENIZER_BYTES) return bytes;
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected \`${path}\` to have at most ${MAX_TOKENIZER_BYTES} bytes, got ${bytes.length}.`,
  );
}

async function readTensors(
  path: string,
  handle: FileHandle,
  header: Llama2cHeader,
): Promise<TensorToWrite[]> {
  const { dim, hiddenDim, layers, heads, kvHeads, vocabSize } = header;
  const headSize = dim / heads;
  const layout = layOut(path, header, (await handle.stat()).size);
  const tensors: TensorToWrite[] = [];
  const add = (name: string, shape: readonly number[], values: Float32Array) => {
    tensors.push({ name: `${name}.weight`, shape, type: 'F32', bytes: narrow(values, 'F32') });
  };
  add('model.embed_tokens', [vocabSize, dim], await readBlock(path, handle, layout.embedding));
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}`;
    const part = (block: Block) => readBlock(path, handle, block, { index: layer, of: layers });
    const rotary = async (block: Block) => toHalfSplit(await part(block), dim, headSize);
    add(`${at}.input_layernorm`, [dim], await part(layout.attentionNorm));
    add(`${at}.self_attn.q_proj`, [dim, dim], await rotary(layout.query));
    add(`${at}.self_attn.k_proj`, [kvHeads * headSize, dim], await rotary(layout.key));
    add(`${at}.self_attn.v_proj`, [kvHeads * headSize, dim], await part(layout.value));
    add(`${at}.self_attn.o_proj`, [dim, dim], await part(layout.output));
    add(`${at}.post_attention_layernorm`, [dim], await part(layout.feedForwardNorm));
    add(`${at}.mlp.gate_proj`, [hiddenDim, dim], await part(layout.gate));
    add(`${at}.mlp.up_proj`, [hiddenDim, dim], await part(layout.up));
    add(`${at}.mlp.down_proj`, [dim, hiddenDim], await part(layout.down));
  }
  add('model.norm', [dim], await readBlock(path, handle, layout.finalNorm));
  if (layout.classifier !== undefined) {
    add('lm_head', [vocabSize, dim], await readBlock(path, handle, layout.classifier));
  }
  return tensors;
}

/** What llama2.c fixes in its code (norm epsilon, rotary base, activation) is spelled out. */
function configJson(header: Llama2cHeader): object {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: header.vocabSize,
    hidden_size: header.dim,
    intermediate_size: header.hiddenDim,
    num_hidden_layers: header.layers,
    num_attention_heads: header.heads,
    num_key_value_heads: header.kvHeads,
    hidden_act: 'silu',
    max_position_embeddings: header.maxSequenceLength,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    rope_scaling: null,
    tie_word_embeddings: header.sharedClassifier,
    attention_bias: false,
    mlp_bias: false,
    bos_token_id: BEGIN,
    eos_token_id: [BEGIN, END],
    torch_dtype: 'float32',
  };
}
