import {
  deviceName,
  devicesOf,
  ENGINE_FIGURES,
  type Engine,
  engineShape,
  findLibrary,
  GPUS,
  gigabytes,
  nativeEngine,
  parseSynthetic,
  predictPass,
} from '@judge-decoding/backend-cuda';
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
    if (!chosen) return found;
    found.push(await matrixFinding(engine));
    const devices = devicesOf(device);
    for (const index of new Set(devices)) found.push(await bandwidthFinding(index, count));
    if (devices.length > 1 && devices.every((index) => index < count))
      found.push(await linkFinding(engine, devices), placementFinding(devices));
    return found;
  } catch (error) {
    if (!JudgeDecodingError.is(error)) throw error;
    return [{ what, state: missing, detail: `cannot be used: ${error.message}` }];
  }
}

/** Whether prompts could be read fast; nothing else needs it. */
async function matrixFinding(engine: Engine): Promise<Finding> {
  const what = 'cuBLASLt';
  try {
    return { what, state: 'ok', detail: `version ${await engine.matrixLibrary()}, for --prefill fast` };
  } catch (error) {
    if (!JudgeDecodingError.is(error, 'unsupported')) throw error;
    return { what, state: 'note', detail: error.message };
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

/** A model with next to no weights whose rows are as wide as a 70B's. */
const WIDE = 'random:hidden=8192,layers=1,heads=8,kv=8,headDim=32,ff=512,rows=512:bf16';

/** What a sum over the GPUs takes: two of them stand in every layer. */
async function linkFinding(engine: Engine, devices: readonly number[]): Promise<Finding> {
  const what = 'link';
  const { config } = parseSynthetic(WIDE);
  try {
    const model = await engine.createModel(
      engineShape(config, { ranks: devices, heldAs: 'bf16', context: 256 }),
    );
    try {
      await model.synthesize(1);
      await model.finish();
      const [one, many] = [await model.allReduce(1), await model.allReduce(26)];
      return {
        what,
        state: 'ok',
        detail: `a sum over ${deviceName(devices)}, with residual and norm, takes ${one.toFixed(1)} µs for a row of ${config.hiddenSize} and ${many.toFixed(1)} µs for 26`,
      };
    } finally {
      await model.destroy();
    }
  } catch (error) {
    if (!JudgeDecodingError.is(error)) throw error;
    return { what, state: 'bad', detail: error.message };
  }
}

/** Where a draft runs that nobody placed, and why there. */
function placementFinding(devices: readonly number[]): Finding {
  const { config } = parseSynthetic('llama-3.1-8b');
  const shape = engineShape(config, { heldAs: 'int4', context: config.contextLength });
  const token = (ranks: number) =>
    predictPass({ shape, ranks, rows: 1, context: 512 }, GPUS.h200!, ENGINE_FIGURES).toFixed(2);
  return {
    what: 'draft placement',
    state: 'ok',
    detail: `over ${deviceName(devices)} like the target, unless --draft-device names one of them: on H200 a token of an 8B draft in four bits takes ${token(devices.length)} ms so and ${token(1)} ms on one (predicted; measurements are in docs/gpu)`,
  };
}
