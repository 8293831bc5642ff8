import type { Bandwidth, DeviceInfo, Engine, EngineModel, EngineShape } from '../engine.ts';
import { Calls } from './calls.ts';
import { findLibrary, openLibrary } from './library.ts';
import { modelConfig } from './names.ts';
import { NativeModel } from './native-model.ts';
import { Structs } from './structs.ts';

let opened: Promise<Engine> | undefined;

/** The engine in the library of this platform, opened once; a failure is not kept. */
export function nativeEngine(): Promise<Engine> {
  opened ??= engineAt(findLibraryLater()).catch((error) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

/** Rejects where `findLibrary` throws. */
const findLibraryLater = async () => findLibrary();

/** The engine in a library of one's own choice. */
export async function engineAt(path: string | Promise<string>): Promise<Engine> {
  return new NativeEngine(new Calls(await openLibrary(await path)));
}

const ranksOf = ({ ranks, device }: EngineShape): readonly number[] => ranks ?? [device];

class NativeEngine implements Engine {
  readonly build: string;
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
    this.build = calls.library.build;
  }

  async deviceCount(): Promise<number> {
    const count = new Int32Array(1);
    await this.#calls.checked('jc_device_count', count);
    return count[0]!;
  }

  async device(index: number): Promise<DeviceInfo> {
    const info = new Structs('jc_device_info');
    await this.#calls.checked('jc_device_query', index, info.bytes);
    const driver = info.number('driver_version');
    return {
      index,
      name: info.text('name'),
      compute: `${info.number('compute_major')}.${info.number('compute_minor')}`,
      multiprocessors: info.number('multiprocessors'),
      clockMhz: info.number('clock_khz') / 1000,
      memoryClockMhz: info.number('memory_clock_khz') / 1000,
      memoryBusBits: info.number('memory_bus_bits'),
      driver: `${Math.floor(driver / 1000)}.${(driver % 1000) / 10}`,
      memoryTotal: info.number('memory_total'),
      memoryFree: info.number('memory_free'),
    };
  }

  async bandwidth(index: number): Promise<Bandwidth> {
    const [read, copied] = [new Float64Array(1), new Float64Array(1)];
    await this.#calls.checked('jc_measure_bandwidth', index, read, copied);
    return { read: read[0]!, copied: copied[0]! };
  }

  async matrixLibrary(): Promise<string> {
    const version = new Int32Array(1);
    await this.#calls.checked('jc_cublaslt_version', version);
    const number = version[0]!;
    return `${Math.floor(number / 10_000)}.${Math.floor(number / 100) % 100}.${number % 100}`;
  }

  modelBytes(shape: EngineShape): number {
    const config = modelConfig(shape, this.#calls.address(shape.inverseFrequencies));
    return Number(this.#calls.now<number | bigint>('jc_rank_bytes', config.bytes, ranksOf(shape).length));
  }

  sessionBytes(shape: EngineShape, capacity: number): number {
    const config = modelConfig(shape, this.#calls.address(shape.inverseFrequencies));
    const ranks = ranksOf(shape).length;
    return Number(this.#calls.now<number | bigint>('jc_rank_session_bytes', config.bytes, ranks, capacity));
  }

  async createModel(shape: EngineShape, { patience = 0 } = {}): Promise<EngineModel> {
    const config = modelConfig(shape, this.#calls.address(shape.inverseFrequencies));
    const pointer = new BigUint64Array(1);
    if (ranksOf(shape).length === 1) await this.#calls.checked('jc_model_create', config.bytes, pointer);
    else {
      const devices = Int32Array.from(ranksOf(shape));
      const ranks = new Structs('jc_ranks').set({
        count: devices.length,
        patience_ms: patience,
        devices: this.#calls.address(devices),
      });
      await this.#calls.checked('jc_model_create_over', config.bytes, ranks.bytes, pointer);
    }
    return new NativeModel(this.#calls, pointer[0]!, shape);
  }
}
