import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { didYouMean } from '../options/closest.ts';

/** Graphs of one model in one dtype. */
export interface GraphEntry {
  /** The folder's name. */
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
  /** When it was written, as ISO 8601. */
  readonly written: string;
  /** Absent where an earlier version wrote it, or where it is damaged. */
  readonly model?: string;
  readonly dtype?: string;
}

/** What `cachedDecoder` has written, by model and size. A folder that is missing holds nothing. */
export async function cachedGraphs(cacheFolder: string): Promise<readonly GraphEntry[]> {
  const folder = join(cacheFolder, 'graphs');
  const found: GraphEntry[] = [];
  for (const id of await readdir(folder).catch(() => [])) {
    const path = join(folder, id);
    const info = await stat(path).catch(() => undefined);
    if (info?.isDirectory() !== true) continue;
    const said = await reportIn(path);
    found.push({ id, path, bytes: await sizeOf(path), written: info.mtime.toISOString(), ...said });
  }
  const name = ({ model = '\uffff', dtype = '', id }: GraphEntry) => `${model} ${dtype} ${id}`;
  return found.sort((a, b) => name(a).localeCompare(name(b)));
}

/** Of no use to anybody in a file this large. */
const MOST_REPORT_BYTES = 1e6;

async function reportIn(path: string): Promise<Pick<GraphEntry, 'model' | 'dtype'>> {
  try {
    const file = join(path, 'weights.json');
    if ((await stat(file)).size > MOST_REPORT_BYTES) return {};
    const { model, dtype } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    return {
      ...(typeof model === 'string' ? { model } : {}),
      ...(typeof dtype === 'string' ? { dtype } : {}),
    };
  } catch {
    return {};
  }
}

/**
 * Deletes graphs by model name or by the first characters of an entry; `all` is everything that is cached,
 * measurements and digests of files included.
 *
 * @throws JudgeDecodingError `not-found` where nothing has such a name, before anything is deleted; `io` where
 * something cannot be deleted.
 */
export async function pruneCache(
  cacheFolder: string,
  named: readonly string[],
): Promise<readonly GraphEntry[]> {
  const graphs = await cachedGraphs(cacheFolder);
  const all = named.includes('all');
  const chosen = new Set<GraphEntry>(all ? graphs : []);
  for (const name of all ? [] : named) {
    const found = graphs.filter(
      ({ id, model }) => model === name || (name.length >= 6 && id.startsWith(name)),
    );
    if (found.length === 0) {
      const known = [...new Set(graphs.map(({ id, model }) => model ?? id))];
      throw new JudgeDecodingError(
        'not-found',
        `Expected --prune to name a model with cached graphs, an entry, or all, got ${name}.${didYouMean(name, known)} \`judge models\` lists them.`,
      );
    }
    for (const each of found) chosen.add(each);
  }
  try {
    for (const { path } of chosen) await rm(path, { recursive: true, force: true });
    if (all) for (const path of await notes(cacheFolder)) await rm(path, { recursive: true, force: true });
  } catch (cause) {
    throw new JudgeDecodingError(
      'io',
      `Expected to delete from ${cacheFolder}, got: ${(cause as Error).message}. Is a model of it running?`,
      { cause },
    );
  }
  return [...chosen];
}

/** What lies beside graphs: measured costs, and digests of files. Nothing that is not known to be ours. */
async function notes(cacheFolder: string): Promise<readonly string[]> {
  const names = await readdir(cacheFolder).catch(() => []);
  return names
    .filter((name) => name === 'costs' || /^[0-9a-f]{64}\.sha256$/.test(name))
    .map((name) => join(cacheFolder, name));
}

/** Bytes of a file, or of a folder's own files. */
export async function sizeOf(path: string): Promise<number> {
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
