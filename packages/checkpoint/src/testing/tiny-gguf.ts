import { writeFile } from 'node:fs/promises';
import type { Checkpoint } from '../checkpoint.ts';
import { narrow } from '../number-formats.ts';
import { openCheckpoint } from '../open-checkpoint.ts';
import { type GgufEntry, type GgufTensorToWrite, type GgufToWrite, ggufBytes } from './gguf-writer.ts';
import { TINY_CHAT_TEMPLATE } from './tiny-tokenizer.ts';

/** How a made-up folder is written as one GGUF file; `alignment` in bytes. */
export interface TinyGgufOptions {
  /** `qwen2` keeps q and k in order; then the folder must have biases, of which o's is left out. */
  readonly architecture?: 'llama' | 'qwen2';
  readonly version?: 2 | 3;
  readonly alignment?: number;
  /** Of the matrices; vectors are float32. Blocks need rows of a multiple of 32. */
  readonly type?: keyof typeof TYPE_NUMBERS;
}

const TYPE_NUMBERS = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 8, BF16: 30 } as const;

const NAMES: readonly (readonly [string, string])[] = [
  ['model.embed_tokens', 'token_embd'],
  ['model.norm', 'output_norm'],
  ['lm_head', 'output'],
  ['model.layers.', 'blk.'],
  ['input_layernorm', 'attn_norm'],
  ['post_attention_layernorm', 'ffn_norm'],
  ['self_attn.q_proj', 'attn_q'],
  ['self_attn.k_proj', 'attn_k'],
  ['self_attn.v_proj', 'attn_v'],
  ['self_attn.o_proj', 'attn_output'],
  ['mlp.gate_proj', 'ffn_gate'],
  ['mlp.up_proj', 'ffn_up'],
  ['mlp.down_proj', 'ffn_down'],
];

/**
 * Writes what `makeTinyCheckpoint` made as a GGUF file, the way converters do: names, rotary pairs
 * of the Llama family, tokenizer and template in the metadata.
 */
export async function makeTinyGguf(
  folder: string,
  path: string,
  options: TinyGgufOptions = {},
): Promise<void> {
  await writeFile(path, ggufBytes(await tinyGgufParts(folder, options)));
}

/** What `makeTinyGguf` puts together. */
export async function tinyGgufParts(
  folder: string,
  { architecture = 'llama', version = 3, alignment = 32, type = 'F32' }: TinyGgufOptions = {},
): Promise<GgufToWrite> {
  const checkpoint = await openCheckpoint(folder);
  try {
    const metadata = tinyGgufMetadata(checkpoint, architecture, alignment);
    return { version, alignment, metadata, tensors: await ggufTensorsOf(checkpoint, architecture, type) };
  } finally {
    await checkpoint.dispose();
  }
}

/** Of the tiny tokenizer's tokens only the added ones look so. */
const isAdded = (token: string) => token.startsWith('<') && token.length > 1;

function tinyGgufMetadata(
  { config, tokenizer, name }: Pick<Checkpoint, 'config' | 'tokenizer' | 'name'>,
  architecture: 'llama' | 'qwen2',
  alignment = 32,
): (readonly [string, GgufEntry])[] {
  const { rope } = config;
  const linear = rope.scaling?.type === 'linear' ? rope.scaling.factor : undefined;
  const ids = Array.from({ length: config.vocabSize }, (_, id) => id);
  const special = new Set(tokenizer.specialTokens);
  const merges: string[] = [];
  for (const id of ids) {
    const token = tokenizer.vocabulary(id);
    if (token === undefined || special.has(id) || isAdded(token)) continue;
    // the tiny tokenizer's tokens grow by one character at a time
    if (token.length > 1) merges.push(`${token.slice(0, -1)} ${token.slice(-1)}`);
  }
  const ours = (key: string, entry: GgufEntry) => [`${architecture}.${key}`, entry] as const;
  return [
    ['general.architecture', ['string', architecture]],
    ['general.name', ['string', name]],
    ['general.alignment', ['u32', alignment]],
    ['general.quantization_version', ['u32', 2]],
    ours('context_length', ['u32', config.contextLength]),
    ours('embedding_length', ['u32', config.hiddenSize]),
    ours('block_count', ['u32', config.layers]),
    ours('feed_forward_length', ['u32', config.intermediateSize]),
    ours('attention.head_count', ['u32', config.attentionHeads]),
    ours('attention.head_count_kv', ['u32', config.keyValueHeads]),
    ours('attention.key_length', ['u32', config.headDim]),
    ours('attention.value_length', ['u32', config.headDim]),
    ours('attention.layer_norm_rms_epsilon', ['f32', config.rmsNormEps]),
    ours('rope.dimension_count', ['u32', config.headDim]),
    ours('rope.freq_base', ['f32', rope.theta]),
    ours('vocab_size', ['u32', config.vocabSize]),
    ...(linear === undefined
      ? []
      : [ours('rope.scaling.type', ['string', 'linear']), ours('rope.scaling.factor', ['f32', linear])]),
    ['tokenizer.ggml.model', ['string', 'gpt2']],
    ['tokenizer.ggml.pre', ['string', 'smollm']],
    ['tokenizer.ggml.tokens', ['strings', ids.map((id) => tokenizer.vocabulary(id) ?? `[PAD${id}]`)]],
    [
      'tokenizer.ggml.token_type',
      [
        'i32s',
        ids.map((id) => {
          const token = tokenizer.vocabulary(id);
          if (token === undefined) return 5;
          return special.has(id) ? 3 : isAdded(token) ? 4 : 1;
        }),
      ],
    ],
    ['tokenizer.ggml.merges', ['strings', merges]],
    ['tokenizer.ggml.bos_token_id', ['u32', tokenizer.beginToken ?? 0]],
    ['tokenizer.ggml.eos_token_id', ['u32', tokenizer.endTokens[0] ?? 0]],
    ['tokenizer.ggml.add_bos_token', ['bool', true]],
    ['tokenizer.chat_template', ['string', TINY_CHAT_TEMPLATE]],
  ];
}

async function ggufTensorsOf(
  { config, tensors }: Checkpoint,
  architecture: 'llama' | 'qwen2',
  type: keyof typeof TYPE_NUMBERS,
): Promise<GgufTensorToWrite[]> {
  const written: GgufTensorToWrite[] = [];
  for (const { name, shape } of tensors.list()) {
    if (architecture === 'qwen2' && name.endsWith('o_proj.bias')) continue;
    const inOrder = await tensors.read(name);
    const isPaired = architecture === 'llama' && /[qk]_proj/.test(name);
    const values = isPaired ? pairUp(inOrder, shape[0]!, config.headDim) : inOrder;
    const stored = shape.length === 1 ? 'F32' : type;
    written.push({
      name: NAMES.reduce((renamed, [from, to]) => renamed.replace(from, to), name),
      shape,
      type: TYPE_NUMBERS[stored],
      bytes: stored === 'Q8_0' || stored === 'Q4_0' ? quantise(values, stored) : narrow(values, stored),
    });
  }
  return written;
}

/** Of a head's rows a b c d | A B C D makes a A b B c C d D. */
function pairUp(values: Float32Array, rows: number, headDim: number): Float32Array {
  const width = values.length / rows;
  const out = new Float32Array(values.length);
  let to = 0;
  for (let head = 0; head < rows; head += headDim) {
    for (let i = 0; i < headDim / 2; i++) {
      for (const row of [head + i, head + headDim / 2 + i]) {
        out.set(values.subarray(row * width, (row + 1) * width), to);
        to += width;
      }
    }
  }
  return out;
}

/** Q8_0: [float16 scale] [32 × int8]; Q4_0: [float16 scale] [16 × two steps plus 8, of the first half and of the second]. */
function quantise(values: Float32Array, type: 'Q8_0' | 'Q4_0'): Uint8Array {
  const out: Uint8Array[] = [];
  for (let i = 0; i < values.length; i += 32) {
    const block = values.subarray(i, i + 32);
    const scale =
      block.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / (type === 'Q8_0' ? 127 : 7);
    const steps = Int8Array.from(block, (value) => (scale === 0 ? 0 : Math.round(value / scale)));
    const nibbles = () =>
      Uint8Array.from({ length: 16 }, (_, at) => (steps[at]! + 8) | ((steps[at + 16]! + 8) << 4));
    out.push(
      narrow(Float32Array.of(scale), 'F16'),
      type === 'Q8_0' ? new Uint8Array(steps.buffer) : nibbles(),
    );
  }
  return new Uint8Array(Buffer.concat(out));
}
