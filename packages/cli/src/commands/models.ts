import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { defaultCacheFolder } from '@judge-decoding/onnx/cache';
import { EXIT } from '../exit-code.ts';
import { cachedGraphs, pruneCache, sizeOf } from '../pair/cached-graphs.ts';
import { type ModelAtHand, modelsIn } from '../pair/models-at-hand.ts';
import { embeddedPair } from '../pocket/embedded-pair.ts';
import { paintFor } from '../render/paint.ts';
import { type Column, table } from '../render/table.ts';
import { padded, seenWidth } from '../render/width.ts';
import { hanging, wrap } from '../render/wrap.ts';
import { type Terminal, widthOf } from '../terminal.ts';
import type { World } from '../world.ts';

interface Found extends ModelAtHand {
  readonly bytes: number;
}

export interface ModelsFlags {
  readonly prune?: readonly string[];
  readonly json?: boolean;
  readonly color: boolean;
}

/** What is at hand, without opening any of it; with --prune, cached graphs are deleted. */
export async function modelsCommand(flags: ModelsFlags, { terminal }: World): Promise<number> {
  const { out, env } = terminal;
  const cacheFolder = defaultCacheFolder(env);
  if (flags.prune !== undefined) return prune(flags.prune, cacheFolder, flags, terminal);
  const pair = await embeddedPair(env);
  const embedded = await present([
    ['target', pair.target],
    ['draft', pair.draft],
    ['head', pair.head],
  ]);
  const { JUDGE_MODELS } = env;
  const folders = JUDGE_MODELS ? await sized(modelsIn(JUDGE_MODELS)) : [];
  const graphs = await cachedGraphs(cacheFolder);
  if (flags.json) {
    out.write(`${JSON.stringify({ embedded, models: folders, cacheFolder, graphs }, null, 2)}\n`);
    return EXIT.ok;
  }
  const paint = paintFor(out, env, flags);
  const width = widthOf(out);
  const section = (title: string, lines: readonly string[], none: string) => {
    for (const line of wrap(title, width)) out.write(`${paint.bold(line)}\n`);
    const shown = lines.length === 0 ? wrap(none, width - 2) : lines;
    for (const line of shown) out.write(`  ${line}\n`);
  };
  const places = (found: readonly Found[]) => {
    const widest = Math.max(0, ...found.map(({ name }) => seenWidth(name)));
    return found.flatMap(({ name, path, bytes }) =>
      hanging(`${padded(name, widest)}  ${padded(sizeSaid(bytes), 10, 'right')}  `, path, width - 2, 2),
    );
  };
  section(
    'Embedded pocket pair (used unless --target says otherwise)',
    places(embedded),
    `none at ${pair.target}`,
  );
  section(
    JUDGE_MODELS ? `Models in ${JUDGE_MODELS}` : 'Models in $JUDGE_MODELS',
    places(folders),
    await noModels(JUDGE_MODELS),
  );
  const rows = graphs.map(({ id, model, dtype, bytes, written }) => [
    model ?? 'a model of an earlier version',
    dtype ?? '–',
    sizeSaid(bytes),
    written.slice(0, 10),
    id.slice(0, ID),
  ]);
  section(
    `Graphs in ${cacheFolder}`,
    graphs.length === 0 ? [] : table(GRAPH_COLUMNS, rows, paint, width - 2),
    'none yet: the first use of a model writes one',
  );
  if (graphs.length > 0) {
    const total = sizeSaid(graphs.reduce((sum, { bytes }) => sum + bytes, 0));
    const advice = `${total}; the next use of a model writes its own again. \`judge models --prune NAME\` deletes a model’s graphs, \`--prune all\` everything.`;
    for (const line of wrap(advice, width - 2)) out.write(`  ${paint.dim(line)}\n`);
  }
  return EXIT.ok;
}

/** Why $JUDGE_MODELS has no models. */
async function noModels(folder: string | undefined): Promise<string> {
  const pointIt = 'point it to a folder of model folders or GGUF files';
  if (!folder) return `JUDGE_MODELS is not set: ${pointIt}`;
  const isFolder = (await stat(folder).catch(() => undefined))?.isDirectory() === true;
  return isFolder
    ? 'no folder with a config.json in it, and no GGUF file'
    : `JUDGE_MODELS names a folder that does not exist: ${pointIt}`;
}

/** Characters of an entry’s name that are shown, and enough to name it. */
const ID = 8;

const GRAPH_COLUMNS: readonly Column[] = [
  { title: 'model', align: 'left' },
  { title: 'as', align: 'left' },
  { title: 'size', align: 'right' },
  { title: 'written', align: 'left' },
  { title: 'entry', align: 'left' },
];

/** Deletes what is named: graphs by model or by entry, or `all` that is cached. */
async function prune(
  named: readonly string[],
  cacheFolder: string,
  { json = false }: ModelsFlags,
  { out }: Terminal,
): Promise<number> {
  const removed = await pruneCache(cacheFolder, named);
  const bytes = removed.reduce((sum, each) => sum + each.bytes, 0);
  if (json) out.write(`${JSON.stringify({ removed, bytes }, null, 2)}\n`);
  else {
    for (const { model, dtype, id, bytes: size } of removed) {
      const what = model === undefined ? id : `${model}${dtype === undefined ? '' : ` as ${dtype}`}`;
      for (const line of hanging(`deleted ${padded(sizeSaid(size), 10, 'right')}  `, what, widthOf(out), 2)) {
        out.write(`${line}\n`);
      }
    }
    out.write(removed.length === 0 ? 'Nothing is cached.\n' : `${sizeSaid(bytes)} are free again.\n`);
  }
  return EXIT.ok;
}

const sizeSaid = (bytes: number): string =>
  bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

async function present(entries: readonly (readonly [string, string])[]): Promise<readonly Found[]> {
  return sized(entries.map(([name, path]) => ({ name, path })).filter(({ path }) => existsSync(path)));
}

const sized = (found: readonly ModelAtHand[]): Promise<readonly Found[]> =>
  Promise.all(found.map(async (each) => ({ ...each, bytes: await sizeOf(each.path) })));
