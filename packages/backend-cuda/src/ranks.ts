import { invalidOption, JudgeDecodingError } from '@judge-decoding/core';
import type { EngineShape } from './engine.ts';
import { MOST_RANKS } from './native/abi.ts';

/**
 * The GPUs of `cuda:1`, `cuda` (the first), `cuda:0,1` or `cuda:0,0` (two ranks that share one, for tests), a
 * GPU a rank. `size` ranks from the first one named on, where only one is named.
 */
export function devicesOf(device: string, size?: number): readonly number[] {
  const named = /^cuda(?::(\d{1,3}(?:,\d{1,3})*))?$/.exec(device);
  if (named === null) {
    throw invalidOption('device', "'cuda' or 'cuda:' and a number, or several as in cuda:0,1", device);
  }
  const devices = (named[1] ?? '0').split(',').map(Number);
  if (size !== undefined && !(Number.isInteger(size) && size >= 1 && size <= MOST_RANKS)) {
    throw invalidOption('tensorParallelSize', `an integer from 1 to ${MOST_RANKS}`, size);
  }
  if (devices.length === 1) return Array.from({ length: size ?? 1 }, (_, rank) => devices[0]! + rank);
  if (size !== undefined && size !== devices.length) {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected as many GPUs as ranks, got ${device} and ${size}. Leave one of them out.`,
    );
  }
  const different = new Set(devices).size;
  if (devices.length > MOST_RANKS || (different !== 1 && different !== devices.length)) {
    throw invalidOption('device', `at most ${MOST_RANKS} GPUs, each named once`, device);
  }
  return devices;
}

/** As `devicesOf` reads it. */
export const deviceName = (devices: readonly number[]): string => `cuda:${devices.join(',')}`;

type Divided = Pick<EngineShape, 'heads' | 'kvHeads' | 'feedForward'>;

/** Whether so many ranks can have equal parts; the engine's own rule is in native/src/shard.h, and a test holds this one against it. */
export function divides({ heads, kvHeads, feedForward }: Divided, ranks: number): boolean {
  const isShared = kvHeads % ranks === 0 || ranks % kvHeads === 0;
  const columns = ranks === 1 || feedForward % (8 * ranks) === 0;
  return ranks <= MOST_RANKS && heads % ranks === 0 && isShared && columns;
}

/** Refuses a number of ranks that a model does not divide by, and says which would do. */
export function refuseIndivisible(shape: Divided, ranks: number, name: string): void {
  if (divides(shape, ranks)) return;
  const would = Array.from({ length: MOST_RANKS }, (_, index) => index + 1).filter((count) =>
    divides(shape, count),
  );
  throw new JudgeDecodingError(
    'unsupported',
    `Expected heads and columns of ${name} to divide by ${ranks} GPUs; it has ${shape.heads} heads, ${shape.kvHeads} key-value heads and ${shape.feedForward.toLocaleString('en')} feed-forward columns. Use ${would.join(', ').replace(/, (\d)$/, ' or $1')} of them.`,
  );
}
