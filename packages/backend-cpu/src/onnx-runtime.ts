import { JudgeDecodingError } from '@judge-decoding/core';
import type { OrtRuntime } from '@judge-decoding/ort-session';

/** What ONNX Runtime is published for, as Node says it. */
const PLATFORMS = ['darwin arm64', 'linux arm64', 'linux x64', 'win32 arm64', 'win32 x64'];

export interface Platform {
  readonly platform: string;
  readonly arch: string;
}

export type Load = (name: string) => Promise<unknown>;

/**
 * ONNX Runtime for this machine: from the package of ours that holds it, or from onnxruntime-node where that
 * is installed (in a clone, say).
 *
 * @throws JudgeDecodingError `unsupported` where ONNX Runtime is not published for this platform,
 * `not-found` where neither package is installed, `device` where its library cannot be loaded.
 */
export async function onnxRuntime(
  { platform, arch }: Platform = process,
  // a bundler shall see a name that it can leave alone
  load: Load = (name) => (name === 'onnxruntime-node' ? import('onnxruntime-node') : import(name)),
): Promise<OrtRuntime> {
  const ours = `@judge-decoding/onnxruntime-${platform}-${arch}`;
  for (const name of [ours, 'onnxruntime-node']) {
    try {
      return asRuntime(await load(name));
    } catch (error) {
      if (!isMissing(error)) throw cannotLoad(name, error);
    }
  }
  if (!PLATFORMS.includes(`${platform} ${arch}`)) {
    throw new JudgeDecodingError(
      'unsupported',
      `Expected a platform that ONNX Runtime is published for (${PLATFORMS.join(', ')}), this is ${platform} ${arch}.`,
    );
  }
  throw new JudgeDecodingError(
    'not-found',
    `Expected the package ${ours}, which is ONNX Runtime for this machine, but it is not installed. Install again without --omit=optional, on this machine; on Linux it needs glibc.`,
  );
}

/** A CommonJS package: Node does not find all its names by itself. */
function asRuntime(loaded: unknown): OrtRuntime {
  const { default: whole } = loaded as { readonly default?: OrtRuntime };
  return whole?.InferenceSession === undefined ? (loaded as OrtRuntime) : whole;
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';

const cannotLoad = (name: string, cause: unknown): JudgeDecodingError =>
  new JudgeDecodingError(
    'device',
    `ONNX Runtime is installed (${name}) but could not be loaded: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}.`,
    { cause },
  );
