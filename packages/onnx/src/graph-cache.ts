import { createHash, randomUUID } from 'node:crypto';
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '@judge-decoding/checkpoint';
import { type AbortSignalLike, JudgeDecodingError } from '@judge-decoding/core';
import { cacheError, defaultCacheFolder, makeCacheFolder } from './cache-folder.ts';
import { buildDecoder, type DecoderGraph, type DecoderOptions } from './decoder.ts';
import type { DecoderShape } from './decoder-interface.ts';
import type { Provider } from './decoder-weights.ts';
import { buildDeviceDecoder } from './device-decoder.ts';
import { buildDraftLoop, hasDraftLoop } from './draft-loop.ts';
import type { BuiltGraph } from './graph.ts';
import type { RunDtype } from './weight-dtype.ts';
import { type GraphProgress, type WriteOptions, weightsSize, writeParts } from './weight-parts.ts';
import type { WeightsReport } from './weights-report.ts';
import { isSealed, sealWeights } from './weights-seal.ts';

export interface GraphCacheOptions extends Omit<DecoderOptions, 'weightsFile' | 'exact' | 'provider'> {
  /** ONNX Runtime's provider that shall run it: `cpu` when absent; `webgpu` keeps the cache on its device. */
  readonly provider?: Provider;
  /** Made where it does not exist; `defaultCacheFolder()` unless given. */
  readonly cacheFolder?: string;
  /** Called while a graph is written; never when it is found. */
  readonly onProgress?: (progress: GraphProgress) => void;
  /** Ends the writing between two parts; what was written is removed, and the error's code is `aborted`. */
  readonly signal?: AbortSignalLike | undefined;
}

export type { GraphProgress };

/** A decoder on disk: a graph file, and one whose sums are exact, with their weights beside them. */
export interface CachedGraph {
  readonly graphFile: string;
  /** Sums are exact; on a processor alone. */
  readonly exactGraphFile?: string;
  /** Greedy drafts in one run; there where the model is small. */
  readonly draftGraphFile?: string;
  readonly shape: DecoderShape;
  readonly dtype: RunDtype;
  /** As `DecoderGraph` says it. */
  readonly pairedOutput: boolean;
  /** How the weights were carried over, and what that cost. */
  readonly weights: WeightsReport;
  /** False when it had to be written. */
  readonly found: boolean;
}

const GRAPH_FILE = 'decoder.onnx';
/** The graph whose sums are exact, over the same weights. */
const EXACT_GRAPH_FILE = 'decoder-exact.onnx';
const WEIGHTS_FILE = 'weights.bin';

/** Greedy drafts in one run, over the same weights. */
const DRAFT_GRAPH_FILE = 'draft-loop.onnx';
/** What an entry holds: the graphs themselves, and the length of the weights that they share. */
type EntryFiles = Readonly<Record<string, Uint8Array | number>>;

const REPORT_FILE = 'weights.json';
/** Counts changes to what is written into the weights file that the graph itself does not show. */
const WEIGHTS_REVISION = 3;
/** Whoever writes does so every few seconds: what lay still for so long was left by a process that died. */
const ABANDONED_AFTER_MS = 15 * 60 * 1000;

/**
 * The decoder of a checkpoint, from the cache folder or written there. It is filed under the
 * weights' fingerprint, the configuration and the graph itself, so another checkpoint, dtype or
 * context, or a changed builder, is another entry. A half-written entry is never seen: it is
 * written under another name and renamed.
 */
export async function cachedDecoder(
  checkpoint: Pick<Checkpoint, 'config' | 'tensors' | 'name' | 'fingerprint'>,
  options: GraphCacheOptions = {},
): Promise<CachedGraph> {
  const { cacheFolder = defaultCacheFolder(), onProgress, signal, provider = 'cpu', ...decoder } = options;
  const asked = { ...decoder, weightsFile: WEIGHTS_FILE };
  const { graph, graphs } =
    provider === 'cpu' ? graphsForCpu(checkpoint, asked) : graphsForDevice(checkpoint, asked);
  const files: EntryFiles = { ...graphs, [WEIGHTS_FILE]: weightsSize(graph) };
  const { weights } = await checkpoint.fingerprint();
  const hash = createHash('sha256').update(JSON.stringify([WEIGHTS_REVISION, weights, checkpoint.config]));
  for (const model of Object.values(graphs)) hash.update(model);
  const key = hash.digest('hex').slice(0, 32);

  const folder = join(cacheFolder, 'graphs');
  const entry = join(folder, key);
  const { shape, dtype, pairedOutput } = graph;
  const cached = {
    graphFile: join(entry, GRAPH_FILE),
    ...(EXACT_GRAPH_FILE in graphs ? { exactGraphFile: join(entry, EXACT_GRAPH_FILE) } : {}),
    ...(DRAFT_GRAPH_FILE in graphs ? { draftGraphFile: join(entry, DRAFT_GRAPH_FILE) } : {}),
    shape,
    dtype,
    pairedOutput,
  };
  const known = (await isSound(entry, files)) ? await readReport(entry) : undefined;
  if (known !== undefined) return { ...cached, weights: known, found: true };

  try {
    await makeCacheFolder(folder);
    await removeAbandoned(folder);
    const unfinished = join(folder, `${key}.${randomUUID()}.tmp`);
    try {
      await mkdir(unfinished);
      await writeWeights(join(unfinished, WEIGHTS_FILE), graph, { onProgress, signal });
      await writeFile(
        join(unfinished, REPORT_FILE),
        `${JSON.stringify({ model: checkpoint.name, ...graph.report() }, null, 2)}\n`,
      );
      for (const [name, model] of Object.entries(graphs)) await writeFile(join(unfinished, name), model);
      await sealWeights(unfinished, join(unfinished, WEIGHTS_FILE));
      await publish(unfinished, entry, files);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  } catch (cause) {
    if (JudgeDecodingError.is(cause)) throw cause;
    throw cacheError(folder, cause);
  }
  return { ...cached, weights: graph.report(), found: false };
}

type Built = Pick<Checkpoint, 'config' | 'tensors'>;

/** The graph whose weights are written, and all that read them, by their files' names. */
interface Graphs {
  readonly graph: DecoderGraph;
  readonly graphs: Readonly<Record<string, Uint8Array>>;
}

function graphsForCpu(checkpoint: Built, options: DecoderOptions): Graphs {
  const graph = buildDecoder(checkpoint, options);
  const graphs = {
    [GRAPH_FILE]: graph.model,
    [EXACT_GRAPH_FILE]: buildDecoder(checkpoint, { ...options, exact: true }).model,
    ...(hasDraftLoop(graph) ? { [DRAFT_GRAPH_FILE]: buildDraftLoop(checkpoint, options).model } : {}),
  };
  return { graph, graphs };
}

function graphsForDevice(checkpoint: Built, options: DecoderOptions): Graphs {
  const graph = buildDeviceDecoder(checkpoint, options);
  return { graph, graphs: { [GRAPH_FILE]: graph.model } };
}

async function isComplete(entry: string, files: EntryFiles): Promise<boolean> {
  for (const [name, wanted] of Object.entries(files)) {
    const found = await stat(join(entry, name)).catch(() => undefined);
    if (found?.size !== (typeof wanted === 'number' ? wanted : wanted.byteLength)) return false;
  }
  return true;
}

/** Complete, and what was written: graphs byte by byte, weights as their seal says. */
async function isSound(entry: string, files: EntryFiles): Promise<boolean> {
  if (!(await isComplete(entry, files))) return false;
  for (const [name, wanted] of Object.entries(files)) {
    if (typeof wanted === 'number') continue;
    const found = await readFile(join(entry, name)).catch(() => undefined);
    if (found === undefined || !found.equals(wanted)) return false;
  }
  return isSealed(entry, join(entry, WEIGHTS_FILE));
}

/** What an entry says about its weights; `undefined` where it is damaged. */
async function readReport(entry: string): Promise<WeightsReport | undefined> {
  try {
    // the model's name is there for whoever lists the cache
    const { model: _, ...report } = JSON.parse(await readFile(join(entry, REPORT_FILE), 'utf8'));
    return report;
  } catch {
    return undefined;
  }
}

async function publish(unfinished: string, entry: string, files: EntryFiles): Promise<void> {
  try {
    await rename(unfinished, entry);
  } catch (cause) {
    // another process was faster, or a damaged entry lies there
    if (await isSound(entry, files)) return;
    await rm(entry, { recursive: true, force: true });
    await rename(unfinished, entry).catch(async () => {
      if (!(await isSound(entry, files))) throw cause;
    });
  }
}

async function writeWeights(path: string, graph: BuiltGraph, options: WriteOptions): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await writeParts(graph, (bytes, position) => writeFully(file, bytes, position), options);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Bytes written at a time. The operating system keeps what is written at once as one piece, and maps it
 * as one: where rows are looked up in a mapped file, large pieces make what nobody reads resident.
 */
const PIECE = 1 << 16;

async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    const length = Math.min(PIECE, bytes.byteLength - written);
    const part = await file.write(bytes, written, length, position + written);
    written += part.bytesWritten;
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.tmp')) continue;
    const path = join(folder, name);
    if (Date.now() - (await lastTouched(path)) > ABANDONED_AFTER_MS)
      await rm(path, { recursive: true, force: true });
  }
}

/** When anything in a folder was last written. */
async function lastTouched(folder: string): Promise<number> {
  const files = await readdir(folder).catch(() => []);
  const times = await Promise.all(
    [folder, ...files.map((file) => join(folder, file))].map(
      async (path) => (await stat(path).catch(() => undefined))?.mtimeMs,
    ),
  );
  // what is gone by now is not in the way
  return Math.max(...times.map((time) => time ?? 0)) || Date.now();
}
