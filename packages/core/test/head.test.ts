import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  JudgeDecodingError,
  type JudgeHead,
  readHead,
  readHeads,
  utf8Decode,
  utf8Encode,
  writeHead,
  writeHeads,
} from '../src/index.ts';
import { head, measured } from './a-head.ts';

test('a head survives its file, bit for bit', () => {
  expect(readHead(writeHead(head))).toEqual(head);
});

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
