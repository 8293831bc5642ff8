import type { Checkpoint, TensorInfo } from '@judge-decoding/checkpoint';
import { countTypes, tensorShapes } from './tensor-shapes.ts';

/** What a checkpoint says about itself, as plain data. */
export function modelFacts({ name, location, config, generation, tokenizer, tensors }: Checkpoint) {
  const all = tensors.list();
  const { layers, keyValueHeads, headDim } = config;
  return {
    name,
    location,
    config,
    parameters: elements(all),
    storedBytes: all.reduce((sum, { byteLength }) => sum + byteLength, 0),
    storedTypes: countTypes(all),
    /** A key and a value, float32, in every layer. */
    kvBytesPerToken: 2 * layers * keyValueHeads * headDim * 4,
    chatTemplate: tokenizer.hasChatTemplate,
    ...(tokenizer.hasChatTemplate ? { chatExample: chatExample(tokenizer) } : {}),
    shapes: tensorShapes(all),
    endTokens: generation.endTokens.map((id) => ({ id, text: tokenizer.vocabulary(id) })),
  };
}

export type ModelFacts = ReturnType<typeof modelFacts>;

const MOST_TEMPLATE = 300;

/** What the template makes of a question, on one line. */
function chatExample(tokenizer: Checkpoint['tokenizer']): string {
  let written: string;
  try {
    written = tokenizer.renderChat([{ role: 'user', content: '…' }]).replaceAll('\n', '⏎');
  } catch (error) {
    // the model runs without it all the same
    return `cannot be used: ${(error as Error).message}`;
  }
  return written.length > MOST_TEMPLATE ? `${written.slice(0, MOST_TEMPLATE)} …` : written;
}

const elements = (tensors: readonly TensorInfo[]): number =>
  tensors.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
