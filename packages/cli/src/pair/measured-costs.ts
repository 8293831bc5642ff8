import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { type AbortSignalLike, type Costs, isCosts, type Model, measureCosts } from '@judge-decoding/core';
import { makeFolder } from '@judge-decoding/onnx/cache';
import type { Pair } from './open-pair.ts';

/** Counts changes to how costs are measured. */
const REVISION = 4;
const MAX_FILE_BYTES = 64 * 1024;

/** Passes of each kind; a large model's are long, and vary less. */
const REPEATS = 7;
const REPEATS_LARGE = 3;
/** Layers times hidden size squared: about a twelfth of the weights. */
const LARGE = 2e7;

export interface MeasureOptions {
  readonly now: () => number;
  /** Told from 0 to 1 how much is measured, which takes seconds, with large models a minute. */
  readonly onMeasure?: ((share: number) => void) | undefined;
  /** Told where they cannot be kept, which stops nothing. */
  readonly onNotice?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignalLike | undefined;
  /** Measure whatever is kept. */
  readonly again?: boolean;
}

/** A pair that is open is measured once, wherever its costs can be kept. */
const MEASURED = new WeakMap<Pair, Costs>();

/** Measured once for each pair, dtype, thread count and machine, and kept in the cache folder. */
export async function measuredCosts(
  pair: Pair,
  { now, onMeasure, onNotice, signal, again = false }: MeasureOptions,
): Promise<Costs> {
  const measured = MEASURED.get(pair);
  if (measured !== undefined && !again) return measured;
  const folder = join(pair.cacheFolder, 'costs');
  const file = join(folder, `${keyOf(pair)}.json`);
  const kept = again ? undefined : await readCosts(file);
  if (kept !== undefined) return kept;
  onMeasure?.(0);
  const costs = await measure(pair, now, signal, onMeasure);
  MEASURED.set(pair, costs);
  try {
    await makeFolder(folder);
    // another process may be writing the same file: each writes its own and renames
    await writeFile(`${file}.${process.pid}.tmp`, JSON.stringify(costs));
    await rename(`${file}.${process.pid}.tmp`, file);
  } catch (cause) {
    await rm(`${file}.${process.pid}.tmp`, { force: true }).catch(() => undefined);
    onNotice?.(
      `The measured costs cannot be kept in ${folder} (${(cause as Error).message}), so they are measured at every start. Choose a writable folder with JUDGE_CACHE.`,
    );
  }
  return costs;
}

async function measure(
  { target, draft }: Pair,
  now: () => number,
  signal: AbortSignalLike | undefined,
  onProgress: MeasureOptions['onMeasure'],
): Promise<Costs> {
  const open = async (model: Model) => ({ model, session: await model.openSession() });
  const { layers, hiddenSize } = target.model.info;
  const repeats = layers * hiddenSize ** 2 > LARGE ? REPEATS_LARGE : REPEATS;
  const opened = await open(target.model);
  const drafting = typeof draft === 'string' ? undefined : await open(draft.model);
  try {
    return await measureCosts(opened, drafting, now, { repeats, signal, onProgress });
  } finally {
    await Promise.all([opened.session.dispose(), drafting?.session.dispose()]);
  }
}

function keyOf({ target, draft, backend, draftBackend, threads }: Pair): string {
  const facts = ({ info }: Model) => [
    info.fingerprint.weights,
    info.dtype,
    info.device,
    info.contextLength,
    info.exact,
  ];
  const parts = [
    REVISION,
    backend,
    draftBackend,
    threads ?? 'auto',
    facts(target.model),
    typeof draft === 'string' ? draft : facts(draft.model),
    [cpus()[0]?.model ?? '', availableParallelism(), arch(), process.version],
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** Whatever is there and not what we wrote is measured again. */
async function readCosts(file: string): Promise<Costs | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    if (text.length > MAX_FILE_BYTES) return undefined;
    const costs: unknown = JSON.parse(text);
    return isCosts(costs) ? costs : undefined;
  } catch {
    return undefined;
  }
}
