import { JudgeDecodingError } from '@judge-decoding/core';
import type { DeviceInfo, Engine, EngineShape, HeldAs } from './engine.ts';

/** Longest session where nobody said. */
const MOST_CONTEXT = 32_768;
/** Share of the free memory that is planned with; the rest is the driver's and other programs'. */
const USABLE = 0.95;
/** From most bits to fewest. */
const HELD: readonly HeldAs[] = ['bf16', 'int8', 'fp8', 'int4']; // fp16 and blocks: only where a file has them

export interface FitOptions {
  /** Tokens a session shall hold; `undefined`: as many as fit. */
  readonly contextLength: number | undefined;
  readonly sessions: number;
  readonly memory: number | undefined;
}

/** The longest context that fits beside the weights, or the one asked for; refuses what does not fit, and says what would. */
export function fittingContext(
  engine: Pick<Engine, 'modelBytes' | 'sessionBytes'>,
  device: DeviceInfo,
  /** Its `context` is the model's own limit. */
  shape: EngineShape,
  name: string,
  { contextLength, sessions, memory }: FitOptions,
): number {
  const room = Math.min(memory ?? Number.POSITIVE_INFINITY, Math.floor(device.memoryFree * USABLE));
  const most = Math.min(contextLength ?? MOST_CONTEXT, shape.context);
  const { ranks = [shape.device] } = shape;
  // several ranks on one GPU take their parts there, each on its own takes one
  const parts = ranks.length / new Set(ranks).size;
  const needed = (context: number, heldAs = shape.heldAs) => {
    const tried = { ...shape, heldAs, context };
    return parts * (engine.modelBytes(tried) + sessions * engine.sessionBytes(tried, context));
  };
  if (needed(most) <= room) return most;
  const least = Math.min(most, 256);
  const longest = longestWithin(least, most, (context) => needed(context) <= room);
  if (longest !== undefined && contextLength === undefined) return longest;
  const others = HELD.filter((heldAs) => heldAs !== shape.heldAs && needed(least, heldAs) <= room).map(
    (heldAs) => `${heldAs} (${gigabytes(engine.modelBytes({ ...shape, heldAs, context: least }))})`,
  );
  const would = [
    ...(longest === undefined ? [] : [`a context of ${longest} tokens`]),
    ...(others.length === 0 ? [] : [`the weights as ${others.join(' or ')}`]),
  ];
  throw new JudgeDecodingError(
    'device',
    `Expected room for ${name} as ${shape.heldAs} and ${sessions === 1 ? 'a session' : `${sessions} sessions`} of ${most} tokens, ${gigabytes(needed(most))}, on ${device.name} (cuda:${device.index})${ranks.length > parts ? `, one of ${ranks.length} with a part each` : ''}; ${gigabytes(room)} of ${gigabytes(device.memoryTotal)} can be used. ${would.length === 0 ? 'No type of weights fits: use a smaller model, a larger GPU, or several (--device cuda:0,1).' : `What would fit: ${would.join('; ')}.`}`,
  );
}

/** Largest whole number from `least` to `most` that fits, if fitting ends somewhere and does not begin again. */
function longestWithin(least: number, most: number, fits: (context: number) => boolean): number | undefined {
  if (!fits(least)) return undefined;
  let [low, high] = [least, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Bytes as people read them: `16.1 GB`, of 10^9 bytes each. */
export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e9 ? 2 : 1)} GB`;
