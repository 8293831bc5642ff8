import type { Change } from './list-facts.ts';
import { type Pattern, parsePattern } from './pattern.ts';

const it =
  '(it|the list|them|the numbers|all numbers|these numbers|this list|the following numbers|these|the following list|all of them|the result|what is left|the remaining numbers)';
const each =
  '(each number|every number in the list|each number in the list|each of the numbers|each of these numbers|every one of them|all the numbers|every number|each|each of them|all numbers|every one|each one|all of them|every entry|each entry|every element|each element|everything)';
export const num = '(number|one|entry|element|item)';
export const nums = '(numbers|ones|entries|elements|values|items)';

/** A change without its numbers, and how it may be asked for. `{n}` is the number in it, `{l}` the list. */
export type ChangeShape =
  | { readonly kind: 'sort'; readonly order: 'ascending' | 'descending' }
  | { readonly kind: 'keep'; readonly test: 'even' | 'odd' | 'above' | 'below' | 'at least' | 'at most' }
  | { readonly kind: 'reverse' }
  | { readonly kind: 'drop'; readonly end: 'first' | 'last' | 'largest' | 'smallest' }
  | { readonly kind: 'add' | 'take' | 'times' }
  | { readonly kind: 'insert'; readonly end: 'first' | 'last' };

export interface ChangePhrase {
  readonly pattern: Pattern;
  readonly shape: ChangeShape;
  /** Where the sentence has no number of its own: "double". */
  readonly by?: number;
  /** Said once, done so often: "drop the first two numbers". */
  readonly times?: number;
}

const says = (shape: ChangeShape, ...sources: readonly string[]): ChangePhrase[] =>
  sources.map((source) => ({ shape, pattern: parsePattern(source) }));

const sorting = (order: 'ascending' | 'descending', words: string, ends: string): ChangePhrase[] =>
  says(
    { kind: 'sort', order },
    `(sort|put|arrange|order|bring) ${it} (in|into) ${order} order`,
    `(sort|put|arrange|order) ${it} (in|into) ${order} order`,
    `(sort|order|arrange) ${it} ${words}`,
    `(sort|order|arrange) ${it} from ${ends}`,
    `put ${it} in order(,|) (from |)${ends}`,
    `(sort|arrange|order|line up|rank) ${it}(,|) (from |)${ends}`,
    `(sort|put|arrange|line up) ${it} (so that it goes|going|so that they go) (from |)${ends}`,
    `(sort|order) (from |)${ends}`,
    `(put|arrange) ${it} in order of size(,|) (from |)${ends}`,
    `sort (${order}|${words})`
      .replace('(ascending|', '(in ascending order|')
      .replace('(descending|', '(in descending order|'),
  );

export const CHANGES: readonly ChangePhrase[] = [
  ...sorting(
    'ascending',
    '(ascending|ascendingly|upwards|by size|from small to large)',
    '(smallest to largest|small to large|low to high|lowest to highest|least to greatest|small to big)',
  ),
  ...says(
    { kind: 'sort', order: 'ascending' },
    `sort ${it}`,
    'sort',
    'put (them|it|the numbers) in order',
    `put ${it} in increasing order`,
    `sort ${it} in increasing order`,
    'sort upwards',
    '(order|arrange) (them|it|the numbers) by size',
    'sort (the list |it |them |)with the smallest first',
  ),
  ...sorting(
    'descending',
    '(descending|downwards|from large to small)',
    '(largest to smallest|large to small|high to low|highest to lowest|greatest to least|big to small)',
  ),
  ...says(
    { kind: 'sort', order: 'descending' },
    'sort (the list |it |them |)with the largest first',
    `sort ${it} backwards`,
    `(sort|put|arrange) ${it} in decreasing order`,
    `(sort|put) ${it} in reverse order`,
    'sort downwards',
  ),
  ...says(
    { kind: 'reverse' },
    `(reverse|flip|turn around|invert) (it|the list|the order|them)`,
    'turn (it|the list|them) around',
    `read (it|the list) backwards`,
    `reverse the (list|order)( of the numbers|)`,
    `write (it|them|the list) backwards`,
    'reverse',
    'reverse (these numbers|this list|the result|what is left|the remaining numbers|everything|their order|its order)',
    'turn the order around',
    'put (it|them|the list) in reverse( order|)',
    'read (them|the numbers) from back to front',
    'flip the order',
  ),
  ...(['even', 'odd'] as const).flatMap((test) => {
    const other = test === 'even' ? 'odd' : 'even';
    return [
      ...says(
        { kind: 'keep', test },
        `keep (only |)(the |)${test} ${nums}`,
        `keep (only |)what is ${test}`,
        `(remove|drop|delete|throw out|leave out|take out|throw away|discard|get rid of|cross out) (all |all the |the |every |)${other} (${nums}|number)`,
        `(remove|drop|delete|throw out) (everything|all|what|anything) that is ${other}`,
        `only (keep|take|the) (the |)${test} ${nums}( stay| are kept|)`.replace(
          '(keep|take|the)',
          '(keep|take)',
        ),
        `(pick|choose|select|leave|retain|hold on to|pick out) (only |)(the |)${test} ${nums}`,
        `keep only (what is|those that are|the ones that are|numbers that are) ${test}`,
        `(remove|delete|drop|throw away|take away|strike|erase|filter out) (all |all the |every |the |)${other} (${nums}|number)( from it| from the list|)`,
        `(remove|drop) the ${nums} that are ${other}`,
        `keep (the |)${test} ${nums} (only|and drop the rest)`,
      ),
    ];
  }),
  ...(
    [
      ['above', '(above|over|greater than|larger than|bigger than|more than|higher than)', 'at most'],
      ['below', '(below|under|less than|smaller than|lower than)', 'at least'],
      ['at least', '(of at least|not below)', 'below'],
      ['at most', '(of at most|not above|up to)', 'above'],
    ] as const
  ).flatMap(([test, words, opposite]) => [
    ...says(
      { kind: 'keep', test },
      `keep (only |)(the |)${nums} ${words} {n}`,
      `(pick|choose|select) (only |)(the |)${nums} ${words} {n}`,
      ...(test === 'above' || test === 'below'
        ? [
            `keep (only |)(what|everything|all) (that |)is ${words} {n}`.replace(
              '(what|everything|all) (that |)is',
              '(what is|everything that is|all that is)',
            ),
            `keep (only |)(everything|what is|all) ${words} {n}`,
          ]
        : []),
    ),
    ...says(
      { kind: 'keep', test: opposite },
      `(remove|drop|delete|throw out|leave out|take out|discard|get rid of|cross out) (all |all the |the |every |)(${nums}|number) ${words} {n}`,
      ...(test === 'above' || test === 'below'
        ? [
            `(remove|drop|delete|throw out|leave out|discard) (everything|all|anything|what is|everything that is) ${words} {n}`,
          ]
        : []),
    ),
  ]),
  ...(['first', 'last', 'largest', 'smallest'] as const).flatMap((end) => {
    const word =
      end === 'largest'
        ? '(largest|biggest|highest|greatest)'
        : end === 'smallest'
          ? '(smallest|lowest|least)'
          : end;
    return says(
      { kind: 'drop', end },
      `(drop|remove|delete|leave out|take away|throw out|take out|throw away|discard|cross out|get rid of|cut|erase) the ${word} ${num}`,
      `(drop|remove|delete|leave out) the ${word} ${num}( from the list| of the list| in the list|)`,
      `(drop|remove|delete|leave out|throw away|take away) the ${word}`,
      `(remove|drop|take) the ${word} (${num} |)(off|away|out)`,
    );
  }),
  ...(['first', 'last'] as const).flatMap((end) =>
    ([2, 3] as const).flatMap((times) =>
      says(
        { kind: 'drop', end },
        `(drop|remove|delete|leave out|throw out|take away|cross out|cut) the ${end} (${times}|${times === 2 ? 'two' : 'three'})( ${nums}|)`,
      ).map((phrase) => ({ ...phrase, times })),
    ),
  ),
  ...says(
    { kind: 'add' },
    `add {n} to ${each}`,
    `(raise|increase|lift|bump|push up) ${each} by {n}`,
    `(add|put) {n} (more |)(to|on|onto) ${each}`,
    `add {n} (everywhere|to all of it|to the numbers|to what is left|to all that is left|to all the rest)`,
    `make ${each} bigger by {n}`,
    `(raise|increase) (the numbers|them|all) by {n}`,
    `add {n} to (all|them all|them)`,
    `make ${each} {n} (larger|bigger|more|higher)`,
  ),
  ...says(
    { kind: 'take' },
    `(subtract|take|take away|deduct) {n} from ${each}`,
    `(lower|decrease|reduce|cut|shrink) ${each} by {n}`,
    `(subtract|take off|take|remove) {n} (off|from) ${each}`,
    `make ${each} smaller by {n}`,
    `(subtract|take) {n} (everywhere|from the numbers|from what is left)`,
    `(lower|decrease|reduce) (the numbers|them|all) by {n}`,
    `make ${each} {n} (smaller|less|lower)`,
  ),
  ...says(
    { kind: 'times' },
    `multiply ${each} (by|with) {n}`,
    `make ${each} {n} times as (large|big)`,
    `times ${each} by {n}`,
    'multiply (everything|it|the list|what is left|these numbers|each of these) by {n}',
    `multiply (the numbers|them|all) by {n}`,
  ),
  ...says(
    { kind: 'times' },
    `double ${each}`,
    'double (the numbers|them|it|the list|all|these numbers|what is left)',
    `multiply ${each} by two`,
  ).map((phrase) => ({ ...phrase, by: 2 })),
  ...says({ kind: 'times' }, `triple ${each}`, 'triple (the numbers|them|all)').map((phrase) => ({
    ...phrase,
    by: 3,
  })),
  ...says(
    { kind: 'insert', end: 'last' },
    '(put|append|add|write|place|attach) {n} (at|to|on|onto) the end( of the list|)',
    'append {n}( to the list|)',
    'add the number {n} to the list',
  ),
  ...says(
    { kind: 'insert', end: 'first' },
    '(put|add|write|place|insert) {n} (at|to) the (front|start|beginning|top)( of the list|)',
    'prepend {n}( to the list|)',
  ),
];

/** The shape a change has. */
export function shapeOf(change: Change): ChangeShape {
  switch (change.kind) {
    case 'keep':
      return { kind: 'keep', test: change.test };
    case 'add':
    case 'take':
    case 'times':
      return { kind: change.kind };
    case 'insert':
      return { kind: 'insert', end: change.end };
    default:
      return change;
  }
}

/** The first sentence, which has the list; {title} is any few words. */
export const HEADS: readonly Pattern[] = [
  'start with the list {l}',
  'start with the list {l}',
  '(start|begin) (with|from) (the list |the numbers |the list: |the numbers: |this list: |these numbers: |){l}',
  '(take|consider|use|look at|write down|given|given are|you have|we have|i have|imagine|you are given|suppose you have|think of|here you have|i wrote down|i have written down|let us take|let us start with|we start with|you start with|i start with|we begin with) (the list |the numbers |these numbers: |this list: |a list: |the following numbers: |the list: |the following list: |a list of numbers: |some numbers: |a list with |){l}',
  '(here is|this is) (a|the|my|our) list(:|) {l}',
  'here are (some |the |my |our |){title}(:|) {l}',
  'these are (the |my |our |){title}(:|) {l}',
  '(the|my|our) {title} are(:|) {l}',
  '{title}: {l}',
  '{title}: {l}',
  '{title} {l}',
  '(list|numbers|my list|my numbers|the numbers|the list|values|data|input|a list|list of numbers)(:| =|) {l}',
  '(the list is|the numbers are|my list is|my numbers are|there is a list:|there are the numbers|the list has the numbers|a list has the numbers|a list reads|the list reads)(:|) {l}',
  '{l}',
].map(parsePattern);

/** First sentences that have the list and do something to it. */
export const HEAD_CHANGES: readonly ChangePhrase[] = [
  ...says(
    { kind: 'sort', order: 'ascending' },
    '(sort|order|arrange|put) (the list |the numbers |){l} (in|into) ascending order',
    'sort (the list |the numbers |){l} from (smallest to largest|low to high|small to large)',
    'sort (the list |the numbers |){l}',
  ),
  ...says(
    { kind: 'sort', order: 'descending' },
    '(sort|order|arrange|put) (the list |the numbers |){l} (in|into) descending order',
    'sort (the list |the numbers |){l} from (largest to smallest|high to low|large to small)',
  ),
  ...says({ kind: 'reverse' }, '(reverse|turn around|flip) (the list |the numbers |){l}'),
  ...says({ kind: 'sort', order: 'ascending' }, 'sort {l} (upwards|ascending|by size|in increasing order)'),
  ...says({ kind: 'drop', end: 'first' }, '(drop|remove) the first number (of|from) (the list |){l}'),
  ...says({ kind: 'drop', end: 'last' }, '(drop|remove) the last number (of|from) (the list |){l}'),
  ...says({ kind: 'times' }, 'multiply each (of|number of|number in) (the list |){l} by {n}'),
  ...says(
    { kind: 'keep', test: 'above' },
    'keep (only |)the numbers (above|over|greater than|larger than) {n} (of|in|from) (the list |){l}',
  ),
  ...says(
    { kind: 'add' },
    'add {n} to each of {l}',
    'add {n} to (each|every) number (in|of) (the list |){l}',
  ),
  ...says({ kind: 'keep', test: 'even' }, 'keep (only |)the even numbers (of|in) {l}'),
  ...says({ kind: 'keep', test: 'odd' }, 'keep (only |)the odd numbers (of|in) {l}'),
];

export const LEAD = parsePattern(
  '(then |then |next, |after that, |now |then, |and then |next |finally, |finally |afterwards |first, |first |now, |please |after that |in the end |at last |also )',
);
