import type { Question } from './list-facts.ts';
import { type ChangeShape, num, nums } from './list-phrases.ts';
import { type Pattern, parsePattern } from './pattern.ts';

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
    `what is the (length of the list|number of numbers)${then}`,
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
