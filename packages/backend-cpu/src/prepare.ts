import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { GraphProgress } from '@judge-decoding/onnx/cache';
import { prepareApart } from './prepare-apart.ts';
import type { PreparedModel } from './prepare-model.ts';
import type { WorkerOptions } from './protocol.ts';

/** Bytes of a model's files; what a smaller one leaves behind is not worth starting a thread. */
const APART_FROM = 64e6;

/** Opens a checkpoint, and finds or builds its graph: a large one's in a thread of its own. */
export async function prepare(
  options: WorkerOptions,
  onProgress: (progress: GraphProgress) => void,
): Promise<PreparedModel> {
  if ((await bytesAt(options.location)) >= APART_FROM) return prepareApart(options, onProgress);
  const { prepareModel } = await import('./prepare-model.ts');
  return prepareModel(options, onProgress);
}

/** Of a file or the files of a folder; 0 where there is nothing, which opening it will tell. */
async function bytesAt(location: string): Promise<number> {
  const names = await readdir(location).catch(() => undefined);
  const files = names === undefined ? [location] : names.map((name) => join(location, name));
  const infos = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  return infos.reduce((sum, info) => sum + (info?.size ?? 0), 0);
}
