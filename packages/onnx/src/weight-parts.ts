import { type AbortSignalLike, JudgeDecodingError, throwIfAborted } from '@judge-decoding/core';
import type { BuiltGraph } from './graph.ts';

/** How far the weights of a graph are written. */
export interface GraphProgress {
  readonly writtenBytes: number;
  readonly totalBytes: number;
}

export interface WriteOptions {
  readonly onProgress?: ((progress: GraphProgress) => void) | undefined;
  /** Ends the writing between two parts; the error's code is `aborted`. */
  readonly signal?: AbortSignalLike | undefined;
}

/** Bytes of a graph's weights file. */
export const weightsSize = ({ weights }: Pick<BuiltGraph, 'weights'>): number => {
  const last = weights.at(-1);
  return last === undefined ? 0 : last.offset + last.byteLength;
};

/** Makes every part of a graph's weights, and hands each with its position in the file to `write`. */
export async function writeParts(
  graph: BuiltGraph,
  write: (bytes: Uint8Array, position: number) => Promise<void> | void,
  { onProgress, signal }: WriteOptions = {},
): Promise<void> {
  const totalBytes = graph.weights.reduce((sum, { byteLength }) => sum + byteLength, 0);
  let writtenBytes = 0;
  for (const { tensors, parts } of graph.sources) {
    const done = tensors.map(() => 0);
    for await (const part of parts()) {
      throwIfAborted(signal);
      for (const [index, bytes] of part.entries()) {
        const { offset, byteLength, name } = tensors[index]!;
        if (done[index]! + bytes.byteLength > byteLength) throw wrongLength(name, byteLength, 'more');
        await write(bytes, offset + done[index]!);
        done[index]! += bytes.byteLength;
        writtenBytes += bytes.byteLength;
      }
      onProgress?.({ writtenBytes, totalBytes });
    }
    for (const [index, { name, byteLength }] of tensors.entries()) {
      if (done[index] !== byteLength) throw wrongLength(name, byteLength, String(done[index]));
    }
  }
}

/** The weights of a graph in memory, for where there are no files. */
export async function weightsInMemory(graph: BuiltGraph, options: WriteOptions = {}): Promise<Uint8Array> {
  const all = new Uint8Array(weightsSize(graph));
  await writeParts(graph, (bytes, position) => all.set(bytes, position), options);
  return all;
}

const wrongLength = (name: string, expected: number, got: string) =>
  new JudgeDecodingError(
    'invalid-file',
    `Expected ${name} to have ${expected} bytes in the graph, got ${got}. The checkpoint's shapes disagree with its configuration.`,
  );
