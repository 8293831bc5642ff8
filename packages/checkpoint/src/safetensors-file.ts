import { JudgeDecodingError } from '@judge-decoding/core';
import type { ByteFile } from './byte-file.ts';
import { ELEMENT_BYTES, requireFloat, widen } from './number-formats.ts';
import { checkRows, roomFor } from './row-range.ts';
import {
  parseHeader,
  parseHeaderLength,
  type SafetensorsHeader,
  type StoredTensor,
} from './safetensors-header.ts';
import type { RowRange, TensorInfo, TensorSource } from './tensor-source.ts';

/** Widening goes through a buffer of this size, so that a tensor is never in memory twice. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/** A tensor source that holds files open. */
export interface OpenTensors extends TensorSource {
  /** What the file's writer put beside the tensors. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Closes the files; twice is fine. */
  dispose(): Promise<void>;
}

/** Tensors of one file. */
export interface OpenFile extends OpenTensors {
  /** Where in the file a tensor's bytes begin: for whoever reads parts of them by other means. */
  positionOf(name: string): number;
}

/**
 * Checks the header of a safetensors file; tensors are read when asked for. Takes the file over: closes it if it is none.
 *
 * @throws JudgeDecodingError `invalid-file` where the header is none, or lies about the file.
 */
export async function safetensorsOf(file: ByteFile): Promise<OpenFile> {
  try {
    return tensorsOf(file, await readHeader(file));
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readHeader(file: ByteFile): Promise<SafetensorsHeader> {
  const start = new Uint8Array(Math.min(8, file.size));
  await file.read(start, 0);
  const header = new Uint8Array(parseHeaderLength(file.path, start, file.size));
  await file.read(header, 8);
  return parseHeader(file.path, header, file.size);
}

function tensorsOf(file: ByteFile, { tensors, metadata }: SafetensorsHeader): OpenFile {
  const { path } = file;
  const listed = [...tensors.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  let open = true;

  const find = (name: string): StoredTensor => {
    const tensor = tensors.get(name);
    if (tensor === undefined) {
      throw new JudgeDecodingError(
        'not-found',
        `Expected a tensor \`${name}\` in \`${path}\`, found none of that name.`,
      );
    }
    return tensor;
  };
  const locate = (name: string, rows: RowRange | undefined) => {
    if (!open) {
      throw new JudgeDecodingError(
        'disposed',
        `Tensor \`${name}\` was asked for after \`${path}\` was disposed.`,
      );
    }
    const tensor = find(name);
    return rows === undefined ? tensor : slice(tensor, rows);
  };

  return {
    metadata,
    list: () => listed,
    has: (name) => tensors.has(name),
    info: (name): TensorInfo => find(name),
    positionOf: (name) => find(name).position,
    async raw(name, rows) {
      const { position, byteLength } = locate(name, rows);
      const bytes = new Uint8Array(byteLength);
      await file.read(bytes, position);
      return bytes;
    },
    async read(name, rows, into) {
      const { position, byteLength, type: stored } = locate(name, rows);
      const type = requireFloat(name, stored);
      const size = ELEMENT_BYTES[type];
      const values = roomFor(name, byteLength / size, into);
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, byteLength));
      for (let done = 0; done < byteLength; done += chunk.length) {
        const part = chunk.subarray(0, Math.min(chunk.length, byteLength - done));
        await file.read(part, position + done);
        widen(part, type, values, done / size);
      }
      return values;
    },
    async dispose() {
      if (!open) return;
      open = false;
      await file.close();
    },
  };
}

function slice(tensor: StoredTensor, range: RowRange): StoredTensor {
  const rows = tensor.shape[0] ?? 0;
  checkRows(tensor.name, rows, range);
  const rowBytes = rows === 0 ? 0 : tensor.byteLength / rows;
  return {
    ...tensor,
    position: tensor.position + range.first * rowBytes,
    byteLength: range.count * rowBytes,
  };
}
