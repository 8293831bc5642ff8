import type { HeadLayer, HeadTerm } from '../backend.ts';
import { invalidOption, JudgeDecodingError } from '../errors.ts';
import { utf8Decode, utf8Encode } from '../utf8.ts';
import type { CalibrationPoint, HeadProvenance, JudgeHead, MeasuredDtype } from './judge-head.ts';

/** Far above any head we know (a 405B target's is 64 KiB), far below what could hurt a reader. */
const MAX_HEADER_BYTES = 1 << 20;
const MAX_TERMS = 64;
const MAX_MADE = 64;
const MAX_LAYER = 10_000;
const MAX_HIDDEN_SIZE = 1 << 17;
const MAX_MEASURED = 64;
const MAX_HEADS = 64;
const NAME = /^[\w-]{1,64}$/;
const FORMAT = 'judge-decoding.head';
const SEVERAL = 'judge-decoding.heads';
const VERSION = '1';

/**
 * A judge head as a safetensors file: one float32 tensor [hiddenSize] a term, named `term.0`,
 * `term.1` …, the rest as JSON in the metadata entry `head`. Readable by every safetensors library.
 */
export const writeHead = (head: JudgeHead): Uint8Array =>
  fileOf({ format: FORMAT, version: VERSION, head: JSON.stringify(described(head)) }, [['', head]]);

/**
 * Several heads of one target in one file, one a domain say: as `writeHead`, tensors named
 * `words.term.0` …, descriptions by name in the metadata entry `heads`.
 */
export function writeHeads(heads: Readonly<Record<string, JudgeHead>>): Uint8Array {
  const entries = Object.entries(heads);
  if (entries.length < 1 || entries.length > MAX_HEADS)
    throw invalidOption('heads', `1 to ${MAX_HEADS} heads`, entries.length);
  for (const [name, { provenance }] of entries) {
    if (!NAME.test(name)) throw invalidOption('heads', 'named by letters, digits, - and _', name);
    const [first] = entries;
    if (provenance.fingerprint.weights !== first![1].provenance.fingerprint.weights)
      throw invalidOption('heads', `of one target, as ${first![0]} is`, `${name}, of ${provenance.model}`);
  }
  const all = Object.fromEntries(entries.map(([name, head]) => [name, described(head)]));
  return fileOf(
    { format: SEVERAL, version: VERSION, heads: JSON.stringify(all) },
    entries.map(([name, head]) => [`${name}.`, head]),
  );
}

const described = (head: JudgeHead) => ({
  polarity: 'correct',
  bias: head.bias,
  threshold: head.threshold,
  hiddenSize: head.hiddenSize,
  terms: head.terms.map(({ layer, state, row }) => ({ layer, state, row })),
  provenance: head.provenance,
});

/** Metadata, and the terms of each head under its prefix, one after another. */
function fileOf(
  metadata: Readonly<Record<string, string>>,
  heads: readonly (readonly [prefix: string, head: JudgeHead])[],
): Uint8Array {
  const tensors: [string, unknown][] = [];
  const weights: Float32Array[] = [];
  let bytes = 0;
  for (const [prefix, { terms, hiddenSize }] of heads)
    for (const [i, term] of terms.entries()) {
      const end = bytes + 4 * hiddenSize;
      tensors.push([`${prefix}term.${i}`, { dtype: 'F32', shape: [hiddenSize], data_offsets: [bytes, end] }]);
      weights.push(term.weights);
      bytes = end;
    }
  const json = utf8Encode(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(tensors) }));
  const padded = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + padded + bytes);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(padded), true);
  file.fill(0x20, 8, 8 + padded).set(json, 8);
  let at = 8 + padded;
  for (const values of weights)
    for (const value of values) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  return file;
}

/**
 * Reads what `writeHead` wrote, or one head by its name of what `writeHeads` did. Everything is bounded
 * and checked, since a head may come from a stranger; what is wrong is an error of code `invalid-file`
 * that names it.
 */
export function readHead(file: Uint8Array, name?: string): JudgeHead {
  const heads = readHeads(file);
  const names = Object.keys(heads);
  const [first] = names;
  if (name === undefined && names.length === 1) return heads[first!]!;
  if (name !== undefined && Object.hasOwn(heads, name)) return heads[name]!;
  throw new JudgeDecodingError(
    'invalid-option',
    name === undefined
      ? `Expected the name of one of the file’s heads, got none: it holds ${names.join(', ')} (as in FILE#${first}).`
      : `Expected one of the heads ${names.join(', ')}, got \`${name}\`.`,
  );
}

/** All heads of a file by name; the one of `writeHead` is called `head`. Checked as `readHead` does. */
export function readHeads(file: Uint8Array): Readonly<Record<string, JudgeHead>> {
  if (!ArrayBuffer.isView(file))
    throw invalidOption('file', 'the bytes of a head file, as `await readFile(path)` gives them', file);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.byteLength < 8) throw bad(`expected at least 8 bytes, got ${file.byteLength}`);
  const headerBytes = view.getBigUint64(0, true);
  if (headerBytes > BigInt(MAX_HEADER_BYTES) || headerBytes > BigInt(file.byteLength - 8)) {
    throw bad(
      `its header claims ${headerBytes} bytes, the file has ${file.byteLength - 8} and ${MAX_HEADER_BYTES} are allowed`,
    );
  }
  const dataStart = 8 + Number(headerBytes);
  const header = object(parse(text(file.subarray(8, dataStart)), 'the header'), 'the header');
  const metadata = object(header.__metadata__, '__metadata__');
  const several = metadata.format === SEVERAL;
  if (!several && metadata.format !== FORMAT)
    throw bad(`its format is ${JSON.stringify(metadata.format)}, not ${FORMAT}`);
  if (metadata.version !== VERSION)
    throw bad(`its version is ${JSON.stringify(metadata.version)}, this reader knows ${VERSION}`);
  const entry = several ? 'heads' : 'head';
  const listed = object(parse(String(metadata[entry]), `the metadata entry \`${entry}\``), `\`${entry}\``);
  const named = several ? Object.entries(listed) : [['head', listed] as const];
  if (named.length < 1 || named.length > MAX_HEADS) throw bad(`expected 1 to ${MAX_HEADS} heads`);
  const data: HeadData = { view, header, at: dataStart };
  const heads = named.map(([name, one]) => {
    if (!NAME.test(name)) throw bad(`a head is called ${JSON.stringify(name.slice(0, 80))}`);
    return [
      name,
      headOf(object(one, `the head ${name}`), several ? `${name}.` : '', data, dataStart),
    ] as const;
  });
  if (file.byteLength !== data.at) {
    throw bad(`expected ${data.at} bytes for its terms, got ${file.byteLength}`);
  }
  return Object.fromEntries(heads);
}

/** The tensors of a file; `at` is where the next one begins. */
interface HeadData {
  readonly view: DataView;
  readonly header: Readonly<Record<string, unknown>>;
  at: number;
}

function headOf(
  described: Readonly<Record<string, unknown>>,
  prefix: string,
  data: HeadData,
  dataStart: number,
): JudgeHead {
  if (described.polarity !== 'correct') {
    throw bad(
      `its polarity is ${JSON.stringify(described.polarity)}, expected "correct": scores must be P(correct)`,
    );
  }
  const hiddenSize = number(described.hiddenSize, 'hiddenSize', 1, MAX_HIDDEN_SIZE);
  if (!Number.isInteger(hiddenSize)) throw bad(`its hiddenSize ${hiddenSize} is not a whole number`);
  const listed = described.terms;
  if (!Array.isArray(listed) || listed.length < 1 || listed.length > MAX_TERMS) {
    throw bad(`expected 1 to ${MAX_TERMS} terms`);
  }
  const expectedBytes = data.at + listed.length * hiddenSize * 4;
  if (data.view.byteLength < expectedBytes) {
    throw bad(
      `expected ${expectedBytes} bytes for ${listed.length} terms of ${hiddenSize} weights, got ${data.view.byteLength}`,
    );
  }
  const terms = listed.map((term, i): HeadTerm => {
    const { layer, state, row } = object(term, `term ${i}`);
    if (
      layer !== 'last' &&
      !(Number.isInteger(layer) && (layer as number) >= 1 && (layer as number) <= MAX_LAYER)
    )
      throw bad(
        `term ${i} reads layer ${JSON.stringify(layer)}, expected "last" or a number from 1 to ${MAX_LAYER}`,
      );
    if (state !== 'pre-norm' && state !== 'post-norm')
      throw bad(
        `term ${i} reads the state ${JSON.stringify(state)}, this reader knows "pre-norm" and "post-norm"`,
      );
    if (layer !== 'last' && state !== 'pre-norm')
      throw bad(
        `term ${i} reads the state ${JSON.stringify(state)} of layer ${layer}, which has "pre-norm" only`,
      );
    if (row !== 'own' && row !== 'previous') throw bad(`term ${i} reads the row ${JSON.stringify(row)}`);
    const weights = readWeights(`${prefix}term.${i}`, hiddenSize, data, dataStart);
    return { layer: layer as HeadLayer, state, row, weights };
  });
  return {
    terms,
    hiddenSize,
    bias: number(described.bias, 'bias', -1e9, 1e9),
    threshold: number(described.threshold, 'threshold', 0, 1),
    provenance: readProvenance(described.provenance),
  };
}

function readWeights(name: string, hiddenSize: number, data: HeadData, dataStart: number): Float32Array {
  const { dtype, shape, data_offsets: offsets } = object(data.header[name], `the tensor ${name}`);
  const size = 4 * hiddenSize;
  const from = data.at - dataStart;
  const declared = JSON.stringify({ dtype, shape, offsets });
  const expected = JSON.stringify({ dtype: 'F32', shape: [hiddenSize], offsets: [from, from + size] });
  if (declared !== expected) throw bad(`the tensor ${name} is ${declared}, expected ${expected}`);
  const weights = new Float32Array(hiddenSize);
  for (let i = 0; i < hiddenSize; i++) weights[i] = data.view.getFloat32(data.at + 4 * i, true);
  if (!weights.every(Number.isFinite)) throw bad(`${name} has weights that are not finite`);
  data.at += size;
  return weights;
}

function readMade(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(object(value, 'made'));
  if (entries.length > MAX_MADE)
    throw bad(`it says ${entries.length} things of how it was made, ${MAX_MADE} are allowed`);
  return Object.fromEntries(entries.map(([name, said]) => [string(name, 'made'), string(said, name)]));
}

function readProvenance(value: unknown): HeadProvenance {
  const { model, fingerprint, dtype, data, metrics, calibration, measured, made } = object(
    value,
    'provenance',
  );
  const { architecture, tokenizer, weights } = object(fingerprint, 'the fingerprint');
  return {
    model: string(model, 'model'),
    fingerprint: {
      architecture: string(architecture, 'architecture'),
      tokenizer: string(tokenizer, 'tokenizer'),
      weights: string(weights, 'weights'),
    },
    dtype: string(dtype, 'dtype'),
    data: string(data, 'data'),
    metrics: readMetrics(metrics),
    calibration: readCalibration(calibration),
    ...(measured === undefined ? {} : { measured: readMeasured(measured) }),
    ...(made === undefined ? {} : { made: readMade(made) }),
  };
}

function readMeasured(value: unknown): readonly MeasuredDtype[] {
  if (!Array.isArray(value) || value.length > MAX_MEASURED) {
    throw bad(`its measured types are no list of at most ${MAX_MEASURED}`);
  }
  return value.map((each, index) => {
    const of = `measured type ${index}`;
    const { dtype, device, threshold, metrics, calibration } = object(each, of);
    return {
      dtype: string(dtype, `the dtype of ${of}`),
      ...(device === undefined ? {} : { device: string(device, `the device of ${of}`) }),
      threshold: number(threshold, `the threshold of ${of}`, 0, 1),
      metrics: readMetrics(metrics),
      calibration: readCalibration(calibration),
    };
  });
}

const readMetrics = (value: unknown): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(object(value, 'metrics')).map(([name, figure]) => [
      name,
      number(figure, name, -1e12, 1e12),
    ]),
  );

function readCalibration(value: unknown): readonly CalibrationPoint[] {
  if (!Array.isArray(value) || value.length > 10_000) throw bad('its calibration is not a list');
  return value.map((point) => {
    const { threshold, wrongStopped, correctAdmitted } = object(point, 'a calibration point');
    return {
      threshold: number(threshold, 'threshold', 0, 1),
      wrongStopped: number(wrongStopped, 'wrongStopped', 0, 1),
      correctAdmitted: number(correctAdmitted, 'correctAdmitted', 0, 1),
    };
  });
}

function text(bytes: Uint8Array): string {
  try {
    return utf8Decode(bytes);
  } catch (cause) {
    throw bad('its header is not UTF-8', cause);
  }
}

function parse(json: string, what: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw bad(`${what} is not JSON`, cause);
  }
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw bad(`${what} is missing or no object`);
  return value as Record<string, unknown>;
}

function number(value: unknown, what: string, low: number, high: number): number {
  if (typeof value !== 'number' || !(value >= low && value <= high)) {
    throw bad(`${what} is ${JSON.stringify(value)}, expected a number from ${low} to ${high}`);
  }
  return value;
}

function string(value: unknown, what: string): string {
  if (typeof value !== 'string' || value.length > 4096) throw bad(`${what} is missing or no short text`);
  return value;
}

function bad(what: string, cause?: unknown): JudgeDecodingError {
  return new JudgeDecodingError('invalid-file', `This is no judge head file: ${what}.`, { cause });
}
