import type { DataSetRow } from '@judge-decoding/train/data-set';
import { expect, test } from 'vitest';
import {
  beginMarking,
  decided,
  type Marking,
  type Move,
  mistakeAt,
  moved,
} from '../../src/annotate/marking.ts';

const ROW: DataSetRow = {
  version: 1,
  id: 'a',
  domain: 'd',
  question: 'q',
  wrong: 'It is six, so 6.',
  provenance: {},
};
const WITH_TOKENS: DataSetRow = { ...ROW, cuts: { tokenizer: 't', starts: [0, 2, 5, 7, 9, 10, 13, 15] } };
const go = (marking: Marking, ...moves: Move[]) => moves.reduce(moved, marking);
const textAt = (marking: Marking) => {
  const { start, end } = mistakeAt(marking);
  return marking.row.wrong!.slice(start, end);
};

test.each<[string, DataSetRow, Move[], string]>([
  ['the first word', ROW, [], 'It'],
  ['a word on', ROW, ['right'], ' is'],
  ['no further than the end', ROW, Array<Move>(20).fill('right'), ' 6.'],
  ['no further than the beginning', ROW, ['left', 'left'], 'It'],
  ['a token on', WITH_TOKENS, ['right', 'right'], ' s'],
  ['a word of tokens on', WITH_TOKENS, ['word-right', 'word-right', 'word-right'], ' so'],
  ['and a word back', WITH_TOKENS, ['end', 'word-left'], ' 6'],
  ['to the end', WITH_TOKENS, ['end'], '.'],
])('the cursor goes to %s', (_, row, moves, text) => {
  expect(textAt(go(beginMarking(row), ...moves))).toBe(text);
});

test('a mistake may have an end, whichever was marked first', () => {
  const begin = beginMarking(WITH_TOKENS);
  const marked = { ...go(begin, 'right', 'right'), from: 2 };
  expect(textAt(go(marked, 'right', 'right'))).toBe(' six,');
  expect(textAt(go(marked, 'left'))).toBe(' is s');
});

test('a decision says who, where, how long and what was noted', () => {
  const marking = { ...go(beginMarking(ROW), 'right'), note: 'odd' };
  const by = { annotator: 'ann', seconds: 2.345, at: '2026-01-01T00:00:00Z' };
  expect(decided(marking, 'mistake', by)).toEqual({
    annotator: 'ann',
    decision: 'mistake',
    mistakes: [{ start: 2, end: 5 }],
    note: 'odd',
    seconds: 2.3,
    at: by.at,
  });
  expect(decided(marking, 'correct', by)).not.toHaveProperty('mistakes');
});
