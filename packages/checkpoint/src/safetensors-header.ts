import { JudgeDecodingError } from '@judge-decoding/core';
import { scanJson } from './json-bounds.ts';
import { isObject, shown } from './json-file.ts';
import { ELEMENT_BYTES } from './number-formats.ts';
import type { ElementType, TensorInfo } from './tensor-source.ts';

/** Shards of the largest open models have headers of a few hundred kilobytes. */
export const MAX_HEADER_BYTES = 16 * 1024 * 1024;
/** Top level, tensor, its arrays: there is nothing deeper. */
const MAX_DEPTH = 3;
const MAX_RANK = 8;
const MAX_NAME_LENGTH = 512;

/** A tensor and where its bytes lie. */
export interface StoredTensor extends TensorInfo {
  /** Position of its first byte in the file. */
  readonly position: number;
}

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const invalid = (file: string, problem: string, cause?: unknown) =>
  new JudgeDecodingError(
    'invalid-file',
    `\`${file}\` is not a sound safetensors file: ${problem}. Fetch or write it again.`,
    cause === undefined ? undefined : { cause },
  );

/** Length of the JSON header, from the file's first 8 bytes. */
export function parseHeaderLength(file: string, start: Uint8Array, fileBytes: number): number {
  if (start.length < 8) throw invalid(file, `expected at least 8 bytes, got ${fileBytes}`);
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw invalid(file, `it claims a header of ${length} bytes, more than ${MAX_HEADER_BYTES}`);
  }
  if (Number(length) > fileBytes - 8) {
    throw invalid(
      file,
      `it claims a header of ${length} bytes but only ${fileBytes - 8} follow, so it is truncated or not safetensors`,
    );
  }
  return Number(length);
}

/**
 * Checks everything a header says against itself and against the file's size: types known, sizes
 * equal to shape · type, tensors back to back from the end of the header to the end of the file.
 */
export function parseHeader(file: string, header: Uint8Array, fileBytes: number): SafetensorsHeader {
  const bad = (problem: string, cause?: unknown) => invalid(file, problem, cause);
  const dataStart = 8 + header.length;
  const parsed = parseObject(header, bad);

  const metadata = Object.hasOwn(parsed, '__metadata__') ? parseMetadata(parsed.__metadata__, bad) : {};
  const stored: StoredTensor[] = [];
  for (const [name, entry] of Object.entries(parsed)) {
    if (name !== '__metadata__') stored.push(parseEntry(name, entry, dataStart, fileBytes, bad));
  }

  let end = dataStart;
  for (const tensor of stored.sort((a, b) => a.position - b.position || a.byteLength - b.byteLength)) {
    if (tensor.position !== end) {
      const what = tensor.position < end ? 'overlaps the one before it' : 'leaves a gap before it';
      throw bad(`tensor ${shown(tensor.name)} ${what} (starts at byte ${tensor.position}, expected ${end})`);
    }
    end += tensor.byteLength;
  }
  if (end !== fileBytes) throw bad(`its tensors end at byte ${end}, the file at ${fileBytes}`);
  return { tensors: new Map(stored.map((tensor) => [tensor.name, tensor])), metadata };
}

type Bad = (problem: string, cause?: unknown) => JudgeDecodingError;

function parseObject(header: Uint8Array, bad: Bad): Record<string, unknown> {
  if (header[0] !== 0x7b) throw bad('its header does not begin with {');
  const { depth, keys } = scanJson(header, MAX_DEPTH);
  if (depth > MAX_DEPTH) throw bad(`its header nests deeper than ${MAX_DEPTH}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch (cause) {
    throw bad('its header is not JSON in UTF-8', cause);
  }
  if (!isObject(parsed)) throw bad('its header is not a JSON object');
  // JSON.parse keeps the last of two equal keys; the scan saw both
  const outer = Object.values(parsed);
  const inner = outer.reduce<number>(
    (sum, value) => sum + (isObject(value) ? Object.keys(value).length : 0),
    0,
  );
  if (outer.length !== keys[0] || inner !== keys[1]) throw bad('a name occurs twice in its header');
  return parsed;
}

function parseMetadata(value: unknown, bad: Bad): Record<string, string> {
  if (!isObject(value) || !Object.values(value).every((entry) => typeof entry === 'string')) {
    throw bad('its `__metadata__` is not a map of strings');
  }
  return value as Record<string, string>;
}

function parseEntry(
  name: string,
  entry: unknown,
  dataStart: number,
  fileBytes: number,
  bad: Bad,
): StoredTensor {
  const tensor = `tensor ${shown(name)}`;
  if (name.length > MAX_NAME_LENGTH) throw bad(`${tensor} has a name longer than ${MAX_NAME_LENGTH}`);
  if (!isObject(entry)) throw bad(`${tensor} is described by ${shown(entry)}`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(ELEMENT_BYTES, dtype)) {
    throw bad(`${tensor} has the unknown type ${shown(dtype)}`);
  }
  const type = dtype as ElementType;
  if (!isCounts(shape) || shape.length > MAX_RANK) throw bad(`${tensor} has the shape ${shown(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2) throw bad(`${tensor} has the offsets ${shown(offsets)}`);
  const [first, last] = offsets as [number, number];
  const byteLength = shape.reduce((product, size) => product * size, ELEMENT_BYTES[type]);
  if (!Number.isSafeInteger(byteLength) || byteLength !== last - first) {
    throw bad(
      `${tensor} of ${type} ${shown(shape)} takes ${byteLength} bytes, its offsets say ${last - first}`,
    );
  }
  if (dataStart + last > fileBytes) {
    throw bad(`${tensor} ends at byte ${dataStart + last}, the file at ${fileBytes}: it is truncated`);
  }
  return { name, shape, type, byteLength, position: dataStart + first };
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
