import type { OrtRuntime } from '@judge-decoding/ort-session';
import type { Env } from 'onnxruntime-common';
import { type MeasureProducts, measureProducts, type ProductCurve } from '../row-curve/measure-products.ts';

/** Products by form and width, on the page's own thread. */
export async function productCurve(
  device: 'wasm' | 'webgpu',
  threads: number,
  options: MeasureProducts,
): Promise<readonly ProductCurve[]> {
  const runtime: OrtRuntime & { readonly env: Env } = await (device === 'wasm'
    ? import('onnxruntime-web/wasm')
    : import('onnxruntime-web/jspi'));
  runtime.env.wasm.numThreads = threads;
  runtime.env.logLevel = 'error';
  return measureProducts(
    runtime,
    {
      executionProviders: [device],
      extra: { session: { disable_cpu_ep_fallback: device === 'webgpu' ? '1' : '0' } },
    },
    options,
  );
}
