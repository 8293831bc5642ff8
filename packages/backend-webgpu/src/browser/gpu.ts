import { JudgeDecodingError } from '@judge-decoding/core';

/** A GPU as a page sees it. Plain data. */
export interface AdapterFacts {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** Computed by the processor: right, and slow. */
  readonly software: boolean;
  /** Bytes of one buffer at most. */
  readonly maxBufferSize: number;
  /** Bytes of one tensor at most. */
  readonly maxStorageBufferBindingSize: number;
}

export interface Gpu {
  readonly device: GPUDevice;
  readonly facts: AdapterFacts;
}

/** What ONNX Runtime's shaders may use. */
const FEATURES = ['shader-f16', 'subgroups'] as const;

const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBuffersPerShaderStage',
] as const;

/** Attention over 32 rows or more is wrong on GPUs whose subgroups are smaller: there they are not used. */
const LEAST_SUBGROUP = 16;

/**
 * The machine's GPU.
 *
 * @throws JudgeDecodingError `device` where there is none that a page may use.
 */
export async function openGpu(): Promise<Gpu> {
  const { gpu } = navigator;
  if (gpu === undefined) {
    throw new JudgeDecodingError(
      'device',
      `Expected a browser with WebGPU, this one has none${globalThis.isSecureContext ? '' : ', or not for a page that comes over http'}. Use the device wasm, or a newer Chrome, Edge, Firefox or Safari.`,
    );
  }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) {
    throw new JudgeDecodingError(
      'device',
      'Expected a GPU that pages may use, the browser offers none: its driver may be too old, or WebGPU switched off. Use the device wasm.',
    );
  }
  const { info } = adapter;
  const { subgroupMinSize } = info as { readonly subgroupMinSize?: number };
  const features = FEATURES.filter(
    (feature) =>
      adapter.features.has(feature) &&
      (feature !== 'subgroups' || (subgroupMinSize !== undefined && subgroupMinSize >= LEAST_SUBGROUP)),
  );
  const limits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
  let device: GPUDevice;
  try {
    device = await adapter.requestDevice({ requiredFeatures: [...features], requiredLimits: limits });
  } catch (cause) {
    throw new JudgeDecodingError('device', `The GPU could not be opened: ${String(cause)}.`, { cause });
  }
  const said = [info.vendor, info.architecture, info.description].join(' ');
  return {
    device,
    facts: {
      vendor: info.vendor,
      architecture: info.architecture,
      description: info.description,
      software: info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(said),
      maxBufferSize: adapter.limits.maxBufferSize,
      maxStorageBufferBindingSize: adapter.limits.maxStorageBufferBindingSize,
    },
  };
}
