import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { type DecoderFeature, decoderFeatures } from './decoder-features.ts';
import type { ModelConfig } from './model-config.ts';
import type { TensorSource } from './tensor-source.ts';

/** Described since version 1 of the fingerprint, so they count only where a decoder has them. */
const LATER: readonly DecoderFeature[] = [
  'queryKeyNorm',
  'attentionScale',
  'outputNorms',
  'embeddingScale',
  'slidingWindow',
  'unrotatedLayers',
];

/**
 * sha256 over what makes a hidden state mean what it means: the shape of the decoder. Left out are
 * the context length (a longer one is the same model), the number of real tokens (the tokenizer's
 * fingerprint knows), the type of the weights (theirs knows), whether the output matrix is a copy of
 * the embedding (a GGUF file may hold two of what is one in its folder), where the weights of norms
 * start from (a GGUF file has added the one) and the family's name. Hex.
 */
export function architectureFingerprint(config: ModelConfig): string {
  const {
    contextLength: _length,
    tokenCount: _count,
    dtype: _type,
    tiedEmbeddings: _tied,
    normOffset: _offset,
    family: _family,
    ...shape
  } = config;
  const had = new Set<string>(decoderFeatures(config));
  const counted = Object.entries(shape).filter(
    ([name]) => !(LATER as readonly string[]).includes(name) || had.has(name),
  );
  return bytesToHex(sha256(new TextEncoder().encode(canonical(Object.fromEntries(counted)))));
}

/** JSON with the keys of every object in order. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonical(entry)}`).join(',')}}`;
}

const READ_BYTES = 16 * 1024 * 1024;

/** What a digest is made with: the platform's own where gigabytes are hashed. */
export interface Sha256 {
  update(bytes: Uint8Array): unknown;
  /** Hex. */
  digest(): string;
}

/** The same, elsewhere than on the caller's thread. */
export interface SlowHash {
  update(bytes: Uint8Array): unknown;
  digest(): string | Promise<string>;
}

/** In JavaScript, for platforms without one that takes its bytes part by part. */
export function portableSha256(): Sha256 {
  const hash = sha256.create();
  return { update: (bytes) => hash.update(bytes), digest: () => bytesToHex(hash.digest()) };
}

/**
 * sha256 over name, type, shape and bytes of every tensor in order of name: however they are cut
 * into files, the same weights have the same fingerprint. Hex.
 */
export async function weightsFingerprint(
  tensors: TensorSource,
  hash: SlowHash = portableSha256(),
): Promise<string> {
  const encoder = new TextEncoder();
  for (const { name, type, shape, byteLength } of tensors.list()) {
    await hash.update(encoder.encode(`${JSON.stringify([name, type, shape])}\n`));
    const rows = shape[0] ?? 0;
    if (rows === 0) {
      await hash.update(await tensors.raw(name));
      continue;
    }
    // at least a row at a time, so a huge matrix never is in memory as a whole
    const step = Math.max(1, Math.floor((READ_BYTES * rows) / Math.max(1, byteLength)));
    for (let first = 0; first < rows; first += step) {
      await hash.update(await tensors.raw(name, { first, count: Math.min(step, rows - first) }));
    }
  }
  return hash.digest();
}
