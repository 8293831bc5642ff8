import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Annotation,
  agreed,
  agreements,
  checkDataSet,
  type DataSetRow,
  mergeAnnotated,
  parseDataSet,
  parseRow,
  rowLine,
  splitRows,
  tokenLabels,
  tokenOffsets,
  withAnnotation,
  withMarksOf,
  withOthersWords,
} from '../src/data-set/index.ts';

const ROW: DataSetRow = {
  version: 1,
  id: 'sum/1',
  domain: 'sums',
  question: 'What is 2 + 3?',
  correct: 'It is 5.',
  wrong: 'It is 6. So 6 😀',
  mistakes: [{ start: 6, end: 7 }],
  provenance: { question: 'by hand', wrong: 'a model, temperature 1' },
};
const said = (annotator: string, decision: Annotation['decision'], start = 6): Annotation => ({
  annotator,
  decision,
  ...(decision === 'mistake' ? { mistakes: [{ start, end: start + 1 }] } : {}),
});

describe('the data set', () => {
  it('reads what it wrote, fields that it does not know included', () => {
    const row = { ...ROW, annotations: [said('ann', 'mistake')], theirs: { kept: true } } as DataSetRow;
    expect(parseRow(rowLine(row), 'a:1')).toEqual(row);
  });

  it.each([
    ['no JSON', '{"version":1', 'it is not JSON'],
    ['a list', '[]', 'no JSON object'],
    ['another version', { version: 2 }, '`version` is 2'],
    ['no id', { id: undefined }, '`id` is missing'],
    ['an id that is a number', { id: 3 }, '`id` is 3'],
    [
      'no answer',
      { correct: undefined, wrong: undefined, mistakes: undefined },
      'neither `correct` nor `wrong`',
    ],
    ['a role that is none', { messages: [{ role: 'me', content: 'x' }] }, 'role system, user or assistant'],
    ['no provenance', { provenance: undefined }, '`provenance` is missing'],
    [
      'a suggestion for other tokens',
      {
        cuts: { tokenizer: 't', starts: [0, 3] },
        suggestion: { head: 'h', threshold: 0.5, scores: [0.1] },
      },
      '1 scores, and `cuts` has 2 tokens',
    ],
    [
      'scores that are none',
      { cuts: { tokenizer: 't', starts: [0] }, suggestion: { head: 'h', threshold: 0.5, scores: [2] } },
      'numbers from 0 to 1',
    ],
    ['no mistakes', { mistakes: [] }, 'no list of 1 to'],
    ['a span outside', { mistakes: [{ start: 6, end: 99 }] }, '6 to 99, and `wrong` has 16 characters'],
    ['a span before', { mistakes: [{ start: -1, end: 2 }] }, '-1 to 2'],
    ['an empty span', { mistakes: [{ start: 6, end: 6 }] }, 'which is empty'],
    ['half a character', { mistakes: [{ start: 14, end: 15 }] }, 'cuts a character in two'],
    ['a fraction', { mistakes: [{ start: 0.5, end: 2 }] }, 'no span'],
    [
      'spans out of order',
      {
        mistakes: [
          { start: 6, end: 7 },
          { start: 3, end: 4 },
        ],
      },
      'before the end 7',
    ],
    ['spans without an answer', { wrong: undefined }, '`wrong` is not'],
    ['a strange decision', { annotations: [said('a', 'maybe' as 'skip')] }, 'none of mistake, correct'],
    ['two words of one', { annotations: [said('a', 'skip'), said('a', 'correct')] }, 'a second word of "a"'],
    [
      'a mistake without a place',
      { annotations: [{ annotator: 'a', decision: 'mistake' }] },
      'annotations[0].mistakes',
    ],
  ])('refuses %s', (_, change, reason) => {
    const line = typeof change === 'string' ? change : JSON.stringify({ ...ROW, ...change });
    const text = `${rowLine({ ...ROW, id: 'first' })}${line}\n`;
    const { rows, faults } = checkDataSet(text, 'rows.jsonl');
    expect(rows.map(({ id }) => id)).toEqual(['first']);
    expect(faults).toHaveLength(1);
    expect(faults[0]!.line).toBe(2);
    expect(faults[0]!.message).toContain('rows.jsonl:2');
    expect(faults[0]!.message).toContain(reason);
    expect(() => parseDataSet(text, 'rows.jsonl')).toThrow(reason);
  });

  it('refuses an id twice, and names both lines', () => {
    const { faults } = checkDataSet(`${rowLine(ROW)}\n${rowLine(ROW)}`, 'x');
    expect(faults.map(({ message }) => message)).toEqual([expect.stringContaining('x:3')]);
    expect(faults[0]!.message).toContain('line 1 has');
  });

  it('never throws anything but its own error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (line) => {
        const { rows, faults } = checkDataSet(line, 'x');
        return rows.length === 0 && faults.every(({ line: at }) => at >= 1);
      }),
    );
  });

  it.each<[string, readonly Annotation[], string]>([
    ['nobody', [], 'open'],
    ['one', [said('a', 'mistake')], 'mistake'],
    ['as many as', [said('a', 'mistake'), said('b', 'correct')], 'open'],
    ['most', [said('a', 'correct'), said('b', 'correct'), said('c', 'mistake')], 'correct'],
    ['who skipped', [said('a', 'skip'), said('b', 'correct')], 'correct'],
    ['who flagged', [said('a', 'mistake'), said('b', 'flag')], 'open'],
  ])('agrees on what %s says', (_, annotations, decision) => {
    const { mistakes: _mistakes, ...row } = ROW;
    expect(agreed({ ...row, annotations }).decision).toBe(decision);
  });

  it('takes the mistake whose place is the median', () => {
    const { mistakes: _mistakes, ...row } = ROW;
    const annotations = [said('a', 'mistake', 9), said('b', 'mistake', 2), said('c', 'mistake', 6)];
    expect(agreed({ ...row, annotations })).toMatchObject({ mistakes: [{ start: 6 }] });
  });

  it('reckons Cohen’s kappa as by hand', () => {
    // 20 and 15 of 50 rows agreed on, 5 and 10 not: Wikipedia's example, kappa 0.4
    const counts = [
      ['mistake', 'mistake', 20],
      ['mistake', 'correct', 5],
      ['correct', 'mistake', 10],
      ['correct', 'correct', 15],
    ] as const;
    const rows = counts.flatMap(([a, b, count], group) =>
      Array.from({ length: count }, (_, i) => ({
        ...ROW,
        id: `${group}/${i}`,
        annotations: [said('a', a), said('b', b)],
      })),
    );
    const [only] = agreements(rows);
    expect(only).toMatchObject({ first: 'a', second: 'b', rows: 50, same: 0.7, marked: 20, samePlace: 1 });
    expect(only!.kappa).toBeCloseTo(0.4, 12);
  });

  it('merges two copies; the later word of one annotator stands', () => {
    const ours = [withAnnotation(ROW, { ...said('a', 'skip'), at: '2026-01-02' })];
    const theirs = [
      withAnnotation(
        withAnnotation(ROW, { ...said('a', 'correct'), at: '2026-01-01' }),
        said('b', 'correct'),
      ),
      { ...ROW, id: 'other' },
    ];
    const merged = mergeAnnotated(ours, theirs);
    expect(merged.map(({ id }) => id)).toEqual(['sum/1', 'other']);
    expect(merged[0]!.annotations!.map((one) => [one.annotator, one.decision])).toEqual([
      ['a', 'skip'],
      ['b', 'correct'],
    ]);
  });

  it('keeps what others wrote meanwhile, and takes back one’s own', () => {
    const ours = [withAnnotation(ROW, said('a', 'correct')), { ...ROW, id: 'undone' }];
    const stored = [
      withAnnotation(withAnnotation(ROW, said('a', 'skip')), said('b', 'mistake')),
      withAnnotation({ ...ROW, id: 'undone' }, said('a', 'skip')),
    ];
    const written = withOthersWords(ours, stored, 'a');
    expect(
      written.map(({ annotations = [] }) => annotations.map((one) => [one.annotator, one.decision])),
    ).toEqual([
      [
        ['b', 'mistake'],
        ['a', 'correct'],
      ],
      [],
    ]);
  });

  it('splits by problem', () => {
    const rows = Array.from({ length: 60 }, (_, i) => ({ ...ROW, id: `${i}`, problem: `p${i % 20}` }));
    let turn = 0;
    const { rest, part } = splitRows(rows, 0.5, () => (turn++ % 2 === 0 ? 0.1 : 0.9));
    const problems = (some: readonly DataSetRow[]) => new Set(some.map(({ problem }) => problem));
    expect(rest.length + part.length).toBe(60);
    for (const problem of problems(part)) expect(problems(rest).has(problem)).toBe(false);
  });
});

/** Cuts a text into tokens of at most `size` bytes: also through characters. */
const byteTokenizer = (size: number, prefix = '') => {
  const pieces: Uint8Array[] = [];
  return {
    encode: (text: string) => {
      const bytes = new TextEncoder().encode(prefix + text);
      const ids: number[] = [];
      for (let at = 0; at < bytes.length; at += size) ids.push(pieces.push(bytes.slice(at, at + size)) - 1);
      return ids;
    },
    bytesOf: (id: number) => pieces[id]!.slice(),
  };
};

describe('spans and tokens', () => {
  it('finds every token where it lies', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom('', ' '),
        (text, size, prefix) => {
          const { tokens, spans } = tokenOffsets(text, byteTokenizer(size, prefix));
          expect(spans).toHaveLength(tokens.length);
          // nothing is left out, and nothing goes backwards
          let covered = 0;
          for (const { start, end } of spans) {
            expect(start).toBeLessThanOrEqual(covered);
            expect(end).toBeGreaterThanOrEqual(covered);
            covered = end;
          }
          expect(covered).toBe(text.length);
        },
      ),
    );
  });

  it('refuses a tokenizer that changes the text, and names the place', () => {
    const lower = byteTokenizer(3);
    const changing = { ...lower, encode: (text: string) => lower.encode(text.toLowerCase()) };
    expect(() => tokenOffsets('one Two', changing)).toThrow('what stands at 4 ("Two")');
  });

  it.each([
    ['the token it overlaps', [{ start: 6, end: 7 }], 'oowdd'],
    ['two that it overlaps', [{ start: 5, end: 7 }], 'owwdd'],
    ['right again once it is taken back', [{ start: 6, end: 7, recovered: true }], 'oowoo'],
    [
      'two mistakes',
      [
        { start: 0, end: 1, recovered: true },
        { start: 6, end: 7 },
      ],
      'wowdd',
    ],
  ])('labels %s', (_, mistakes, letters) => {
    expect(tokenLabels(tokenOffsets('It is 6. So 6', byteTokenizer(3)), mistakes, 'x:1')).toBe(letters);
  });

  it('refuses a mistake that touches no token', () => {
    const offsets = { tokens: [1], spans: [{ start: 0, end: 2 }] };
    expect(() => tokenLabels(offsets, [{ start: 3, end: 4 }], 'rows.jsonl:7')).toThrow('rows.jsonl:7');
  });
});

describe('rows that are made anew', () => {
  const { mistakes: _, ...unmarked } = ROW;
  const plain = (id: string, wrong = 'It is 6.'): DataSetRow => ({ ...unmarked, id, wrong });

  it('keep what people said of the same answers; marks on others are told', () => {
    const before = [
      withAnnotation(plain('a'), said('ann', 'mistake')),
      withAnnotation(plain('b'), said('ann', 'correct')),
      plain('c'),
      withAnnotation(plain('gone'), said('bob', 'skip')),
      plain('gone too'),
    ];
    const fresh = [plain('a'), plain('b', 'It is 7.'), plain('c', 'It is 8.'), plain('d')];
    const { rows, lost } = withMarksOf(before, fresh);
    expect(lost).toEqual(['b']);
    expect(rows.map(({ id, wrong, annotations }) => [id, wrong, annotations?.[0]?.annotator])).toEqual([
      ['a', 'It is 6.', 'ann'],
      ['b', 'It is 7.', undefined],
      ['c', 'It is 8.', undefined],
      ['d', 'It is 6.', undefined],
      ['gone', 'It is 6.', 'bob'],
    ]);
  });

  it('nothing before is nothing kept', () => {
    expect(withMarksOf([], [plain('a')])).toEqual({ rows: [plain('a')], lost: [] });
  });
});
