import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '@judge-decoding/checkpoint';
import { JudgeDecodingError } from '@judge-decoding/core';
import { cacheError, defaultCacheFolder, makeCacheFolder } from './cache-folder.ts';
import { buildDecoder, type DecoderOptions } from './decoder.ts';
import type { DecoderShape } from './decoder-interface.ts';
import type { BuiltGraph } from './graph.ts';

export interface GraphCacheOptions extends Omit<DecoderOptions, 'weightsFile'> {
  /** Made where it does not exist; `defaultCacheFolder()` unless given. */
  readonly cacheFolder?: string;
  /** Called while a graph is written; never when it is found. */
  readonly onProgress?: (progress: GraphProgress) => void;
}

export interface GraphProgress {
  readonly writtenBytes: number;
  readonly totalBytes: number;
}

/** A decoder on disk: a graph file with its weights beside it. */
export interface CachedGraph {
  readonly graphFile: string;
  readonly shape: DecoderShape;
  /** False when it had to be written. */
  readonly found: boolean;
}

const GRAPH_FILE = 'decoder.onnx';
const WEIGHTS_FILE = 'weights.bin';
/** Counts changes to what is written into the weights file that the graph itself does not show. */
const WEIGHTS_REVISION = 1;
/** Nothing takes this long to write: what is older was left by a process that died. */
const ABANDONED_AFTER_MS = 6 * 3600 * 1000;

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
  const { cacheFolder = defaultCacheFolder(), onProgress, ...decoder } = options;
  const graph = buildDecoder(checkpoint, { ...decoder, weightsFile: WEIGHTS_FILE });
  const { weights } = await checkpoint.fingerprint();
  const key = createHash('sha256')
    .update(JSON.stringify([WEIGHTS_REVISION, weights, checkpoint.config]))
    .update(graph.model)
    .digest('hex')
    .slice(0, 32);

  const folder = join(cacheFolder, 'graphs');
  const entry = join(folder, key);
  const cached = { graphFile: join(entry, GRAPH_FILE), shape: graph.shape };
  if (await isComplete(entry, graph)) return { ...cached, found: true };

  try {
    await makeCacheFolder(folder);
    await removeAbandoned(folder);
    const draft = join(folder, `${key}.${randomUUID()}.tmp`);
    try {
      await mkdir(draft);
      await writeWeights(join(draft, WEIGHTS_FILE), graph, onProgress);
      await writeFile(join(draft, GRAPH_FILE), graph.model);
      await publish(draft, entry, graph);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  } catch (cause) {
    if (JudgeDecodingError.is(cause)) throw cause;
    throw cacheError(folder, cause);
  }
  return { ...cached, found: false };
}

const weightsSize = ({ weights }: BuiltGraph): number => {
  const last = weights.at(-1);
  return last === undefined ? 0 : last.offset + last.byteLength;
};

async function isComplete(entry: string, graph: BuiltGraph): Promise<boolean> {
  const size = async (file: string) => (await stat(join(entry, file)).catch(() => undefined))?.size;
  return (
    (await size(GRAPH_FILE)) === graph.model.byteLength && (await size(WEIGHTS_FILE)) === weightsSize(graph)
  );
}

async function publish(draft: string, entry: string, graph: BuiltGraph): Promise<void> {
  try {
    await rename(draft, entry);
  } catch (cause) {
    // Another process was faster, or a damaged entry lies there.
    if (await isComplete(entry, graph)) return;
    await rm(entry, { recursive: true, force: true });
    await rename(draft, entry).catch(async () => {
      if (!(await isComplete(entry, graph))) throw cause;
    });
  }
}

async function writeWeights(
  path: string,
  graph: BuiltGraph,
  onProgress: GraphCacheOptions['onProgress'],
): Promise<void> {
  const totalBytes = weightsSize(graph);
  const file = await open(path, 'wx');
  try {
    for (const tensor of graph.weights) {
      const bytes = await tensor.load();
      if (bytes.byteLength !== tensor.byteLength) {
        throw new JudgeDecodingError(
          'invalid-file',
          `Expected ${tensor.name} to have ${tensor.byteLength} bytes as float32, got ${bytes.byteLength}. The checkpoint's shapes disagree with its configuration.`,
        );
      }
      let written = 0;
      while (written < bytes.byteLength) {
        const part = await file.write(bytes, written, bytes.byteLength - written, tensor.offset + written);
        written += part.bytesWritten;
      }
      onProgress?.({ writtenBytes: tensor.offset + tensor.byteLength, totalBytes });
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.tmp')) continue;
    const path = join(folder, name);
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}
