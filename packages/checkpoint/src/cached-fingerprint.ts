import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileError } from './file-errors.ts';
import { weightsFingerprint } from './fingerprints.ts';
import { hashInThread } from './hash-in-thread.ts';
import { makeFolder } from './make-folder.ts';
import { writeFileAtomically } from './safetensors-writer.ts';
import type { TensorSource } from './tensor-source.ts';

/** Bytes of weights from which a thread is worth its start. */
const MANY_BYTES = 64 * 1024 * 1024;

/** In a thread of its own where there is much to hash: whoever opens a model has other work meanwhile. */
async function compute(tensors: TensorSource): Promise<string> {
  const bytes = tensors.list().reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes < MANY_BYTES) {
    const hash = createHash('sha256');
    return weightsFingerprint(tensors, {
      update: (part) => hash.update(part),
      digest: () => hash.digest('hex'),
    });
  }
  const hash = hashInThread();
  try {
    return await weightsFingerprint(tensors, hash);
  } finally {
    await hash.dispose();
  }
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
  if (cacheFolder === undefined) return compute(tensors);
  const key = createHash('sha256').update('weights 2\n');
  for (const file of files) {
    const { size, mtimeNs, ctimeNs, ino } = await stat(file, { bigint: true }).catch((cause) => {
      throw fileError(file, cause);
    });
    key.update(`${JSON.stringify([resolve(file), ...[size, mtimeNs, ctimeNs, ino].map(String)])}\n`);
  }
  const path = join(cacheFolder, `${key.digest('hex')}.sha256`);
  const known = (await readFile(path, 'utf8').catch(() => undefined))?.trim();
  if (known !== undefined && /^[0-9a-f]{64}$/.test(known)) return known;
  const computed = await compute(tensors);
  try {
    await makeFolder(cacheFolder);
    await writeFileAtomically(path, [new TextEncoder().encode(`${computed}\n`)]);
  } catch {
    // a folder that is full or read-only costs the next start the same reading
  }
  return computed;
}
