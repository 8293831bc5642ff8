import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultCacheFolder } from '@judge-decoding/onnx/cache';
import { EXIT } from '../exit-code.ts';
import { embeddedPair } from '../pocket/embedded-pair.ts';
import { paintFor } from '../render/paint.ts';
import type { World } from '../world.ts';

interface Found {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/** What is at hand, without opening any of it. */
export async function modelsCommand(
  flags: { readonly json?: boolean; readonly color: boolean },
  { terminal }: World,
): Promise<number> {
  const { out, env } = terminal;
  const pair = await embeddedPair(env);
  const embedded = await present([
    ['target', pair.target],
    ['draft', pair.draft],
    ['head', pair.head],
  ]);
  const { JUDGE_MODELS } = env;
  const folders = JUDGE_MODELS ? await modelsIn(JUDGE_MODELS) : [];
  const cacheFolder = defaultCacheFolder(env);
  const graphs = await subfolders(join(cacheFolder, 'graphs'));
  if (flags.json) {
    out.write(`${JSON.stringify({ embedded, models: folders, cacheFolder, graphs }, null, 2)}\n`);
    return EXIT.ok;
  }
  const paint = paintFor(out, env, flags);
  const section = (title: string, found: readonly Found[], none: string) => {
    out.write(`${paint.bold(title)}\n`);
    const width = Math.max(0, ...found.map(({ name }) => name.length));
    for (const { name, path, bytes } of found) {
      out.write(`  ${name.padEnd(width)}  ${megabytes(bytes).padStart(9)}  ${paint.dim(path)}\n`);
    }
    if (found.length === 0) out.write(`  ${none}\n`);
  };
  section('Embedded pocket pair (used unless --target says otherwise)', embedded, `none at ${pair.target}`);
  section(
    JUDGE_MODELS ? `Models in ${JUDGE_MODELS}` : 'Models in $JUDGE_MODELS',
    folders,
    JUDGE_MODELS
      ? 'no folder with a config.json in it, and no GGUF file'
      : 'JUDGE_MODELS is not set: point it to a folder of model folders or GGUF files',
  );
  section(
    `Graphs in ${cacheFolder} (may be deleted: the next use of a model writes its own again)`,
    graphs,
    'none yet: the first use of a model writes one',
  );
  return EXIT.ok;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

async function present(entries: readonly (readonly [string, string])[]): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const [name, path] of entries) {
    if (existsSync(path)) found.push({ name, path, bytes: await sizeOf(path) });
  }
  return found;
}

/** Hugging Face folders, and GGUF files, also those that lie one folder deeper. */
async function modelsIn(folder: string): Promise<readonly Found[]> {
  const folders = await subfolders(folder);
  const files = await Promise.all([folder, ...folders.map(({ path }) => path)].map(ggufFiles));
  return [...folders.filter(({ path }) => existsSync(join(path, 'config.json'))), ...files.flat()];
}

async function ggufFiles(folder: string): Promise<readonly Found[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /\.gguf$/i.test(name)).sort();
  return Promise.all(
    names.map(async (name) => ({ name, path: join(folder, name), bytes: await sizeOf(join(folder, name)) })),
  );
}

/** A folder that is missing has none. */
async function subfolders(folder: string): Promise<readonly Found[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: Found[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const isFolder =
      entry.isDirectory() ||
      (entry.isSymbolicLink() && (await stat(path).catch(() => undefined))?.isDirectory());
    if (isFolder) found.push({ name: entry.name, path, bytes: await sizeOf(path) });
  }
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

/** Of a file, or of a folder's own files. */
async function sizeOf(path: string): Promise<number> {
  const info = await stat(path);
  if (!info.isDirectory()) return info.size;
  const sizes = await Promise.all(
    (await readdir(path)).map(async (name) => {
      const entry = await stat(join(path, name)).catch(() => undefined);
      return entry?.isFile() ? entry.size : 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
