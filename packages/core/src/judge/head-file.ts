import type { HeadLayer, HeadTerm } from '../backend.ts';
import { JudgeDecodingError } from '../errors.ts';
import { utf8Decode, utf8Encode } from '../utf8.ts';
import type { CalibrationPoint, HeadProvenance, JudgeHead, MeasuredDtype } from './judge-head.ts';

/** Far above any head we know (a 405B target's is 64 KiB), far below what could hurt a reader. */
const MAX_HEADER_BYTES = 1 << 20;
const MAX_TERMS = 64;
const MAX_MADE = 64;
const MAX_LAYER = 10_000;
const MAX_HIDDEN_SIZE = 1 << 17;
const MAX_MEASURED = 64;
const FORMAT = 'judge-decoding.head';
const VERSION = '1';

/**
 * A judge head as a safetensors file: one float32 tensor [hiddenSize] a term, named `term.0`,
 * `term.1` …, the rest as JSON in the metadata entry `head`. Readable by every safetensors library.
 */
export function writeHead(head: JudgeHead): Uint8Array {
  const bytesPerTerm = 4 * head.hiddenSize;
  const tensors = head.terms.map((_, i) => [
    `term.${i}`,
    { dtype: 'F32', shape: [head.hiddenSize], data_offsets: [i * bytesPerTerm, (i + 1) * bytesPerTerm] },
  ]);
  const description = {
    polarity: 'correct',
    bias: head.bias,
    threshold: head.threshold,
    hiddenSize: head.hiddenSize,
    terms: head.terms.map(({ layer, state, row }) => ({ layer, state, row })),
    provenance: head.provenance,
  };
  const metadata = { format: FORMAT, version: VERSION, head: JSON.stringify(description) };
  const json = utf8Encode(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(tensors) }));
  const padded = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + padded + head.terms.length * bytesPerTerm);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(padded), true);
  file.fill(0x20, 8, 8 + padded).set(json, 8);
  head.terms.forEach((term, t) => {
    for (let i = 0; i < head.hiddenSize; i++) {
      view.setFloat32(8 + padded + t * bytesPerTerm + 4 * i, term.weights[i]!, true);
    }
  });
  return file;
}

/**
 * Reads what `writeHead` wrote. Everything is bounded and checked, since a head may come from a
 * stranger; what is wrong is an error of code `invalid-file` that names it.
 */
export function readHead(file: Uint8Array): JudgeHead {
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
  if (metadata.format !== FORMAT)
    throw bad(`its format is ${JSON.stringify(metadata.format)}, not ${FORMAT}`);
  if (metadata.version !== VERSION)
    throw bad(`its version is ${JSON.stringify(metadata.version)}, this reader knows ${VERSION}`);
  const described = object(parse(String(metadata.head), 'the metadata entry `head`'), '`head`');

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
  const expectedBytes = dataStart + listed.length * hiddenSize * 4;
  if (file.byteLength !== expectedBytes) {
    throw bad(
      `expected ${expectedBytes} bytes for ${listed.length} terms of ${hiddenSize} weights, got ${file.byteLength}`,
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
    return {
      layer: layer as HeadLayer,
      state,
      row,
      weights: readWeights(header[`term.${i}`], i, hiddenSize, view, dataStart),
    };
  });
  return {
    terms,
    hiddenSize,
    bias: number(described.bias, 'bias', -1e9, 1e9),
    threshold: number(described.threshold, 'threshold', 0, 1),
    provenance: readProvenance(described.provenance),
  };
}

function readWeights(
  entry: unknown,
  index: number,
  hiddenSize: number,
  view: DataView,
  dataStart: number,
): Float32Array {
  const { dtype, shape, data_offsets: offsets } = object(entry, `the tensor term.${index}`);
  const size = 4 * hiddenSize;
  const declared = JSON.stringify({ dtype, shape, offsets });
  const expected = JSON.stringify({
    dtype: 'F32',
    shape: [hiddenSize],
    offsets: [index * size, (index + 1) * size],
  });
  if (declared !== expected) throw bad(`the tensor term.${index} is ${declared}, expected ${expected}`);
  const weights = new Float32Array(hiddenSize);
  for (let i = 0; i < hiddenSize; i++) weights[i] = view.getFloat32(dataStart + index * size + 4 * i, true);
  if (!weights.every(Number.isFinite)) throw bad(`term ${index} has weights that are not finite`);
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
