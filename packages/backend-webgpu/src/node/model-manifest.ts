import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type ListedFile, MANIFEST, writeManifest } from '../manifest.ts';

/** What a page reads of a model; cards and pictures stay where they are. */
const OF_A_MODEL = /\.(json|safetensors|gguf|jinja)$/;

/** The text of `judge-files.json` for a model's folder: with it beside them, pages can keep the files and check them. */
export async function modelManifest(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => OF_A_MODEL.test(name) && name !== MANIFEST).sort();
  const files: ListedFile[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    files.push({ name, size: (await stat(path)).size, sha256: hash.digest('hex') });
  }
  return writeManifest(files);
}
