import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  admissionRow,
  buildRule,
  checkRows,
  exampleTextOf,
  findRule,
  GREEDY,
  isWithin,
  JudgeDecodingError,
  needsOf,
  parseRule,
  RULES,
  type RuleRow,
  sayNeeds,
  sayRange,
  sayRule,
  signatureOf,
  valuesOf,
} from '../src/index.ts';
import { HEAD_STAND_IN as HEAD } from '../src/rules/rule-row.ts';
import { madeUpRound } from './round.ts';

describe.each(RULES.map((row) => [row.name, row] as const))('%s', (name, row) => {
  test('can be written, read, built and said', () => {
    const text = exampleTextOf(row);
    const spec = parseRule(text);
    expect(sayRule(spec)).toBe(text);
    const { decoding } = needsOf(row);
    const sampling = decoding === 'sampling' ? { temperature: 1 } : GREEDY;
    const { base, admission } = buildRule(spec, { sampling, head: HEAD });
    if (row.kind === 'admission') {
      expect(admission!.name).toBe(name);
      expect(row.lossless).toBe(false);
    } else {
      expect(admission).toBeUndefined();
      expect(base.lossless).toBe(row.lossless);
    }
  });

  test('says what it is in one sentence, from where, and what it needs', () => {
    expect(row.sentence).toMatch(/^[^.].{15,}[^.]$/);
    expect(row.source).not.toBe('');
    expect(sayNeeds(row)).not.toBe('');
    expect(signatureOf(row)).toMatch(new RegExp(`^${name}`));
  });

  test('every default and example is within its range, and what lies outside is refused', () => {
    for (const [index, parameter] of row.parameters.entries()) {
      const usual = typeof parameter.default === 'number' ? parameter.default : (parameter.example ?? 0.5);
      expect(isWithin(usual, parameter), sayRange(parameter)).toBe(true);
      const given = row.parameters.map((each) =>
        typeof each.default === 'number' ? each.default : (each.example ?? 0.5),
      );
      for (const outside of [Number.NaN, Number.POSITIVE_INFINITY, -1e9]) {
        const numbers = given.map((value, at) => (at === index ? outside : value));
        expect(() => valuesOf(row, numbers)).toThrow(sayRange(parameter));
        // the rule's own function holds the same range
        const values = Object.fromEntries(row.parameters.map((each, i) => [each.name, numbers[i]]));
        expect(() => row.build(values, { sampling: GREEDY, head: HEAD })).toThrow(sayRange(parameter));
      }
    }
  });
});

test('names differ, and an unknown one is answered with the nearest', () => {
  expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
  expect(() => findRule('margn')).toThrow('Did you mean margin?');
});

test.each([
  [{}, 'a number'],
  [{ least: 0, most: 1 }, 'a number from 0 to 1'],
  [{ least: 0, below: 1 }, 'a number from 0, below 1'],
  [{ whole: true, least: 1 }, 'a whole number of at least 1'],
  [{ above: 0 }, 'a number above 0'],
  [{ above: 0, most: 1 }, 'a number above 0, at most 1'],
  [{ above: 0, below: 1 }, 'a number above 0, below 1'],
  [{ most: 3 }, 'a number of at most 3'],
  [{ below: 3 }, 'a number below 3'],
] as const)('%j is said as %s', (range, said) => {
  expect(sayRange(range)).toBe(said);
});

test('a value is within a range if and only if it keeps every bound', () => {
  fc.assert(
    fc.property(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), (value, bound) => {
      expect(isWithin(value, { least: bound })).toBe(value >= bound);
      expect(isWithin(value, { above: bound })).toBe(value > bound);
      expect(isWithin(value, { most: bound })).toBe(value <= bound);
      expect(isWithin(value, { below: bound })).toBe(value < bound);
      expect(isWithin(value + 0.5, { whole: true })).toBe(false);
    }),
  );
});

describe('rows of others', () => {
  const sound = {
    name: 'near-miss',
    kind: 'admission',
    parameters: [{ name: 'gap', above: 0, default: 0.5 }],
    sentence: 'the two likeliest are close, and the token is one of them',
    source: 'an example',
    build: ({ gap }: { gap: number }) => ({
      name: 'near-miss',
      needs: { target: { top: 2 }, draft: 'nothing' },
      decoding: 'either',
      admits: (
        round: { belief: { top(index: number, n: number): { logProb: number }[] } },
        index: number,
      ) => {
        const [first, second] = round.belief.top(index, 2);
        return first!.logProb - second!.logProb < gap;
      },
    }),
  };
  const check = (row: unknown, known?: readonly RuleRow[]) =>
    checkRows(row, { where: 'mine.mjs', ...(known ? { known } : {}) });

  test('a sound row is read, and stands beside ours', () => {
    const rules = [
      ...RULES,
      ...check(sound),
      ...check([{ ...sound, name: 'other', build: () => ({ ...sound.build({ gap: 1 }), name: 'other' }) }]),
    ];
    const { admission } = buildRule(
      parseRule('near-miss:0.7+kl:0.3', { rules }),
      { sampling: GREEDY },
      rules,
    );
    expect(admission!.name).toBe('near-miss|kl');
    const { admission: alone } = buildRule(parseRule('near-miss', { rules }), { sampling: GREEDY }, rules);
    expect(
      alone!.admits(
        madeUpRound({
          draft: [0],
          logits: [
            [1, 1.2],
            [0, 0],
          ],
        }),
        0,
        [],
      ),
    ).toBe(true);
    expect(
      alone!.admits(
        madeUpRound({
          draft: [0],
          logits: [
            [1, 1.8],
            [0, 0],
          ],
        }),
        0,
        [],
      ),
    ).toBe(false);
  });

  const built = (facts: object) => ({ ...sound, build: () => ({ ...sound.build({ gap: 1 }), ...facts }) });
  test.each([
    ['no row', 5, 'got number'],
    ['null', null, 'got null'],
    ['an empty list', [], 'there is none'],
    ['too many', Array(101).fill(sound), 'at most 100'],
    ['a name of ours', { ...sound, name: 'kl' }, 'the name kl is taken'],
    ['the name of a source', { ...sound, name: 'bonus' }, 'the name bonus is taken'],
    ['a name twice', [sound, sound], 'the name near-miss is taken'],
    ['a name with a blank', { ...sound, name: 'a b' }, 'small letters'],
    ['another kind', { ...sound, kind: 'guard' }, '`base` or `admission`'],
    ['no sentence', { ...sound, sentence: ' ' }, 'has no sentence'],
    ['no source', { ...sound, source: undefined }, 'has no source'],
    ['a lossless admission', { ...sound, lossless: true }, 'none is lossless'],
    ['a base that does not say', { ...sound, kind: 'base' }, 'lossless of near-miss'],
    ['no build', { ...sound, build: 3 }, 'build of near-miss is a function, got 3'],
    ['no parameters', { ...sound, parameters: undefined }, 'parameters of near-miss are a list'],
    ['a parameter without a name', { ...sound, parameters: [{}] }, 'has the name undefined'],
    ['one without an example', { ...sound, parameters: [{ name: 'x' }] }, 'neither a default nor an example'],
    [
      'a default out of range',
      { ...sound, parameters: [{ name: 'x', least: 1, default: 0 }] },
      'not a number of at least 1',
    ],
    [
      'a bound that is no number',
      { ...sound, parameters: [{ name: 'x', least: '1', default: 0 }] },
      'least "1"',
    ],
    [
      'one that must be given behind one that need not',
      {
        ...sound,
        parameters: [
          { name: 'x', default: 1 },
          { name: 'y', example: 1 },
        ],
      },
      'parameter 2 of near-miss must be given',
    ],
    [
      'a build that fails',
      {
        ...sound,
        build: () => {
          throw new TypeError('oh');
        },
      },
      'failed while being built: TypeError: oh',
    ],
    ['a build that makes nothing', { ...sound, build: () => undefined }, 'built wrongly: it is undefined'],
    ['another name built', built({ name: 'x' }), 'its name is "x", not near-miss'],
    ['no admits', built({ admits: undefined }), 'no function `admits`'],
    ['no needs', built({ needs: undefined }), 'needs.target'],
    ['an unknown need of the draft', built({ needs: { target: {}, draft: 'all' } }), 'got "all"'],
    ['an unknown decoding', built({ decoding: 'beam' }), 'greedy or either, got "beam"'],
  ])('%s is refused, naming the file', (_, row, message) => {
    expect(() => check(row)).toThrow(message);
    expect(() => check(row)).toThrow('mine.mjs');
    try {
      check(row);
    } catch (error) {
      expect(JudgeDecodingError.is(error, 'invalid-file')).toBe(true);
    }
  });

  test.each([
    ['a promise', () => Promise.resolve(false), 'must answer true or false, got a promise'],
    ['nothing', () => undefined, 'must answer true or false, got undefined'],
    [
      'a fault',
      () => {
        throw new RangeError('no row');
      },
      'failed while asked about a token: RangeError: no row',
    ],
  ])('an answer that is %s ends the generation and names the rule', (_, admits, message) => {
    const [row] = check(built({ admits }));
    const admission = row!.build({ gap: 1 }, { sampling: GREEDY }) as unknown as ReturnType<
      typeof sound.build
    >;
    expect(() => admission.admits(undefined as never, 0)).toThrow(`mine.mjs: the rule near-miss ${message}`);
  });
});

test('a row of ours knows its numbers by name and type', () => {
  const row = admissionRow({
    name: 'typed',
    parameters: [
      { name: 'must', example: 1 },
      { name: 'may', default: 'elsewhere' },
    ],
    sentence: 'for the types alone',
    source: 'a test',
    build({ must, may }) {
      const sure: number = must;
      const perhaps: number | undefined = may;
      return {
        ...findRule('floor').build({ least: 0.1 }, { sampling: GREEDY }),
        name: `${sure} ${perhaps}`,
      } as never;
    },
  });
  expect(row.build(valuesOf(row, [3]), { sampling: GREEDY }).name).toBe('3 undefined');
});
