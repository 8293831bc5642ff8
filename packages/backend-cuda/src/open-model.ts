import { createHash } from 'node:crypto';
import { architectureFingerprint, type ModelConfig, openCheckpoint } from '@judge-decoding/checkpoint';
import { type Fingerprint, JudgeDecodingError, type ModelInfo } from '@judge-decoding/core';
import type { DeviceInfo, Engine, EngineModel, EngineShape, HeldAs } from './engine.ts';
import { fittingContext } from './fit.ts';
import { type CudaModel, cudaModel } from './model.ts';
import { nativeEngine } from './native/native-engine.ts';
import type { CudaOptions } from './options.ts';
import { deviceName, devicesOf, refuseIndivisible } from './ranks.ts';
import { engineShape, refuseUnknown } from './shapes/engine-shape.ts';
import { parseSynthetic } from './shapes/synthetic.ts';
import { heldAsFor } from './weights/held-as.ts';
import { loadWeights } from './weights/load.ts';
import { heldFor, planOf } from './weights/plan.ts';
import { ReportBuilder, type WeightsReport } from './weights/report.ts';

/** A row costs the same in a pass of any width; more of them only make giving up coarser. */
const PREFILL_CHUNK = 512;
/** What cuBLASLt is given at once where prompts are read fast: fewer rows make its products slower. */
const FAST_ROWS = 2048;

/** What is about a model beside its weights. */
interface Facts {
  readonly name: string;
  readonly config: ModelConfig;
  readonly heldAs: HeldAs;
  readonly endTokens: readonly number[];
  readonly specialTokens: readonly number[];
}

/** Opens a Hugging Face folder or a GGUF file. */
export async function openFiles(location: string, options: CudaOptions): Promise<CudaModel> {
  const { cacheFolder, dtype = 'auto', onProgress, signal } = options;
  const checkpoint = await openCheckpoint(location, cacheFolder === undefined ? {} : { cacheFolder });
  try {
    const { config, tokenizer, name, tensors } = checkpoint;
    refuseUnknown(config);
    const heldAs = heldAsFor(checkpoint, dtype);
    const plan = planOf(config, (tensor) => tensors.info(tensor));
    // digests are computed while the device works
    const fingerprint = checkpoint.fingerprint();
    fingerprint.catch(() => undefined);
    return await place(
      {
        name,
        config,
        heldAs,
        endTokens: tokenizer.endTokens,
        specialTokens: tokenizer.specialTokens,
      },
      options,
      (model) => loadWeights(model, tensors, plan, { heldAs, onProgress, signal }),
      () => fingerprint,
    );
  } finally {
    await checkpoint.dispose();
  }
}

/** Makes a model of random weights; see `parseSynthetic`. */
export async function openSynthetic(text: string, options: CudaOptions): Promise<CudaModel> {
  const { name, config, dtype, seed } = parseSynthetic(text);
  const asked = dtype === 'auto' ? (options.dtype ?? 'auto') : dtype;
  const heldAs = asked === 'auto' ? 'bf16' : asked;
  const digest = (value: string) => createHash('sha256').update(value).digest('hex');
  return place(
    { name: `synthetic ${name}`, config, heldAs, endTokens: [], specialTokens: [] },
    options,
    async (model) => {
      await model.synthesize(seed);
      const report = new ReportBuilder(heldAs);
      for (const use of ['layer', 'output', 'lookup'] as const) {
        report.add('random', use, heldFor(use, heldAs, 'F32'));
      }
      return report.report();
    },
    async () => ({
      architecture: architectureFingerprint(config),
      tokenizer: digest(`synthetic tokens ${config.tokenCount}`),
      weights: digest(`synthetic ${name} ${seed}`),
    }),
  );
}

/** Finds room on the device, makes the model there and fills it; what fails leaves nothing behind. */
async function place(
  { name, config, heldAs, endTokens, specialTokens }: Facts,
  options: CudaOptions,
  fill: (model: EngineModel) => Promise<WeightsReport>,
  fingerprint: () => Promise<Fingerprint>,
): Promise<CudaModel> {
  const engine = options.engine ?? (await nativeEngine());
  const devices = devicesOf(options.device ?? 'cuda', options.tensorParallelSize);
  const device = await findDevice(engine, deviceName(devices));
  const { contextLength, sessions = 1, memory, signal, patience } = options;
  const isFast = options.prefill === 'fast';
  const { prefillChunk = isFast ? FAST_ROWS : PREFILL_CHUNK } = options;
  const ofConfig = engineShape(config, { ranks: devices, heldAs, context: config.contextLength });
  const shape = isFast ? { ...ofConfig, fastRows: FAST_ROWS } : ofConfig;
  if (isFast) refuseFast(shape, devices.length);
  if (devices.length > 1) refuseIndivisible(shape, devices.length, name);
  const context = fittingContext(engine, device, shape, name, { contextLength, sessions, memory });
  const placed = { ...shape, context };
  const model = await engine.createModel(placed, patience === undefined ? {} : { patience });
  try {
    throwIfGivenUp(signal, name);
    const report = await fill(model);
    await model.finish();
    const info: ModelInfo = {
      name,
      architecture: config.architecture,
      vocabSize: config.tokenCount,
      hiddenSize: config.hiddenSize,
      layers: config.layers,
      contextLength: context,
      endTokens,
      specialTokens,
      dtype: heldAs,
      device: deviceName(devices),
      prefillChunk: Math.min(prefillChunk, context),
      exact: !isFast,
      layersOffered: Array.from({ length: config.layers - 1 }, (_, index) => index + 1),
      fingerprint: await fingerprint(),
    };
    throwIfGivenUp(signal, name);
    const memory = { weights: engine.modelBytes(placed), session: engine.sessionBytes(placed, context) };
    return cudaModel(model, info, { weights: report, memory, ranks: shape.ranks?.length ?? 1 });
  } catch (error) {
    await model.destroy();
    throw error;
  }
}

/** What fast prefill is not for; the library refuses what only it can see: the GPU's kind, and that cuBLASLt is not there. */
function refuseFast({ heldAs }: EngineShape, ranks: number): void {
  if (ranks > 1) {
    throw new JudgeDecodingError(
      'unsupported',
      `Expected one GPU for prefill 'fast', got ${ranks}. Read prompts exactly (prefill 'exact'), or use one GPU.`,
    );
  }
  if (heldAs === 'fp16') {
    throw new JudgeDecodingError(
      'unsupported',
      "Expected weights that bfloat16 holds for prefill 'fast', got fp16, of which three bits would be lost. Read prompts exactly (prefill 'exact'), or hold the weights as bf16, int8 or int4.",
    );
  }
}

function throwIfGivenUp(signal: AbortSignal | undefined, name: string): void {
  if (signal?.aborted) throw new JudgeDecodingError('aborted', `Opening \`${name}\` was interrupted.`);
}

/** The GPU that a name such as `cuda:1` means, of several the one with the least free memory; refuses one that is not there. */
export async function findDevice(engine: Engine, device: string): Promise<DeviceInfo> {
  const indices = devicesOf(device);
  const count = await engine.deviceCount();
  const missing = indices.find((index) => index >= count);
  if (missing === undefined) {
    const found = await Promise.all([...new Set(indices)].map((index) => engine.device(index)));
    return found.reduce((least, info) => (info.memoryFree < least.memoryFree ? info : least));
  }
  throw new JudgeDecodingError(
    'device',
    count === 0
      ? 'Expected an NVIDIA GPU, the driver sees none. See that `nvidia-smi` lists one and that CUDA_VISIBLE_DEVICES does not hide it, or use --backend cpu.'
      : `Expected a device from cuda:0 to cuda:${count - 1}, got ${device}.`,
  );
}
