import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  anyOf,
  checkHead,
  headFor,
  JudgeDecodingError,
  type JudgeHead,
  judged,
  logitOf,
  type ModelInfo,
  readHead,
  readHeads,
  utf8Decode,
  utf8Encode,
  writeHead,
  writeHeads,
} from '../src/index.ts';

const head: JudgeHead = {
  terms: [
    { layer: 'last', state: 'pre-norm', row: 'own', weights: Float32Array.of(1, -2, 3.5, 0.25) },
    { layer: 'last', state: 'post-norm', row: 'previous', weights: Float32Array.of(0, 1e-7, -1e7, 5) },
  ],
  bias: -0.75,
  threshold: 0.8,
  hiddenSize: 4,
  provenance: {
    model: 'pocket-target · größer',
    fingerprint: { architecture: 'a1', tokenizer: 't1', weights: 'w1' },
    dtype: 'fp32',
    data: 'd1',
    metrics: { rocAuc: 0.97 },
    calibration: [{ threshold: 0.5, wrongStopped: 0.9, correctAdmitted: 0.99 }],
    made: { labels: 'by hand' },
  },
};

test('a head survives its file, bit for bit', () => {
  expect(readHead(writeHead(head))).toEqual(head);
});

const measured: JudgeHead = {
  ...head,
  provenance: {
    ...head.provenance,
    measured: [
      { dtype: 'int8', threshold: 0.6, metrics: { rocAuc: 0.95 }, calibration: [] },
      { dtype: 'int8', device: 'cuda', threshold: 0.7, metrics: {}, calibration: [] },
      { dtype: 'bf16', device: 'cuda', threshold: 0.9, metrics: {}, calibration: [] },
    ],
  },
};

test('so do the types that it was measured in', () => {
  expect(readHead(writeHead(measured))).toEqual(measured);
});

test('the file is safetensors: a length, JSON, float32 data', () => {
  const file = writeHead(head);
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = JSON.parse(utf8Decode(file.subarray(8, 8 + length)));
  expect(length % 8).toBe(0);
  expect(header['term.1']).toEqual({ dtype: 'F32', shape: [4], data_offsets: [16, 32] });
  expect(header.__metadata__.format).toBe('judge-decoding.head');
  expect(file.length).toBe(8 + length + 32);
});

describe('several heads in one file', () => {
  const words = { ...head, threshold: 0.6 };
  const lists: JudgeHead = { ...head, terms: [{ ...head.terms[0]!, weights: Float32Array.of(9, 8, 7, 6) }] };
  const file = writeHeads({ words, lists });

  test('survive it, and each is found by its name', () => {
    expect(readHeads(file)).toEqual({ words, lists });
    expect(readHead(file, 'lists')).toEqual(lists);
    expect(readHeads(writeHead(head))).toEqual({ head });
    // one that is alone needs no name
    expect(readHead(writeHeads({ words }))).toEqual(words);
  });

  test('a name is asked for, and one that is not there is refused with those that are', () => {
    expect(() => readHead(file)).toThrow(/words, lists \(as in FILE#words\)/);
    expect(() => readHead(file, 'tables')).toThrow(/words, lists, got `tables`/);
  });

  test('heads of two targets, a name that is no name, and none at all are refused', () => {
    const other = {
      ...head,
      provenance: { ...head.provenance, fingerprint: { architecture: 'a1', tokenizer: 't1', weights: 'w2' } },
    };
    expect(() => writeHeads({ words, other })).toThrow(/of one target/);
    expect(() => writeHeads({ 'a b': words })).toThrow(/a b/);
    expect(() => writeHeads({})).toThrow(/1 to 64/);
  });

  test('every file that was cut short or changed in a byte of its header is refused, or read as heads', () => {
    for (const length of [0, 7, 40, file.length - 1])
      expect(() => readHeads(file.subarray(0, length))).toThrow();
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.nat(255), (at, byte) => {
        const changed = file.slice();
        changed[at] = byte;
        try {
          readHeads(changed);
        } catch (error) {
          expect(JudgeDecodingError.is(error, 'invalid-file')).toBe(true);
        }
      }),
    );
  });
});

/** The file with its described head changed. */
function altered(
  change: (described: Record<string, unknown>, header: Record<string, Record<string, unknown>>) => void,
): Uint8Array {
  const file = writeHead(head);
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = JSON.parse(utf8Decode(file.subarray(8, 8 + length)));
  const described = JSON.parse(header.__metadata__.head);
  change(described, header);
  header.__metadata__.head = JSON.stringify(described);
  const json = utf8Encode(JSON.stringify(header));
  const out = new Uint8Array(8 + json.length + 32);
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true);
  out.set(json, 8);
  out.set(file.subarray(8 + length), 8 + json.length);
  return out;
}

describe('a file that lies is refused by name', () => {
  test.each([
    [
      'polarity',
      altered((d) => {
        d.polarity = 'important';
      }),
      /polarity/,
    ],
    [
      'hidden size',
      altered((d) => {
        d.hiddenSize = 5;
      }),
      /expected .* bytes/,
    ],
    [
      'a huge hidden size',
      altered((d) => {
        d.hiddenSize = 1e12;
      }),
      /hiddenSize/,
    ],
    [
      'no terms',
      altered((d) => {
        d.terms = [];
      }),
      /terms/,
    ],
    [
      'an unknown layer',
      altered((d) => {
        (d.terms as { layer: string }[])[0]!.layer = 'first';
      }),
      /layer/,
    ],
    [
      'the layer before the first',
      altered((d) => {
        (d.terms as { layer: number }[])[0]!.layer = 0;
      }),
      /layer 0/,
    ],
    [
      'a norm of an earlier layer',
      altered((d) => {
        (d.terms as { layer: number }[])[1]!.layer = 3;
      }),
      /post-norm/,
    ],
    [
      'an unknown state',
      altered((d) => {
        (d.terms as { state: string }[])[1]!.state = 'mid';
      }),
      /state/,
    ],
    [
      'a life’s story',
      altered((d) => {
        (d.provenance as { made: Record<string, string> }).made = { labels: 'x'.repeat(5000) };
      }),
      /labels/,
    ],
    [
      'a threshold of 2',
      altered((d) => {
        d.threshold = 2;
      }),
      /threshold/,
    ],
    [
      'a bias that is no number',
      altered((d) => {
        d.bias = 'x';
      }),
      /bias/,
    ],
    [
      'no provenance',
      altered((d) => {
        d.provenance = undefined;
      }),
      /provenance/,
    ],
    [
      'a measured type with a threshold of 2',
      altered((d) => {
        (d.provenance as Record<string, unknown>).measured = [
          { dtype: 'int8', threshold: 2, metrics: {}, calibration: [] },
        ];
      }),
      /threshold of measured type 0/,
    ],
    [
      'measured types that are no list',
      altered((d) => {
        (d.provenance as Record<string, unknown>).measured = { dtype: 'int8' };
      }),
      /measured types/,
    ],
    [
      'another version',
      altered((_, h) => {
        h.__metadata__!.version = '2';
      }),
      /version/,
    ],
    [
      'another format',
      altered((_, h) => {
        h.__metadata__!.format = 'pt';
      }),
      /format/,
    ],
    [
      'overlapping tensors',
      altered((_, h) => {
        h['term.1']!.data_offsets = [0, 16];
      }),
      /term.1/,
    ],
    [
      'another dtype',
      altered((_, h) => {
        h['term.0']!.dtype = 'F16';
      }),
      /term.0/,
    ],
    ['an empty file', new Uint8Array(0), /8 bytes/],
    ['a header longer than the file', Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0, 1), /claims/],
    ['a cut file', writeHead(head).slice(0, -1), /bytes/],
  ])('%s', (_, file, message) => {
    try {
      readHead(file);
      expect.unreachable();
    } catch (error) {
      expect(JudgeDecodingError.is(error, 'invalid-file')).toBe(true);
      expect((error as Error).message).toMatch(message);
    }
  });

  test('5,000 mutated files either read as a head or are refused, and nothing else', () => {
    const file = writeHead(head);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.nat(file.length),
        (changes, cut) => {
          const mutated = file.slice(0, cut % 3 === 0 ? cut : undefined);
          for (const [at, byte] of changes) if (at < mutated.length) mutated[at] = byte;
          try {
            expect(readHead(mutated).terms.length).toBeGreaterThan(0);
          } catch (error) {
            expect(JudgeDecodingError.is(error, 'invalid-file')).toBe(true);
          }
        },
      ),
      { numRuns: 5000, seed: 1 },
    );
  });
});

describe('a head and a model', () => {
  const model = {
    name: 'pocket-target',
    hiddenSize: 4,
    dtype: 'fp32',
    fingerprint: { architecture: 'a1', tokenizer: 't1', weights: 'w1' },
  } as ModelInfo;

  test('fit where everything agrees', () => {
    expect(checkHead(head, model)).toEqual([]);
  });

  test.each([
    ['hidden size', { hiddenSize: 8 }, /hidden size 4.* 8/],
    ['architecture', { fingerprint: { ...model.fingerprint, architecture: 'a2' } }, /architecture a1.* a2/],
    ['tokenizer', { fingerprint: { ...model.fingerprint, tokenizer: 't2' } }, /tokenizer t1.* t2/],
    [
      'weights',
      { fingerprint: { ...model.fingerprint, weights: 'w2' } },
      /weights w1 \(fp32\).* w2 \(fp32\)/,
    ],
    ['dtype', { dtype: 'int4' }, /weights w1 \(fp32\).* w1 \(int4\)/],
  ])('differ in %s: refused, naming both', (_, change, message) => {
    expect(() => checkHead(head, { ...model, ...change })).toThrow(message);
  });

  test('other weights are a notice where they are allowed, another tokenizer never is', () => {
    expect(checkHead(head, { ...model, dtype: 'int4' }, { allowOtherWeights: true })).toHaveLength(1);
    const other = { ...model, fingerprint: { ...model.fingerprint, tokenizer: 't2' } };
    expect(() => checkHead(head, other, { allowOtherWeights: true })).toThrow(/tokenizer/);
  });

  test('a head on an earlier layer goes through a file, and fits only where its layer is offered', () => {
    const [own] = head.terms;
    const earlier = { ...head, terms: [{ ...own!, layer: 2 }] };
    expect(readHead(writeHead(earlier)).terms[0]).toMatchObject({ layer: 2, state: 'pre-norm' });
    expect(() => checkHead(earlier, model)).toThrow(/layer 2.*offers last/);
    expect(checkHead(earlier, { ...model, layersOffered: [1, 2] })).toEqual([]);
  });
});

describe('a head measured in several types of weights', () => {
  const model = (dtype: string, device: string, weights = 'w1') =>
    ({
      name: 'pocket-target',
      hiddenSize: 4,
      dtype,
      device,
      fingerprint: { ...head.provenance.fingerprint, weights },
    }) as ModelInfo;

  test.each([
    ['the type it was fitted in', model('fp32', 'webgpu'), 0.8],
    ['one it was measured in', model('int8', 'cpu'), 0.6],
    ['one it was measured in on this device, too', model('int8', 'cuda'), 0.7],
    ['one it was measured in on this device only', model('bf16', 'cuda'), 0.9],
    ['one of this kind of device', model('bf16', 'cuda:1'), 0.9],
  ])('%s: no flag, and the threshold measured there', (_, on, threshold) => {
    expect(checkHead(measured, on)).toEqual([]);
    expect(headFor(measured, on).threshold).toBe(threshold);
    const oneTerm = { ...measured, terms: measured.terms.slice(0, 1), bias: 0 };
    const admits = (logit: number) =>
      judged(oneTerm).forModel!(on).admits({ dot: () => logit } as never, 0, []);
    expect([admits(logitOf(threshold) - 0.01), admits(logitOf(threshold) + 0.01)]).toEqual([false, true]);
  });

  test.each([
    ['another type', model('int4', 'cpu')],
    ['a listed type on another device', model('bf16', 'cpu')],
    ['a listed type of other weights', model('int8', 'cpu', 'w2')],
  ])('%s: refused, naming both', (_, on) => {
    expect(() => checkHead(measured, on)).toThrow(/fitted for weights w1 \(fp32\)/);
    expect(headFor(measured, on)).toBe(measured);
  });

  test('a threshold of the caller stands', () => {
    const on = model('int8', 'cpu');
    const oneTerm = { ...measured, terms: measured.terms.slice(0, 1), bias: 0 };
    const asked = (threshold: number | undefined, logit: number) =>
      judged(oneTerm, { threshold }).forModel!(on).admits({ dot: () => logit } as never, 0, []);
    expect(asked(undefined, logitOf(0.65))).toBe(true);
    expect(asked(0.7, logitOf(0.65))).toBe(false);
    const both = anyOf(judged(oneTerm), judged(oneTerm)).forModel!(on);
    expect(both.admits({ dot: () => logitOf(0.65) } as never, 0, [])).toBe(true);
  });
});

test('a threshold becomes a cut on logits, with nothing above 1 and nothing below 0', () => {
  expect(logitOf(0.5)).toBe(0);
  expect(logitOf(1)).toBe(Number.POSITIVE_INFINITY);
  expect(logitOf(0)).toBe(Number.NEGATIVE_INFINITY);
  expect(logitOf(0.8)).toBeCloseTo(Math.log(4), 12);
});

test('UTF-8 is that of the platform, lone surrogates included', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const bytes = utf8Encode(text);
      expect(bytes).toEqual(new TextEncoder().encode(text));
      expect(utf8Decode(bytes)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    }),
  );
  expect(utf8Encode('\ud800x')).toEqual(new TextEncoder().encode('\ud800x'));
  expect(() => utf8Decode(Uint8Array.of(0xff))).toThrow(URIError);
});
