import { availableParallelism } from 'node:os';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { OutsideOptions, OutsideProgram } from '@judge-decoding/eval';
import { openChild } from './in-child.ts';
import { ggufFile, transformersFolder } from './other-forms.ts';

const threadsOf = ({ threads }: OutsideOptions): number => threads ?? availableParallelism();

/** node-llama-cpp's side; `predictor` are its draft predictor's own settings, {} as they come. */
const llama = (name: string, predictor?: { readonly [setting: string]: number }): OutsideProgram => ({
  name,
  about: `node-llama-cpp on a float32 GGUF file of the same weights${predictor === undefined ? '' : ', with its own draft speculation'}`,
  async open(options) {
    const { target, draft, contextLength, endTokens, cacheFolder } = options;
    if (predictor !== undefined && draft === undefined)
      throw new JudgeDecodingError('invalid-option', `Expected --draft for the arm \`${name}\`, got none.`);
    return openChild('node-llama-cpp-child.mjs', 'node-llama-cpp', {
      target: await ggufFile(target, cacheFolder),
      ...(predictor === undefined ? {} : { draft: await ggufFile(draft!, cacheFolder), predictor }),
      threads: threadsOf(options),
      contextLength,
      endTokens,
    });
  },
});

/** What `judge bench --anchors` takes: the runtimes that TypeScript has. */
export default [
  {
    name: 'transformers.js',
    about: 'transformers.js on an ONNX graph of the same weights in float32',
    async open(options) {
      const folder = await transformersFolder(options.target, options.cacheFolder);
      return openChild('transformers-js-child.mjs', '@huggingface/transformers', {
        folder,
        threads: threadsOf(options),
        endTokens: options.endTokens,
      });
    },
  },
  llama('node-llama-cpp'),
  llama('node-llama-cpp-draft', {}),
  llama('node-llama-cpp-draft-16', { maxTokens: 16, minConfidence: 0 }),
] satisfies readonly OutsideProgram[];
