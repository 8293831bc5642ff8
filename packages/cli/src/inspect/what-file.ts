import { open } from 'node:fs/promises';
import { extname } from 'node:path';

/** Enough to tell what a file is. */
const BEGINNING = 64 * 1024;

/**
 * What a file is, where it is neither a model nor a head: a sentence that says what to do with it, or undefined
 * where it may be a head. Reads its beginning only.
 */
export async function whatFile(path: string): Promise<string | undefined> {
  const file = await open(path);
  let bytes: Buffer;
  try {
    const buffer = Buffer.alloc(BEGINNING);
    const { bytesRead } = await file.read(buffer, 0, BEGINNING, 0);
    bytes = buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
  if (bytes.length === 0) return 'It is empty.';
  const magic = bytes.subarray(0, 4).toString('latin1');
  if (magic === 'GGUF') return 'It is a GGUF file: give it a name that ends with .gguf.';
  // before pickles: a header whose length ends in 0x80 begins as one of those does
  const header = safetensorsHeader(bytes);
  if (header !== undefined) return ofTensors(header);
  if (magic.startsWith('PK') || bytes[0] === 0x80) {
    return 'It looks like weights of PyTorch, which are not read: fetch the model in safetensors format.';
  }
  if (magic === 'ggml' || magic === 'ggjt') return 'It is of a format before GGUF: fetch the model as GGUF.';
  if (extname(path) === '.onnx') return 'It is an ONNX graph: name the checkpoint that it was made of.';
  const text = bytes.toString('utf8');
  if (/^\s*[{[]/.test(text)) return ofJson(text, path);
  return text.includes('\u0000') || text.includes('\ufffd') ? 'It holds binary data.' : 'It is a text.';
}

/** The beginning of a safetensors header: a length, then JSON. */
function safetensorsHeader(bytes: Buffer): string | undefined {
  if (bytes.length < 10) return undefined;
  const length = bytes.readBigUInt64LE(0);
  const header = bytes.subarray(8).toString('utf8');
  return length > 1n && length < 1n << 40n && /^\s*\{/.test(header) ? header : undefined;
}

/** A head says what it is in its own metadata; without that it is weights. */
const ofTensors = (header: string): string | undefined =>
  header.includes('judge-decoding')
    ? undefined
    : 'It holds tensors of a model: name the folder that it is in.';

const FORMATS: readonly (readonly [RegExp, string])[] = [
  [/"format"\s*:\s*"judge-decoding\.trace"/, 'It is a trace: `judge replay` reads it.'],
  [/"format"\s*:\s*"judge-decoding\.generation"/, 'It is what `judge generate --json` has written.'],
  [/"(architectures|model_type|hidden_size)"\s*:/, 'It belongs to a model: name the folder that it is in.'],
  [
    /"(added_tokens|pre_tokenizer|chat_template|eos_token|eos_token_id)"\s*:/,
    'It belongs to a model: name the folder that it is in.',
  ],
  [/"weight_map"\s*:/, 'It lists the weights of a model: name the folder that it is in.'],
];

const ofJson = (text: string, path: string): string =>
  FORMATS.find(([pattern]) => pattern.test(text))?.[1] ??
  (extname(path) === '.jsonl' ? 'It is a list of JSON lines.' : 'It is JSON.');
