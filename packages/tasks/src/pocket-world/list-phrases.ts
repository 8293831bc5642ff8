import type { Change, Question } from './list-facts.ts';
import { type Pattern, parsePattern } from './pattern.ts';

const it =
  '(it|the list|them|the numbers|all numbers|these numbers|this list|the following numbers|these|the following list|all of them|the result|what is left|the remaining numbers)';
const each =
  '(each number|every number in the list|each number in the list|each of the numbers|each of these numbers|every one of them|all the numbers|every number|each|each of them|all numbers|every one|each one|all of them|every entry|each entry|every element|each element|everything)';
const num = '(number|one|entry|element|item)';
const nums = '(numbers|ones|entries|elements|values|items)';

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

export interface QuestionPhrase {
  readonly pattern: Pattern;
  readonly questions: readonly Question[];
  readonly combination?: 'difference';
}

const asks = (question: Question, ...sources: readonly string[]): QuestionPhrase[] =>
  sources.map((source) => ({ questions: [question], pattern: parsePattern(source) }));

const then = '( now| then| in the end| at the end| at last| after that|)';
const most = '(largest|biggest|highest|greatest)';
const least = '(smallest|lowest|least)';
const where = '( in the list| of the list| of all| left| in it|)';

/** Questions about some of the numbers: first they are picked, then comes the question. */
export const FILTERED: readonly {
  readonly pattern: Pattern;
  readonly shape: ChangeShape;
  readonly question: Question;
}[] = [
  ...(['even', 'odd'] as const).flatMap((test) => {
    const rows: readonly (readonly [Question, ...string[]])[] = [
      [
        'count',
        `how many (of them|of these|numbers|of the numbers|of these numbers|${test} numbers) are ${test}`.replace(
          `|${test} numbers`,
          '',
        ),
        `how many ${test} ${nums} are (there|left|in it|in the list)`,
        `count the ${test} ${nums}`,
      ],
      [
        'sum',
        `what is the (sum|total) of the ${test} ${nums}`,
        `(add up|add|sum up|sum) (only |all |)the ${test} ${nums}`,
        `what do the ${test} ${nums} add up to`,
      ],
      ['largest', `(what|which) is the ${most} ${test} number`],
      ['smallest', `(what|which) is the ${least} ${test} number`],
    ];
    return rows.flatMap(([question, ...sources]) =>
      sources.map((source) => ({
        question,
        shape: { kind: 'keep', test } as const,
        pattern: parsePattern(source),
      })),
    );
  }),
  ...(
    [
      ['above', '(above|over|greater than|larger than|bigger than|more than|higher than)'],
      ['below', '(below|under|less than|smaller than|lower than)'],
    ] as const
  ).flatMap(([test, words]) => {
    const rows: readonly (readonly [Question, ...string[]])[] = [
      [
        'count',
        `how many (of them|of these|numbers|of the numbers|of these numbers) are ${words} {n}`,
        `how many numbers ${words} {n} are (there|left)`,
        `count the ${nums} ${words} {n}`,
      ],
      [
        'sum',
        `what is the (sum|total) of (the|all|all the) ${nums} ${words} {n}`,
        `(add up|add|sum up|sum) (only |all |all the |the |)${nums} ${words} {n}`,
      ],
      ['largest', `(what|which) is the ${most} number ${words} {n}`],
      ['smallest', `(what|which) is the ${least} number ${words} {n}`],
    ];
    return rows.flatMap(([question, ...sources]) =>
      sources.map((source) => ({
        question,
        shape: { kind: 'keep', test } as const,
        pattern: parsePattern(source),
      })),
    );
  }),
];

/** {l} is the list itself, where nothing is done to it first. */
export const QUESTIONS: readonly QuestionPhrase[] = [
  ...asks(
    'count',
    `how many numbers are (left|there|in the list|in it|on the list)${then}`,
    `how many numbers are left${then}`,
    `how many (numbers |)(remain|do we have|are left over|stay|do you have|are still there)${then}`,
    `how many (are left|are there|remain)${then}`,
    `how long is the list${then}`,
    `how many numbers (does the list have|are in the result|did you keep|are kept|do you keep|do we keep|do you get|are still in the list|do you end up with|does it have)${then}`,
    `how many (numbers|entries|elements|items|values|of them) (are left|are there|remain|are in the list|are still there|survive)${then}`,
    `how many (is that|are that|are they|does that leave|do you have left)${then}`,
    `(say|tell me|find|work out|count) how many (numbers |)(are left|there are|remain|are there)`,
    `(count the numbers|count them|count what is left)`,
    'what is the (length of the list|number of numbers)' + then,
  ),
  ...asks(
    'sum',
    `what do (the numbers|they|all numbers|the remaining numbers) add up to${then}`,
    `what is the (sum|total)( of the numbers| of the list| of all numbers| of what is left| of the remaining numbers|)${then}`,
    `what is the (sum|total)( of the numbers|)${then}`,
    `(add up|sum up|add) (the numbers|what is left|all numbers|them|the list|what remains|the rest|them all|all of them)`,
    `(add|sum) (it|them) (all |)up`,
    `what do you get if you add (them up|up the numbers|up what is left)`,
    `how much is it (all together|in total|altogether)`,
    `what do (you|we|they) get( in total| altogether|) (when you add them up|if you add them|when you add them all|adding them up|when they are added)`,
    `what (is|was) (the|their|its) (sum|total)( of it| of what remains| of them| of these numbers| of the result| of all of them| of everything| of all|)${then}`,
    `what do (these|these numbers|the ones left|those|the rest|what is left|all of them|these add up to|the results) (add up to|sum to|make|come to|give)( in total| together|)`,
    `how much (do|are) (they|the numbers|these|all of them) (make|add up to|come to|together)( together| in all|)`,
    `what is (everything|it all|all of it) (together|added up|in total)`,
    `add (up |)(what is left|everything|all that is left|what you have|the result|the remaining numbers|the rest|all the numbers|these numbers|the ones that are left)( up| together|)`,
    `sum (them|it|everything|the numbers|what is left|all)( up|)`,
    `(total|sum|the total|the sum)`,
    `(take|work out|say) (the|their) (sum|total)( of what is left| of them| of the numbers| of the result|)`,
    `(find|give|compute|calculate|tell me) the (sum|total)( of the numbers| of the list|)`,
  ),
  ...(['first', 'last', 'second', 'third'] as const).flatMap((place) =>
    asks(
      place,
      `(what|which) is the ${place} ${num}${then}`,
      `(what|which) ${num} (is|comes|stands) ${place}${then}`,
      `(what|which) (number |)(is|comes) ${place}${then}`,
      `(give|tell me|say|take|name|find) the ${place} ${num}${then}`,
      `(what|which) (number|one) is (at the ${place} place|in ${place} place|the ${place} one|in the ${place} place|in the ${place} position)${then}`,
      `what is the ${place} (of them|of these|number of the list|number in the list|one in the list|element of the list)${then}`,
      `(what|which) (number |)(comes|stands|is|do you have|do you find|do you see) ${place}( in the list|)${then}`,
      `what does the list (start|begin) with${then}`.replace(
        '(start|begin) with',
        place === 'first'
          ? '(start|begin|open) with'
          : place === 'last'
            ? '(end|finish|close) with'
            : `have (as ${place} number|in ${place} place)`,
      ),
    ),
  ),
  ...asks(
    'largest',
    `(what|which) is the ${most} ${num}${where}${then}`,
    `(what|which) ${num} is (the |)${most}${then}`,
    `(what|which) is the ${most}${then}`,
    `(give|tell me|take|name|find) the ${most} ${num}${where}`,
    'what is the maximum( of them| of the list|)',
    `(what|which) is the ${most} of (them|these|these numbers|the numbers|all|what is left|the list|the result)${then}`,
    `how (large|big) is the ${most}( ${num}|)${then}`,
    `(say|name|pick|show|what is|take|tell me) (the|their|its) ${most}( ${num}| of them| value|)`,
  ),
  ...asks(
    'smallest',
    `(what|which) is the ${least} ${num}${where}${then}`,
    `(what|which) ${num} is (the |)${least}${then}`,
    `(what|which) is the ${least}${then}`,
    `(give|tell me|take|name|find) the ${least} ${num}${where}`,
    'what is the minimum( of them| of the list|)',
    `(what|which) is the ${least} of (them|these|these numbers|the numbers|all|what is left|the list|the result)${then}`,
    `how (small|large|big) is the ${least}( ${num}|)${then}`,
    `(say|name|pick|show|what is|take|tell me) (the|their|its) ${least}( ${num}| of them| value|)`,
  ),
  ...[
    `what is the (difference|gap) between the ${most}( ${num}|) and the ${least}( ${num}|)${then}`,
    `how far (apart are|is) the ${most}( ${num}|) (and|from) the ${least}( ${num}|)`,
    `how much (larger|bigger|more) is the ${most}( ${num}|) than the ${least}( ${num}|)`,
    'what is the range( of the list| of the numbers|)',
  ].map((source) => ({
    questions: ['largest', 'smallest'] as const,
    combination: 'difference' as const,
    pattern: parsePattern(source),
  })),
];

/** Questions that hold the list, so that nothing comes before or between. */
export const DIRECT: readonly QuestionPhrase[] = [
  ...asks(
    'sum',
    'what is the (sum|total) of (the list|the numbers|these numbers|this list|all numbers in|the following numbers)(:|) {l}',
    '(add up|add|sum up|sum|total) (these numbers|the numbers|the following numbers|this list|the list|all of these)(:|) {l}',
    '(add|sum) {l}( together|)',
    'how much is {l} (together|altogether|in total)',
  ),
  ...asks(
    'largest',
    `(what|which) is the ${most}( number|) (of|in|among) (the list|these numbers|the numbers|this list)(:|) {l}`,
  ),
  ...asks(
    'smallest',
    `(what|which) is the ${least}( number|) (of|in|among) (the list|these numbers|the numbers|this list)(:|) {l}`,
  ),
  ...asks(
    'count',
    'how many numbers are in (the list|this list)(:|) {l}',
    'how (many numbers are in|long is) {l}',
  ),
  ...asks(
    'sum',
    'what is the (sum|total) of {l}',
    '(add up|sum up|add) {l}',
    'what do {l} add up to',
    'what is the sum of the numbers {l}',
    'what do you get if you add {l}',
  ),
  ...asks(
    'largest',
    `(what|which) is the ${most} (of|number of|number in|one of|number among) {l}`,
    `(find|take) the ${most} (of|number in) {l}`,
  ),
  ...asks(
    'smallest',
    `(what|which) is the ${least} (of|number of|number in|one of|number among) {l}`,
    `(find|take) the ${least} (of|number in) {l}`,
  ),
  ...asks(
    'count',
    'how many numbers are (in|in the list|there in) {l}',
    'count the numbers in {l}',
    'how many numbers are there: {l}',
  ),
];

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
