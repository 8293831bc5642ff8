import { fuseProducts, hasRelaxedSimd } from './fused-products.ts';

/** Of this thread's runtime, once it is loaded: whether its float products are fused. */
let fused: boolean | undefined;

export const productsAreFused = (): boolean => fused === true;

/**
 * From here on ONNX Runtime's module is changed as it is loaded, once. The runtime fetches the file itself, from wherever a bundler has put
 * it, and offers no place to change it but the function that the answer is given to. A file that cannot be read stays as it is.
 */
export function fuseOnLoad(): void {
  if (fused !== undefined || !hasRelaxedSimd()) return;
  fused = false;
  const streaming = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const response = await source;
    if (!response.ok || !/ort-wasm[^/]*\.wasm/.test(response.url)) return streaming(response, imports);
    WebAssembly.instantiateStreaming = streaming;
    const bytes = new Uint8Array(await response.arrayBuffer());
    try {
      const { module, pairs } = fuseProducts(bytes);
      const loaded = await WebAssembly.instantiate(module, imports);
      fused = pairs > 0;
      return loaded;
    } catch {
      return WebAssembly.instantiate(bytes, imports);
    }
  };
}
