import { BOUNDS } from './bounds.ts';
import type { ChangePhrase } from './list-phrases.ts';
import type { QuestionPhrase } from './list-questions.ts';
import { type Pattern, parsePattern } from './pattern.ts';
import type { GroupPhrase } from './table-phrases.ts';
import type { CountPhrase } from './table-who-phrases.ts';
import type {
  ChangePhrase as ChangePhraseOfStory,
  StartPhrase,
  QuestionPhrase as WordQuestion,
} from './word-phrases.ts';

/*
 * What people type and no drawn problem says: it is read, so that a problem is known, and never drawn, so that drawn
 * problems stay what they are. A form is here only where the pocket pair's target had at least 95 % right of 30 fresh
 * problems in it (`fresh-forms.jsonl` in tools/pocket-eval); table cells in words (31 of 45) are not.
 */

const patterns = <T extends object>(
  meaning: T,
  ...sources: readonly string[]
): (T & { pattern: Pattern })[] => sources.map((source) => ({ ...meaning, pattern: parsePattern(source) }));

/** What stands before a sentence or behind it and says nothing. */
export const WORD_LEAD = parsePattern(
  "(at the (first|second|third|next|following|last) stop(,|) |once upon a time(,|) |(suppose|imagine|say|let's say|let us say) (that |))",
);
export const TABLE_LEAD = parsePattern('(question|q): ');
export const LIST_LEAD = parsePattern('(hi|hello|hey)(,|!|.|) ');
export const LIST_TAIL = parsePattern(' in this list');

export const TABLE_ASKS: readonly GroupPhrase[] = [
  ...patterns(
    { reduction: 'sum', scope: 'some' } as const,
    'sum of {w}',
    'what is the price of {w} together',
    'how many {w} ((do|did) (we|i|they|you) have |)(together|in total|altogether)',
  ),
  ...patterns(
    { reduction: 'sum', scope: 'one' } as const,
    'value of {w}',
    'which number belongs to {w}',
    '(look up|find|read|tell me|show me|give me|i need) the (number|value|number of {i}) (for|of) {w}',
    "what (are|were) {w}'s {i}",
    "what was {w}'s {q}",
  ),
];

export const TABLE_DIFFERENCES = patterns({ between: 'rows' } as const, 'how many more {w} than {v}');

export const TABLE_COUNTS: readonly CountPhrase[] = patterns(
  { kind: 'count', test: 'above' } as const,
  'how many have a (number|value|score) of more than {n}{u}',
  'how many {nn} have a (number|value|score) of more than {n}{u}',
);

const ABOVE = BOUNDS.filter(([test]) => test === 'above');

/** "Which of 3, 8, 5 are even", "which numbers in 3, 8, 5 are greater than 4". */
const whichOf = (words: string): string =>
  `(which|what) (of {l}|{nn} (in|of|from) {l}|of the {nn} {l}|of these {nn}) are ${words}`;

export const LIST_CHANGES: readonly ChangePhrase[] = [
  ...(['even', 'odd'] as const).flatMap((test) =>
    patterns({ shape: { kind: 'keep', test } } as const, `${whichOf(test)}(: {l}|)`),
  ),
  ...ABOVE.flatMap(([test, words]) => patterns({ shape: { kind: 'keep', test } } as const, whichOf(words))),
  ...patterns(
    { shape: { kind: 'insert', end: 'last' } } as const,
    'insert {e} at (the|its) end( of {l}| of the list|)',
  ),
];

export const LIST_QUESTIONS: readonly QuestionPhrase[] = [
  ...patterns({ questions: ['largest'] } as const, 'which is (biggest|largest|highest|greatest)(: {l}|)'),
  ...patterns({ questions: ['smallest'] } as const, 'which is (smallest|lowest)(: {l}|)'),
  ...patterns({ questions: ['count'] } as const, 'how many {nn} are in my list(:|) {l}'),
  ...patterns(
    { questions: ['sum'] } as const,
    'add: {l}',
    'what is {l} added (up|together)',
    'what is the sum of (what stays|what remains|the rest)',
    'add up whatever (is left|stays|remains)',
  ),
];

export const LIST_FILTERED = [
  ...ABOVE.flatMap(([test, words]) =>
    patterns(
      { shape: { kind: 'keep', test }, question: 'count' } as const,
      `how many (of {l}|{nn} (in|of|from) {l}|of the {nn} {l}) are ${words}`,
    ),
  ),
  ...patterns(
    { shape: { kind: 'keep', test: 'above' }, question: 'count' } as const,
    'on how many days was it (more|warmer) than {n}{u}',
  ),
];

/** "8 red pens and 6 blue pens": more of the same, at the start. */
export const ANOTHER_KIND: Pattern = parsePattern('{n} {adj} {i}');

const BUY = '<have|buy|get|own|order|find|collect>';
const EACH_HOLDS = '(each|every) {k1} (has|had|contains|contained|holds|held) {b}( {i}|)';

export const WORD_STARTS: readonly StartPhrase[] = [
  ...patterns(
    { frame: 'person', kind: 'packs' } as const,
    `{o} ${BUY} {a} {k} of {i}(. |, and |, |; )${EACH_HOLDS}`,
    `{o} ${BUY} {a} {k} of {i}(. |, and |, |; )there (are|were) {b} {i} in (each|every) {k1}`,
    '{o} <have|buy|own|plant|set up|fill|make> {a} {k} with {b} {i} in (each|every) {k1}',
  ),
  ...patterns(
    { frame: 'person', kind: 'plain' } as const,
    '{o} <collect|like|love|keep|save> {i}(.|, and|:|;) {s} <have|own|have got> {n} {i}',
    'there (is|was) a (girl|boy|man|woman) (named|called) {o}. {s} <have> {n} {i}',
    '{o} <have> {n} {i} in total',
    '{o} <have> a {c} (of|with) {n} {i} in it',
    '{o} <collect|like|love|keep|save> {i} and <have|own|have got> {n}( {i}|)',
  ),
];

export const WORD_CHANGES: readonly ChangePhraseOfStory[] = patterns(
  { frame: 'person', operation: '+' } as const,
  '{o} <get|receive> {n} {i} as a birthday present',
  '{o} <go> to the (store|shop|market) and <buy> ({n} {i}|{n} more {i})',
);

const at = '(| now| left| at the end| in the end)';

export const WORD_QUESTIONS: readonly WordQuestion[] = patterns(
  { frame: 'person', asked: 'now' } as const,
  `(can you |could you |)(tell me|say|let me know) how many {i} {o} {has}${at}`,
  `(i want to know|i would like to know|do you know) how many {i} {o} {has}${at}`,
  `how many of (them|the {i}|{p} {i}) (are left|remain|are there|{does} {o} have|{does} {o} still have)${at}`,
);
