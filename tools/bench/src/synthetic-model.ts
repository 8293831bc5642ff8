import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';

/** A decoder's shape; weights are random, so only its speed means anything. */
export interface ModelShape {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly attentionHeads: number;
  readonly keyValueHeads: number;
  readonly intermediateSize: number;
  readonly tokens: number;
  readonly contextLength: number;
}

/** A target as large as the pocket pair's may be: 10.6 million parameters. */
export const TARGET: ModelShape = {
  hiddenSize: 384,
  layers: 6,
  attentionHeads: 6,
  keyValueHeads: 6,
  intermediateSize: 1024,
  tokens: 800,
  contextLength: 1024,
};

/** A draft as small as one may be and still be of use. */
export const DRAFT: ModelShape = {
  hiddenSize: 128,
  layers: 2,
  attentionHeads: 2,
  keyValueHeads: 2,
  intermediateSize: 344,
  tokens: 800,
  contextLength: 1024,
};

/** SmolLM2-135M's shape, with room for 4,000 tokens and a draft. */
export const SMOLLM2: ModelShape = {
  hiddenSize: 576,
  layers: 30,
  attentionHeads: 9,
  keyValueHeads: 3,
  intermediateSize: 1536,
  tokens: 49_152,
  contextLength: 4224,
};

export const parametersOf = (shape: ModelShape): number => {
  const { hiddenSize, layers, attentionHeads, keyValueHeads, intermediateSize, tokens } = shape;
  const headDim = hiddenSize / attentionHeads;
  const attention = hiddenSize * headDim * 2 * (attentionHeads + keyValueHeads);
  return layers * (attention + 3 * hiddenSize * intermediateSize) + tokens * hiddenSize;
};

/** Writes a Hugging Face folder of this shape, with tied embeddings. */
export async function writeModel(folder: string, shape: ModelShape, seed = 1): Promise<string> {
  const { tokens, ...rest } = shape;
  await makeTinyCheckpoint(folder, { ...rest, seed, vocabSize: tokens, tiedEmbeddings: true });
  // the tiny tokenizer has about 300 tokens: the others get names, so that they are no padding
  const path = join(folder, 'tokenizer.json');
  const json = JSON.parse(await readFile(path, 'utf8'));
  const { vocab } = json.model;
  const taken = new Set([
    ...Object.values<number>(vocab),
    ...json.added_tokens.map((token: { id: number }) => token.id),
  ]);
  for (let id = 0; id < tokens; id++) if (!taken.has(id)) vocab[`<spare ${id}>`] = id;
  await writeFile(path, JSON.stringify(json));
  return folder;
}
