import type { Backend } from '@judge-decoding/core';
import type { CudaModel } from './model.ts';
import { openFiles, openSynthetic } from './open-model.ts';
import { type CudaOptions, checkCudaOptions } from './options.ts';
import { SYNTHETIC } from './shapes/synthetic.ts';

export interface CudaBackend extends Backend {
  /**
   * Opens a Hugging Face folder, a GGUF file, or `synthetic:llama-3.1-8b:int8`, a model of that shape with
   * random weights; `overrides` hold for this model only.
   */
  open(location: string, overrides?: CudaOptions): Promise<CudaModel>;
}

/**
 * One NVIDIA GPU through an engine of our own. A row is the same bits in a pass of any width
 * (`info.exact`), so strict decoding writes plain decoding's text to the letter. Not promised where prompts are read fast.
 */
export function cudaBackend(options: CudaOptions = {}): CudaBackend {
  checkCudaOptions(options);
  return {
    specVersion: 1,
    name: 'cuda',
    outputs: ['argmax', 'chosen', 'top', 'judge', 'hidden', 'logits'],
    async open(location, overrides = {}) {
      checkCudaOptions(overrides);
      const all = { ...options, ...overrides };
      return location.startsWith(SYNTHETIC) ? openSynthetic(location, all) : openFiles(location, all);
    },
  };
}
