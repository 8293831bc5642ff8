import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type ListedFile, MANIFEST, sentAs, writeManifest } from '../manifest.ts';

/** What a page reads of a model; cards and pictures stay where they are. */
const OF_A_MODEL = /\.(json|safetensors|gguf|jinja)$/;
/** Weights of sixteen-bit floats lose a fifth; what is small is not worth a second form. */
const LEAST_PACKED = 1 << 18;

/** The text of `judge-files.json` for a model's folder: with it beside them, pages can keep the files and check them. */
export async function modelManifest(folder: string): Promise<string> {
  const files: ListedFile[] = [];
  for (const name of await filesOf(folder)) files.push(await listed(folder, name));
  return writeManifest(files);
}

/**
 * A model's folder as a host should have it, in `out`: large files packed by gzip, which `cachedModel` unpacks
 * and holds to the digest of what was packed, and the list of them all.
 */
export async function packModel(folder: string, out: string): Promise<void> {
  await mkdir(out, { recursive: true });
  const files: ListedFile[] = [];
  for (const name of await filesOf(folder)) {
    const file = await listed(folder, name);
    const source = join(folder, name);
    if (file.size < LEAST_PACKED) {
      await copyFile(source, join(out, name));
      files.push(file);
      continue;
    }
    const packed = join(out, sentAs({ ...file, packed: 0 }).name);
    await pipeline(createReadStream(source), createGzip({ level: 9 }), createWriteStream(packed));
    files.push({ ...file, packed: (await stat(packed)).size });
  }
  await writeFile(join(out, MANIFEST), writeManifest(files));
}

const filesOf = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => OF_A_MODEL.test(name) && name !== MANIFEST).sort();

async function listed(folder: string, name: string): Promise<ListedFile> {
  const path = join(folder, name);
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { name, size: (await stat(path)).size, sha256: hash.digest('hex') };
}
