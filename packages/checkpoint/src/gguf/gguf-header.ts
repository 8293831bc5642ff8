import { JudgeDecodingError } from '@judge-decoding/core';
import { blockShape } from '../block-shapes.ts';
import { shown } from '../json-file.ts';
import type { TensorType } from '../tensor-source.ts';
import { type ByteCursor, byteCursor } from './byte-cursor.ts';
import { TENSOR_TYPES, UNREAD_TENSOR_TYPES } from './gguf-types.ts';
import { type GgufValue, readValue } from './gguf-values.ts';

/** A tensor under its name in the file, and where its bytes lie. */
export interface GgufTensor {
  readonly name: string;
  /** Row-major, outermost first: the file lists them the other way round. */
  readonly shape: readonly number[];
  readonly type: TensorType;
  readonly byteLength: number;
  /** Position of its first byte in the file. */
  readonly position: number;
}

export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

/** "GGUF", little-endian. */
export const GGUF_MAGIC = 0x46554747;
/** The largest vocabularies in use take 20 MB. */
export const MAX_GGUF_HEADER_BYTES = 128 * 1024 * 1024;
/** Files in use have under 100 entries and under 3,000 tensors. */
const MAX_METADATA = 2 ** 16;
const MAX_TENSORS = 2 ** 16;
const MAX_RANK = 4;
const MAX_NAME_LENGTH = 512;
const DEFAULT_ALIGNMENT = 32;
const MAX_ALIGNMENT = 2 ** 20;
/** At least a key's length, a type and a byte; a name's length, rank, one dimension, type and offset. */
const MIN_ENTRY_BYTES = 13;
const MIN_TENSOR_BYTES = 32;

type Bad = (problem: string) => JudgeDecodingError;

export const invalidGguf = (file: string, problem: string) =>
  new JudgeDecodingError(
    'invalid-file',
    `\`${file}\` is not a sound GGUF file: ${problem}. Fetch or convert it again.`,
  );

/**
 * Parses everything before the tensors' bytes and checks it against itself and the file's size:
 *
 *     "GGUF" [u32 version] [u64 tensors] [u64 entries]
 *     entries:  [string key] [u32 type] [value]
 *     tensors:  [string name] [u32 rank] [u64 × rank, innermost first] [u32 type] [u64 offset]
 *     padding to the alignment, then the tensors back to back, each padded to the alignment
 *
 * `bytes` is the start of the file. Throws `NeedsMoreBytes` where it was too short a start.
 */
export function parseGgufHeader(file: string, bytes: Uint8Array, fileBytes: number): GgufHeader {
  const bad: Bad = (problem) => invalidGguf(file, problem);
  const cursor = byteCursor(bytes, fileBytes, bad);
  const version = readVersion(file, cursor, bad);
  const tensorCount = cursor.count('tensors', MIN_TENSOR_BYTES);
  if (tensorCount > MAX_TENSORS) throw bad(`it claims ${tensorCount} tensors, more than ${MAX_TENSORS}`);
  const entryCount = cursor.count('metadata entries', MIN_ENTRY_BYTES);
  if (entryCount > MAX_METADATA)
    throw bad(`it claims ${entryCount} metadata entries, more than ${MAX_METADATA}`);

  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < entryCount; i++) {
    const key = cursor.text('a metadata key');
    if (metadata.has(key)) throw bad(`the metadata key ${shown(key)} occurs twice`);
    metadata.set(key, readValue(cursor, key.length > 80 ? `${key.slice(0, 77)}…` : key, bad));
  }
  const described: Described[] = [];
  for (let i = 0; i < tensorCount; i++) described.push(readTensor(file, cursor, bad));

  const alignment = readAlignment(metadata.get('general.alignment'), bad);
  const dataStart = aligned(cursor.position, alignment);
  return { version, metadata, tensors: place(described, dataStart, alignment, fileBytes, bad) };
}

function readVersion(file: string, cursor: ByteCursor, bad: Bad): number {
  const magic = cursor.u32();
  if (magic !== GGUF_MAGIC) throw bad(`it starts with 0x${magic.toString(16)} instead of "GGUF"`);
  const version = cursor.u32();
  if (version === 2 || version === 3) return version;
  const is = version % 65536 === 0 ? 'big-endian' : `of version ${version}`;
  throw new JudgeDecodingError(
    'unsupported',
    `\`${file}\` is ${is}. Read are GGUF files of version 2 and 3, little-endian: convert the model again.`,
  );
}

/** A tensor as described, before its place is known. */
type Described = Omit<GgufTensor, 'position'> & { readonly offset: number };

function readTensor(file: string, cursor: ByteCursor, bad: Bad): Described {
  const name = cursor.text('a tensor name');
  const tensor = `tensor ${shown(name)}`;
  if (name.length > MAX_NAME_LENGTH) throw bad(`${tensor} has a name longer than ${MAX_NAME_LENGTH}`);
  const rank = cursor.u32();
  if (rank < 1 || rank > MAX_RANK) throw bad(`${tensor} has ${rank} dimensions, expected 1 to ${MAX_RANK}`);
  const shape = Array.from({ length: rank }, () => cursor.u64()).reverse();
  const typeNumber = cursor.u32();
  const offset = cursor.u64();
  const type = TENSOR_TYPES[typeNumber];
  if (type === undefined) {
    const known = UNREAD_TENSOR_TYPES[typeNumber];
    if (known === undefined) throw bad(`${tensor} is of the unknown type ${typeNumber}`);
    throw new JudgeDecodingError(
      'unsupported',
      `${tensor} of \`${file}\` is of type ${known}, which is not read. Use a file in ${Object.values(TENSOR_TYPES).join(', ')} or mixtures of them.`,
    );
  }
  const { elements, bytes } = blockShape(type);
  const row = shape.at(-1)!;
  if (!shape.every((size) => typeof size === 'number') || typeof row !== 'number') {
    throw bad(`${tensor} has the shape [${shape.join(', ')}]`);
  }
  if (row % elements !== 0) throw bad(`${tensor} of ${type} has rows of ${row}, no multiple of ${elements}`);
  const byteLength = (shape as number[]).reduce((product, size) => product * size, bytes) / elements;
  if (!Number.isSafeInteger(byteLength) || typeof offset !== 'number') {
    throw bad(`${tensor} of shape [${shape.join(', ')}] at offset ${offset} is larger than any file`);
  }
  return { name, shape: shape as number[], type, byteLength, offset };
}

function readAlignment(value: GgufValue | undefined, bad: Bad): number {
  if (value === undefined) return DEFAULT_ALIGNMENT;
  const isPower =
    typeof value === 'number' && value > 0 && value <= MAX_ALIGNMENT && Number.isInteger(Math.log2(value));
  if (!isPower) throw bad(`\`general.alignment\` is ${shownValue(value)}, expected a power of two`);
  return value;
}

const aligned = (position: number, alignment: number) => Math.ceil(position / alignment) * alignment;

/** Every writer puts tensors back to back in the order in which it lists them: anything else is a lie. */
function place(
  described: readonly Described[],
  dataStart: number,
  alignment: number,
  fileBytes: number,
  bad: Bad,
): ReadonlyMap<string, GgufTensor> {
  const tensors = new Map<string, GgufTensor>();
  let end = dataStart;
  for (const { offset, ...tensor } of described) {
    const position = dataStart + offset;
    if (position !== end) {
      const what = position < end ? 'overlaps the one before it' : 'leaves a gap before it';
      throw bad(`tensor ${shown(tensor.name)} ${what} (starts at byte ${position}, expected ${end})`);
    }
    if (position + tensor.byteLength > fileBytes) {
      throw bad(
        `tensor ${shown(tensor.name)} ends at byte ${position + tensor.byteLength}, the file at ${fileBytes}: it is truncated`,
      );
    }
    if (tensors.has(tensor.name)) throw bad(`two tensors have the name ${shown(tensor.name)}`);
    tensors.set(tensor.name, { ...tensor, position });
    end = aligned(position + tensor.byteLength, alignment);
  }
  return tensors;
}

/** A metadata value for an error message. */
export const shownValue = (value: GgufValue): string => {
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'object' ? `an array of ${value.length} ${value.kind}` : shown(value);
};
