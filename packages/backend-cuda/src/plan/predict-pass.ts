import type { EngineShape, HeldAs } from '../engine.ts';
import { bytesPerToken, cacheBytesPerToken, estimatedModelBytes } from '../memory.ts';
import type { GpuKind } from './gpus.ts';

/** What the engine takes beyond reading its weights, measured on one GPU (an H200). Milliseconds unless said. */
export interface EngineFigures {
  /** Where they come from. */
  readonly source: string;
  /** Of the data sheet's bandwidth, what a kernel that only reads reaches. */
  readonly readShare: number;
  /** A layer's small kernels and waits, in a pass of one row. */
  readonly perLayer: Readonly<Record<HeldAs, number>>;
  /** From the caller to the GPU and back; a draft of many tokens pays it once. */
  readonly perCall: number;
  /** [rows, milliseconds for 10^9 weights of a GPU] on top of one row, ascending. */
  readonly width: Readonly<Record<HeldAs, readonly (readonly [rows: number, milliseconds: number])[]>>;
  /** [tokens in the cache, time of its bytes over that of as many bytes of weights], ascending. */
  readonly cache: readonly (readonly [context: number, factor: number])[];
  /**
   * [rows times query heads of a key-value head, milliseconds for 10^9 tokens of the cache in every key-value head and
   * layer] on top of one row, ascending: a verification's rows share one reading.
   */
  readonly attention: readonly (readonly [pairs: number, milliseconds: number])[];
  /** Of the time that `width` says, what is seen over several GPUs: the rest hides behind waits for each other. */
  readonly split: number;
  /** Microseconds a sum over 2, 4 and 8 ranks takes on top of what one rank does there, before its bytes. */
  readonly sum: Readonly<Record<number, number>>;
  /** Of the link's bandwidth, what the sums reach. */
  readonly linkShare: number;
}

export interface PassQuestion {
  readonly shape: EngineShape;
  readonly ranks: number;
  readonly rows: number;
  /** Tokens in the cache. */
  readonly context: number;
}

/** One rank's part of a shape: what its GPU reads, holds and multiplies. */
export function partOf(shape: EngineShape, ranks: number): EngineShape {
  const { heads, kvHeads, feedForward, vocabRows } = shape;
  return {
    ...shape,
    heads: heads / ranks,
    kvHeads: Math.max(1, kvHeads / ranks),
    feedForward: feedForward / ranks,
    vocabRows: Math.ceil(vocabRows / ranks),
  };
}

/** Bytes a GPU holds of a model over so many, its embedding (which is whole on each) included. */
export function partBytes(shape: EngineShape, ranks: number): number {
  const part = partOf(shape, ranks);
  const lookup = 2 * (shape.vocabRows - part.vocabRows) * shape.hidden;
  return estimatedModelBytes(part) + lookup;
}

/** Milliseconds of a pass on the device. */
export function predictPass(
  { shape, ranks, rows, context }: PassQuestion,
  gpu: GpuKind,
  figures: EngineFigures,
): number {
  const part = partOf(shape, ranks);
  const { heldAs, layers } = part;
  const cached =
    (context + rows) *
    cacheBytesPerToken(part) *
    between(figures.cache, Math.min(context, figures.cache.at(-1)![0]));
  const bytes = bytesPerToken(part) + cached;
  const reading = (1000 * bytes) / (gpu.bandwidth * figures.readShare);
  const weights = bytesPerToken({ ...part, heldAs: 'bf16' }) / 2e9;
  const wide = (weights * between([[1, 0], ...figures.width[heldAs]], rows)) / gpu.arithmetic;
  const seen = ranks === 1 ? wide : wide * figures.split;
  const sums = ranks === 1 ? 0 : (2 * layers * predictSum(shape.hidden, ranks, rows, gpu, figures)) / 1000;
  const shared = part.heads / part.kvHeads;
  const looked = between(
    [[shared, 0], ...figures.attention.filter(([pairs]) => pairs > shared)],
    rows * shared,
  );
  const looking = (looked * context * layers * part.kvHeads) / 1e9 / gpu.arithmetic;
  return reading + layers * figures.perLayer[heldAs] + seen + looking + sums;
}

/** Microseconds that a sum over the ranks adds to residual and norm: each rank sends its part to all others. */
export function predictSum(
  hidden: number,
  ranks: number,
  rows: number,
  gpu: GpuKind,
  figures: EngineFigures,
): number {
  const bytes = 2 * rows * hidden * (ranks - 1);
  const wait = figures.sum[ranks <= 2 ? 2 : ranks <= 4 ? 4 : 8]!;
  return wait + (1e6 * bytes) / ((gpu.link ?? SLOW_LINK) * figures.linkShare);
}

/** Without a link of their own GPUs talk over PCIe 4. Bytes a second. */
const SLOW_LINK = 25e9;

/** On straight lines between the points; below the first one as there, beyond the last one as between the last two. */
function between(points: readonly (readonly [number, number])[], at: number): number {
  if (at <= points[0]![0] || points.length === 1) return points[0]![1];
  const above = points.findIndex(([place]) => place >= at);
  const end = above < 0 ? points.length - 1 : above;
  const [[low, lowest], [high, highest]] = [points[end - 1]!, points[end]!];
  return lowest + ((at - low) / (high - low)) * (highest - lowest);
}
