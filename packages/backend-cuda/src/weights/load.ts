import { isBlockType, type TensorSource, widen, widenBlocks } from '@judge-decoding/checkpoint';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { EngineModel, GivenTensor, HeldAs } from '../engine.ts';
import { holdsExactly } from './held-as.ts';
import { heldFor, heldRows, type PlannedTensor } from './plan.ts';
import { ReportBuilder, type WeightsReport } from './report.ts';

/** Told after each tensor. Bytes as stored. */
export interface LoadProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface LoadOptions {
  readonly heldAs: HeldAs;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Rows of each matrix whose rounding is measured. */
const SAMPLED_ROWS = 8;

/** Tensors that are read while one is uploaded and packed, and bytes of them: one reading at a time leaves disk and processor idle. */
const MOST_AHEAD = 4;
const MOST_BYTES_AHEAD = 256 * 1024 * 1024;

/** Puts every tensor of a plan on the device, in the plan's order; the next ones are read meanwhile. */
export async function loadWeights(
  model: Pick<EngineModel, 'put'>,
  tensors: TensorSource,
  plan: readonly PlannedTensor[],
  { heldAs, onProgress, signal }: LoadOptions,
): Promise<WeightsReport> {
  const totalBytes = plan.reduce((sum, { info }) => sum + info.byteLength, 0);
  const report = new ReportBuilder(heldAs);
  let doneBytes = 0;
  const ahead: Promise<GivenTensor>[] = [];
  let [begun, bytesAhead] = [0, 0];
  const readOn = () => {
    while (begun < plan.length && ahead.length < MOST_AHEAD) {
      // the next one always
      if (ahead.length > 0 && bytesAhead >= MOST_BYTES_AHEAD) return;
      const following = plan[begun++]!;
      ahead.push(begin(tensors, following));
      bytesAhead += following.info.byteLength;
    }
  };
  readOn();
  for (const planned of plan) {
    const given = await ahead.shift()!;
    bytesAhead -= planned.info.byteLength;
    readOn();
    if (signal?.aborted) throw new JudgeDecodingError('aborted', 'Loading the weights was interrupted.');
    sample(report, planned, given, heldAs);
    await model.put(given);
    doneBytes += planned.info.byteLength;
    onProgress?.({ doneBytes, totalBytes });
  }
  return report.report();
}

/** Starts reading; if nobody waits for it any more, its failure is nobody's. */
function begin(tensors: TensorSource, planned: PlannedTensor): Promise<GivenTensor> {
  const reading = read(tensors, planned);
  reading.catch(() => undefined);
  return reading;
}

async function read(
  tensors: TensorSource,
  { info, role, layer, source, rows, cols }: PlannedTensor,
): Promise<GivenTensor> {
  const isStored = info.type === source;
  const data = isStored ? await tensors.raw(info.name) : await tensors.read(info.name);
  return { role, layer, source, rows, cols, data };
}

/** Measures what rounding does to a few rows. */
function sample(
  report: ReportBuilder,
  { info, rows, cols, held }: PlannedTensor,
  { data, source }: GivenTensor,
  heldAs: HeldAs,
): void {
  const types = held.map((use) => ({ use, type: heldFor(use, heldAs, source) }));
  for (const { use, type } of types) if (holdsExactly(type, info.type)) report.add(info.type, use, type);
  const rounding = types.filter(({ type }) => !holdsExactly(type, info.type));
  if (rounding.length === 0) return;
  const count = Math.min(SAMPLED_ROWS, rows);
  const given = new Float32Array(count * cols);
  for (let index = 0; index < count; index++) {
    const row = Math.floor((index * rows) / count);
    const part = data.subarray((row * data.length) / rows, ((row + 1) * data.length) / rows);
    if (part instanceof Float32Array) given.set(part, index * cols);
    else if (isBlockType(source)) widenBlocks(part, source, given, index * cols);
    else widen(part, source, given, index * cols);
  }
  for (const { use, type } of rounding) {
    const rounded = heldRows(given, cols, use, heldAs, info.type);
    report.add(info.type, use, type, { given, held: rounded, rows: count });
  }
}
