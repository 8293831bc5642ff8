import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type DecoderFeature, decoderFeatures } from './decoder-features.ts';
import { fileError } from './file-errors.ts';
import { ifPresent, readText } from './json-file.ts';
import { makeFolder } from './make-folder.ts';
import type { ModelConfig } from './model-config.ts';
import { writeFileAtomically } from './safetensors-writer.ts';
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
  return createHash('sha256')
    .update(canonical(Object.fromEntries(counted)))
    .digest('hex');
}

/** JSON with the keys of every object in order. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonical(entry)}`).join(',')}}`;
}

const READ_BYTES = 16 * 1024 * 1024;

/**
 * sha256 over name, type, shape and bytes of every tensor in order of name: however they are cut
 * into files, the same weights have the same fingerprint. Hex.
 */
export async function weightsFingerprint(tensors: TensorSource): Promise<string> {
  const hash = createHash('sha256');
  for (const { name, type, shape, byteLength } of tensors.list()) {
    hash.update(`${JSON.stringify([name, type, shape])}\n`);
    const rows = shape[0] ?? 0;
    if (rows === 0) {
      hash.update(await tensors.raw(name));
      continue;
    }
    // at least a row at a time, so a huge matrix never is in memory as a whole
    const step = Math.max(1, Math.floor((READ_BYTES * rows) / Math.max(1, byteLength)));
    for (let first = 0; first < rows; first += step) {
      hash.update(await tensors.raw(name, { first, count: Math.min(step, rows - first) }));
    }
  }
  return hash.digest('hex');
}

/**
 * `weightsFingerprint`, remembered in a folder under the files' paths, sizes and times: gigabytes are
 * hashed once, not at every start. Among the times is that of the last change to anything about the file,
 * which no program can set: weights that were replaced by others of the same size, and given the same
 * time, are hashed again. Without a cache folder everything is hashed; where it cannot be written the
 * fingerprint is not remembered, and that is no error.
 */
export async function cachedWeightsFingerprint(
  tensors: TensorSource,
  files: readonly string[],
  cacheFolder: string | undefined,
): Promise<string> {
  if (cacheFolder === undefined) return weightsFingerprint(tensors);
  const key = createHash('sha256').update('weights 2\n');
  for (const file of files) {
    const { size, mtimeNs, ctimeNs, ino } = await stat(file, { bigint: true }).catch((cause) => {
      throw fileError(file, cause);
    });
    key.update(`${JSON.stringify([resolve(file), ...[size, mtimeNs, ctimeNs, ino].map(String)])}\n`);
  }
  const path = join(cacheFolder, `${key.digest('hex')}.sha256`);
  const known = (await ifPresent(readText(path, 1024)))?.trim();
  if (known !== undefined && /^[0-9a-f]{64}$/.test(known)) return known;
  const computed = await weightsFingerprint(tensors);
  try {
    await makeFolder(cacheFolder);
    await writeFileAtomically(path, [new TextEncoder().encode(`${computed}\n`)]);
  } catch {
    // a folder that is full or read-only costs the next start the same reading
  }
  return computed;
}
