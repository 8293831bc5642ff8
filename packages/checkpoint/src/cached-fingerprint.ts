import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileError } from './file-errors.ts';
import { weightsFingerprint } from './fingerprints.ts';
import { makeFolder } from './make-folder.ts';
import { writeFileAtomically } from './safetensors-writer.ts';
import type { TensorSource } from './tensor-source.ts';

const compute = (tensors: TensorSource): Promise<string> => {
  const hash = createHash('sha256');
  return weightsFingerprint(tensors, {
    update: (bytes) => hash.update(bytes),
    digest: () => hash.digest('hex'),
  });
};

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
