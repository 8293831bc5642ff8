import { findLibrary, gigabytes, nativeEngine } from '@judge-decoding/backend-cuda';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { Finding } from './doctor-finding.ts';

const what = 'backend cuda';

/**
 * Driver, library, GPUs; and of the chosen one what its memory moves against what its data sheet
 * promises. Where CUDA was not asked for, its absence is no fault.
 */
export async function cudaFindings({
  device,
  chosen,
}: {
  readonly device: string;
  readonly chosen: boolean;
}): Promise<readonly Finding[]> {
  const missing = chosen ? 'bad' : 'note';
  try {
    const path = findLibrary();
    const engine = await nativeEngine();
    const count = await engine.deviceCount();
    if (count === 0) {
      const detail =
        'the driver sees no GPU: see that `nvidia-smi` lists one and that CUDA_VISIBLE_DEVICES does not hide it';
      return [{ what, state: missing, detail }];
    }
    const found: Finding[] = [{ what, state: 'ok', detail: `${engine.build}, ${path}` }];
    for (let index = 0; index < count; index++) {
      const { name, compute, driver, memoryFree, memoryTotal } = await engine.device(index);
      found.push({
        what: `cuda:${index}`,
        state: 'ok',
        detail: `${name} (compute ${compute}), CUDA ${driver}, ${gigabytes(memoryFree)} free of ${gigabytes(memoryTotal)}`,
      });
    }
    if (chosen) found.push(await bandwidthFinding(Number(device.split(':')[1] ?? 0), count));
    return found;
  } catch (error) {
    if (!JudgeDecodingError.is(error)) throw error;
    return [{ what, state: missing, detail: `cannot be used: ${error.message}` }];
  }
}

/** Shares of the data sheet's bandwidth below which something is wrong (other work, a slower clock). */
const LEAST_SHARE = 0.75;

async function bandwidthFinding(index: number, count: number): Promise<Finding> {
  const bandwidth = 'memory speed';
  if (index >= count) return { what: bandwidth, state: 'bad', detail: `there is no cuda:${index}` };
  const engine = await nativeEngine();
  const { memoryClockMhz, memoryBusBits } = await engine.device(index);
  const { read, copied } = await engine.bandwidth(index);
  // two transfers a clock
  const promised = (2e6 * memoryClockMhz * memoryBusBits) / 8;
  const terabytes = (bytes: number) => `${(bytes / 1e12).toFixed(2)} TB/s`;
  const share = promised > 0 ? read / promised : undefined;
  return {
    what: bandwidth,
    state: share !== undefined && share < LEAST_SHARE ? 'note' : 'ok',
    detail: `cuda:${index} reads ${terabytes(read)} and copies ${terabytes(copied)} (read and written)${
      share === undefined
        ? ''
        : `; its data sheet’s clocks and bus make ${terabytes(promised)}, of which reading reaches ${Math.round(100 * share)} %`
    }`,
  };
}
