import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { invalidOption, JudgeDecodingError } from '@judge-decoding/core';
import { isBlockType } from './block-shapes.ts';
import { fileError } from './file-errors.ts';
import { ELEMENT_BYTES } from './number-formats.ts';
import type { ElementType, TensorType } from './tensor-source.ts';

/** A tensor to be written. */
export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  /** An element type: the format has no block types, and a tensor of one is refused. */
  readonly type: TensorType;
  /** Little-endian, row-major; `narrow` makes it from float32. */
  readonly bytes: Uint8Array;
}

/** What is written beside the tensors, and into how many files. */
export interface WriteSafetensorsOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * Split into files of at most so many bytes of tensors (a larger tensor has one to itself) with
   * Hugging Face's names: `model-00001-of-00002.safetensors` and `model.safetensors.index.json`.
   * One file at `path` when absent.
   */
  readonly maxShardBytes?: number;
}

/**
 * Writes `path`, or shards beside it. Each file appears complete or not at all: it is written
 * under another name and then renamed. An index appears after the shards that it names.
 *
 * @throws JudgeDecodingError `invalid-option` for two tensors of one name or a shard size below 1, `io` where
 * writing fails.
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  { metadata = {}, maxShardBytes }: WriteSafetensorsOptions = {},
): Promise<void> {
  for (const tensor of tensors) check(tensor);
  const names = new Set<string>();
  for (const { name } of tensors) {
    if (names.has(name)) throw invalidOption('tensors', 'tensors of different names', name);
    names.add(name);
  }
  if (maxShardBytes === undefined) return writeOne(path, tensors, metadata);

  if (!(maxShardBytes >= 1)) throw invalidOption('maxShardBytes', 'a number from 1', maxShardBytes);
  const shards = splitBySize(tensors, maxShardBytes);
  const stem = basename(path).replace(/\.safetensors$/, '');
  const weightMap: Record<string, string> = {};
  for (const [i, shard] of shards.entries()) {
    const file = `${stem}-${digits(i + 1)}-of-${digits(shards.length)}.safetensors`;
    await writeOne(join(dirname(path), file), shard, metadata);
    for (const { name } of shard) weightMap[name] = file;
  }
  const total = tensors.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const index = { metadata: { total_size: total }, weight_map: weightMap };
  await writeFileAtomically(`${path}.index.json`, [new TextEncoder().encode(JSON.stringify(index, null, 2))]);
}

const digits = (count: number) => String(count).padStart(5, '0');

const elementBytes = ({ type }: TensorToWrite) => ELEMENT_BYTES[type as ElementType];

function check(tensor: TensorToWrite): void {
  const { name, shape, type, bytes } = tensor;
  if (isBlockType(type)) {
    throw new JudgeDecodingError(
      'unsupported',
      `Tensor \`${name}\` is of type ${type}, which safetensors has no name for. Write it widened.`,
    );
  }
  const expected = shape.reduce((product, size) => product * size, elementBytes(tensor));
  if (bytes.length !== expected) {
    throw new JudgeDecodingError(
      'invalid-input',
      `Expected ${expected} bytes for tensor \`${name}\` of ${type} [${shape.join(', ')}], got ${bytes.length}.`,
    );
  }
}

function splitBySize(tensors: readonly TensorToWrite[], maxBytes: number): TensorToWrite[][] {
  const shards: TensorToWrite[][] = [[]];
  let size = 0;
  for (const tensor of tensors) {
    if (size > 0 && size + tensor.bytes.length > maxBytes) {
      shards.push([]);
      size = 0;
    }
    shards.at(-1)!.push(tensor);
    size += tensor.bytes.length;
  }
  return shards;
}

async function writeOne(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  // widest types first keeps every tensor aligned to its own size
  const ordered = [...tensors].sort(
    (a, b) => elementBytes(b) - elementBytes(a) || (a.name < b.name ? -1 : 1),
  );
  // no prototype: `__proto__` is a name like any other
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let offset = 0;
  for (const { name, shape, type, bytes } of ordered) {
    header[name] = { dtype: type, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  start.set(json, 8);
  new DataView(start.buffer).setBigUint64(0, BigInt(start.length - 8), true);
  await writeFileAtomically(path, [start, ...ordered.map(({ bytes }) => bytes)]);
}

/** Writes `parts` one after another to a file of another name in the same folder, then renames it. */
export async function writeFileAtomically(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  let handle: FileHandle | undefined;
  try {
    handle = await open(temporary, 'wx');
    // writev may write less than it was given; writeFile on a handle loops and appends
    for (const part of parts) if (part.length > 0) await handle.writeFile(part);
    await handle.sync();
    await handle.close();
    handle = undefined;
    await rename(temporary, path);
  } catch (cause) {
    await handle?.close().catch(() => {});
    await rm(temporary, { force: true }).catch(() => {});
    throw fileError(path, cause);
  }
}
