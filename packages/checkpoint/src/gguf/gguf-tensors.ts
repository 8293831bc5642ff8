import { JudgeDecodingError } from '@judge-decoding/core';
import { blockShape, isBlockType } from '../block-shapes.ts';
import type { ByteFile } from '../byte-file.ts';
import { requireFloat, widen } from '../number-formats.ts';
import { checkRows, roomFor } from '../row-range.ts';
import type { FolderTensors } from '../safetensors-folder.ts';
import type { RowRange, TensorInfo, TensorType } from '../tensor-source.ts';
import type { GgufTensor } from './gguf-header.ts';
import { takeRows } from './rotary-rows.ts';
import { widenBlocks } from './widen-blocks.ts';

/** Widening goes through buffers of about this size, so that a tensor is never in memory twice. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/** A tensor under Hugging Face's name. */
export interface NamedTensor extends GgufTensor {
  /** Size of a head whose rows the file keeps in rotary pairs; `undefined` where rows are in order. */
  readonly pairedHeadDim: number | undefined;
}

/** The tensors of an open GGUF file, rows in Hugging Face's order. Takes the file over. */
export function ggufTensors(file: ByteFile, tensors: ReadonlyMap<string, NamedTensor>): FolderTensors {
  const { path } = file;
  const listed: readonly TensorInfo[] = [...tensors.values()]
    .map(({ name, shape, type, byteLength }) => ({ name, shape, type, byteLength }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const infos = new Map(listed.map((info) => [info.name, info]));
  let open = true;

  const find = <T>(map: ReadonlyMap<string, T>, name: string): T => {
    const found = map.get(name);
    if (found !== undefined) return found;
    throw new JudgeDecodingError(
      'not-found',
      `Expected a tensor \`${name}\` in \`${path}\`, found none of that name.`,
    );
  };
  const locate = (name: string, range: RowRange | undefined) => {
    if (!open) {
      throw new JudgeDecodingError(
        'disposed',
        `Tensor \`${name}\` was asked for after \`${path}\` was disposed.`,
      );
    }
    const tensor = find(tensors, name);
    const rows = tensor.shape[0]!;
    if (range !== undefined) checkRows(name, rows, range);
    const { first, count } = range ?? { first: 0, count: rows };
    const rowBytes = rows === 0 ? 0 : tensor.byteLength / rows;
    return { tensor, first, count, byteLength: count * rowBytes };
  };

  return {
    files: [path],
    metadata: {},
    list: () => listed,
    has: (name) => tensors.has(name),
    info: (name) => find(infos, name),
    async raw(name, range) {
      const { tensor, first, count, byteLength } = locate(name, range);
      const out = new Uint8Array(byteLength);
      let done = 0;
      for await (const chunk of chunks(file, tensor, first, count, out)) {
        if (chunk.buffer !== out.buffer) out.set(chunk, done);
        done += chunk.length;
      }
      return out;
    },
    async read(name, range, into) {
      const { tensor, first, count, byteLength } = locate(name, range);
      const { elements, bytes } = blockShape(tensor.type);
      const out = roomFor(name, (byteLength / bytes) * elements, into);
      let done = 0;
      for await (const chunk of chunks(file, tensor, first, count)) {
        widenAny(name, chunk, tensor.type, out, done);
        done += (chunk.length / bytes) * elements;
      }
      return out;
    },
    async dispose() {
      if (!open) return;
      open = false;
      await file.close();
    },
  };
}

function widenAny(name: string, bytes: Uint8Array, type: TensorType, out: Float32Array, at: number): void {
  if (isBlockType(type)) widenBlocks(bytes, type, out, at);
  else widen(bytes, requireFloat(name, type), out, at);
}

/**
 * Bytes of some rows in Hugging Face's order, a whole number of blocks at a time. Where the file
 * has the rows in order they are read straight `into` a given array, else into buffers of their own.
 */
async function* chunks(
  file: ByteFile,
  { shape, type, byteLength, position, pairedHeadDim }: NamedTensor,
  first: number,
  count: number,
  into?: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const rowBytes = byteLength / shape[0]!;
  if (count === 0 || rowBytes === 0) return;
  if (pairedHeadDim !== undefined) {
    const head = new Uint8Array(pairedHeadDim * rowBytes);
    for (let row = first; row < first + count; ) {
      const inHead = row % pairedHeadDim;
      await file.read(head, position + (row - inHead) * rowBytes);
      const taken = Math.min(pairedHeadDim - inHead, first + count - row);
      yield takeRows(head, pairedHeadDim, inHead, taken);
      row += taken;
    }
    return;
  }
  const start = position + first * rowBytes;
  const length = count * rowBytes;
  if (into !== undefined) {
    await file.read(into, start);
    yield into;
    return;
  }
  const { bytes } = blockShape(type);
  const chunk = new Uint8Array(Math.min(length, Math.max(1, Math.floor(CHUNK_BYTES / bytes)) * bytes));
  for (let done = 0; done < length; done += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, length - done));
    await file.read(part, start + done);
    yield part;
  }
}
