import type { HeadTerm, Model } from '@judge-decoding/core';

/** Milliseconds of passes by their rows, one value a turn. */
export type PassSamples = readonly (readonly [rows: number, milliseconds: readonly number[]])[];

export interface MeasurePasses {
  /** Tokens in the cache before each pass. */
  readonly length: number;
  readonly rows: readonly number[];
  readonly turns: number;
}

/** Verifications (argmax, chosen, one judge's term) of every width, in turn; a first turn compiles and is not counted. */
export async function measurePasses(
  model: Model,
  { length, rows, turns }: MeasurePasses,
): Promise<PassSamples> {
  const { hiddenSize, vocabSize, prefillChunk } = model.info;
  const judge: HeadTerm[] = [
    { layer: 'last', state: 'pre-norm', row: 'own', weights: new Float32Array(hiddenSize) },
  ];
  const tokens = (count: number) => Array.from({ length: count }, (_, index) => (index * 17 + 3) % vocabSize);
  const session = await model.openSession();
  try {
    for (let read = 0; read < length; read += prefillChunk)
      await session.forward(tokens(Math.min(prefillChunk, length - read)), {});
    const samples = rows.map((count) => [count, [] as number[]] as const);
    for (let turn = 0; turn <= turns; turn++)
      for (const [count, times] of samples) {
        session.truncate(length);
        const start = performance.now();
        await session.forward(tokens(count), { argmax: true, chosen: true, judge });
        if (turn > 0) times.push(performance.now() - start);
      }
    return samples;
  } finally {
    await session.dispose();
  }
}
