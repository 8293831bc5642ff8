import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { type Model, type Placement, placeDraft } from '@judge-decoding/core';
import { makeFolder } from '@judge-decoding/onnx/cache';

const REVISION = 1;
const MAX_FILE_BYTES = 4096;

export interface PlaceDraftOptions {
  /** What tells the draft, and what would run it, from others. */
  readonly key: readonly unknown[];
  /** Backends that could run it. */
  readonly places: readonly string[];
  readonly open: (place: string) => Promise<Model>;
  readonly cacheFolder: string;
  readonly now: () => number;
}

/** A draft where a drafted token takes the least time: tried once for each draft and machine, and kept. */
export async function openPlaced({
  key,
  places,
  open,
  cacheFolder,
  now,
}: PlaceDraftOptions): Promise<{ readonly model: Model; readonly placement: Placement }> {
  const machine = [cpus()[0]?.model ?? '', availableParallelism(), arch(), process.version];
  const digest = createHash('sha256')
    .update(JSON.stringify([REVISION, places, key, machine]))
    .digest('hex');
  const folder = join(cacheFolder, 'placements');
  const file = join(folder, `${digest.slice(0, 32)}.json`);
  const known = await readPlacement(file, places);
  if (known !== undefined) return { model: await open(known.chosen), placement: known };

  const models: Record<string, Model> = {};
  try {
    for (const place of places) models[place] = await open(place);
    const placement = await placeDraft(models, now);
    for (const place of places) if (place !== placement.chosen) await models[place]!.dispose();
    await keep(folder, file, placement);
    return { model: models[placement.chosen]!, placement };
  } catch (error) {
    for (const model of Object.values(models)) await model.dispose();
    throw error;
  }
}

/** Whatever is there and not what was written is measured again. */
async function readPlacement(file: string, places: readonly string[]): Promise<Placement | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text === '' || text.length > MAX_FILE_BYTES) return undefined;
  try {
    const read: Partial<Placement> | null = JSON.parse(text);
    const { chosen, milliseconds } = read ?? {};
    const isTime = (place: string) => typeof milliseconds?.[place] === 'number';
    return places.includes(chosen!) && places.every(isTime) ? (read as Placement) : undefined;
  } catch {
    return undefined;
  }
}

/** What cannot be kept is measured again at the next start. */
async function keep(folder: string, file: string, placement: Placement): Promise<void> {
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    await makeFolder(folder);
    await writeFile(unfinished, JSON.stringify(placement));
    await rename(unfinished, file);
  } catch {
    // a folder that cannot be written was said already
  }
}
