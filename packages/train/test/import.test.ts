import { deflateRawSync } from 'node:zlib';
import { JudgeDecodingError, readHead, writeHead } from '@judge-decoding/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { importHead } from '../src/index.ts';

const model = {
  name: 'target',
  hiddenSize: 4,
  dtype: 'bf16',
  fingerprint: { architecture: 'a', tokenizer: 't', weights: 'w' },
};
const NUMBERS = { weights: [1, -2, 0.5, 3], bias: [0.25], mean: [10, 20, -3, 0], scale: [2, 4, 0.5, 1] };
const json = (value: object) => new TextEncoder().encode(JSON.stringify(value));

/** An archive as numpy writes it, stored or deflated. */
function npz(arrays: Record<string, readonly number[]>, compress: boolean, kind = '<f8'): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, values] of Object.entries(arrays)) {
    const header = `{'descr': '${kind}', 'fortran_order': False, 'shape': (1, ${values.length}), }`.padEnd(
      117,
    );
    const data = kind === '<f8' ? Float64Array.from(values) : Float32Array.from(values);
    const npy = Buffer.concat([
      Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
      Buffer.from(`${header}\n`, 'latin1'),
      Buffer.from(data.buffer),
    ]);
    const packed = compress ? deflateRawSync(npy) : npy;
    const file = Buffer.from(`${name}.npy`);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(file.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(compress ? 8 : 0, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(npy.length, 24);
    entry.writeUInt16LE(file.length, 28);
    entry.writeUInt32LE(at, 42);
    directory.push(entry, file);
    parts.push(local, file, packed);
    at += 30 + file.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(arrays).length, 10);
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...parts, ...directory, end]));
}

const state = 'post-norm' as const;
const x = [11, 19, -2, 0.5];
/** As scikit-learn computes it. */
const logit = NUMBERS.weights.reduce(
  (sum, w, i) => sum + (w * (x[i]! - NUMBERS.mean[i]!)) / NUMBERS.scale[i]!,
  0.25,
);
const logitOf = (head: ReturnType<typeof importHead>) =>
  head.terms[0]!.weights.reduce((sum, w, i) => sum + w * x[i]!, head.bias);

describe.each([
  ['JSON', json({ ...NUMBERS, threshold: 0.3 }), 'head.json'],
  ['npz', npz({ ...NUMBERS, threshold: [0.3] }, false), 'head.npz'],
  ['npz, compressed', npz({ ...NUMBERS, threshold: [0.3] }, true), 'head.npz'],
  ['npz, float32', npz({ ...NUMBERS, threshold: [0.3] }, true, '<f4'), 'head.npz'],
] as const)('%s', (_, file, path) => {
  test('scores as scikit-learn does, and says P(correct) whichever way round it was', () => {
    const head = importHead(file, path, { model, state, polarity: 'correct' });
    expect(logitOf(head)).toBeCloseTo(logit, 5);
    expect(head.threshold).toBeCloseTo(0.3, 6);
    const other = importHead(file, path, { model, state, polarity: 'important' });
    expect(logitOf(other)).toBeCloseTo(-logit, 5);
    expect(other.threshold).toBeCloseTo(0.7, 6);
    expect(readHead(writeHead(head))).toEqual(head);
    expect(head.terms[0]).toMatchObject({ layer: 'last', state: 'post-norm', row: 'own' });
  });
});

test.each([
  ['no polarity', json(NUMBERS), 'x.json', {}, 'the wrong way round'],
  [
    'two polarities',
    json({ ...NUMBERS, polarity: 'correct' }),
    'x.json',
    { polarity: 'important' },
    'One of them is wrong',
  ],
  ['a pickle', Uint8Array.of(0x80, 4, 1), 'head.pkl', {}, 'np.savez'],
  ['a pickle of another name', Uint8Array.of(0x80, 4, 1), 'head', {}, 'runs whatever is in it'],
  [
    'draft and target together',
    json({ ...NUMBERS, weights: Array(8).fill(1) }),
    'x',
    {},
    'draft and target together',
  ],
  ['too few weights', json({ weights: [1, 2] }), 'x', {}, 'Expected 4 weights'],
  ['a scale of 0', json({ ...NUMBERS, scale: [1, 0, 1, 1] }), 'x', { polarity: 'correct' }, 'not above 0'],
  [
    'a NaN',
    npz({ ...NUMBERS, weights: [1, Number.NaN, 1, 1] }, false),
    'x',
    { polarity: 'correct' },
    'not finite',
  ],
  ['objects', npz(NUMBERS, false, '|O'), 'x', { polarity: 'correct' }, 'no numbers'],
  ['something else', new TextEncoder().encode('hello'), 'x', {}, 'neither .npz nor JSON'],
] as const)('%s is refused', (_, file, path, options, says) => {
  expect(() => importHead(file, path, { model, state, ...options })).toThrow(says);
});

test('a damaged archive is refused, and nothing else happens', () => {
  const file = npz(NUMBERS, true);
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.nat(255), fc.nat(file.length), (at, value, length) => {
      const damaged = file.slice(0, length);
      if (at < length) damaged[at] = value;
      try {
        importHead(damaged, 'head.npz', { model, state, polarity: 'correct' });
      } catch (error) {
        expect(JudgeDecodingError.is(error)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
