import { BOUNDS } from './bounds.ts';
import type { Question } from './list-facts.ts';
import type { ChangeShape } from './list-phrases.ts';
import { type Pattern, parsePattern } from './pattern.ts';

export interface QuestionPhrase {
  readonly pattern: Pattern;
  readonly questions: readonly Question[];
  readonly combination?: 'difference';
  /** What is done before: the second largest is the second once they are sorted. */
  readonly sorted?: 'ascending' | 'descending';
}

const asks = (question: Question, ...sources: readonly string[]): QuestionPhrase[] =>
  sources.map((source) => ({ questions: [question], pattern: parsePattern(source) }));

const then = '( now| then| in the end| at the end| at last| after that|)';
export const most =
  '(largest|biggest|highest|greatest|maximum|top|heaviest|longest|tallest|oldest|best|most expensive|priciest|hottest)';
export const least =
  '(smallest|lowest|least|minimum|lightest|shortest|youngest|cheapest|worst|coldest|tiniest)';
const where =
  '( in the list| of the list| of all| left| in it| of them| of them all| among them| of {l}| in {l}| among {l}| here|)';
const of =
  '( of {l}| of the {nn}| of these {nn}| of the list| of all {nn}| of what is left| of the remaining {nn}| of all of them| of it| of them| of the {nn} {l}| of the following {nn}: {l}| of these {nn}: {l}|)';
const one = '( {n1}| one|)';

/** Questions about some of the numbers: first they are picked, then comes the question. */
export const FILTERED: readonly {
  readonly pattern: Pattern;
  readonly shape: ChangeShape;
  readonly question: Question;
}[] = [...(['even', 'odd'] as const).map((test) => [test, test] as const), ...BOUNDS].flatMap(
  ([test, words]) => {
    const before = test === 'even' || test === 'odd';
    const nouns = before ? `${words} ({nn}|ones)` : `({nn}|ones|those|of them) (that are |)${words}`;
    const rows: readonly (readonly [Question, ...string[]])[] = [
      [
        'count',
        `how many (of them|of these|{nn}|of the {nn}|of these {nn}|ones|entries|of those {nn}) (are|is|were|have|had|{v}|{v}) ${words}( of {l}| in {l}| here|)`,
        `how many (are|is|were|have|{v}) ${words}( here| in {l}| in the list|)`,
        `how many ${nouns} are (there|left|in it|in the list|in {l})`,
        `how many ${nouns}( are there| in {l}|)`,
        `count (only |all |)(the |all |)${nouns}`,
      ],
      [
        'sum',
        `what is the (sum|total) of (the |all |all the |)${nouns}`,
        `(add up|add|sum up|sum|total up|tot up|total) (only |all |)(the |all |)${nouns}`,
        `what do the ${nouns} add up to`,
      ],
      ['largest', `(what|which) is the ${most} ${before ? `${words} (one|{n1})` : `(one|{n1}) ${words}`}`],
      ['smallest', `(what|which) is the ${least} ${before ? `${words} (one|{n1})` : `(one|{n1}) ${words}`}`],
    ];
    return rows.flatMap(([question, ...sources]) =>
      sources.map((source) => ({
        question,
        shape: { kind: 'keep', test } as const,
        pattern: parsePattern(source),
      })),
    );
  },
);

/** {l} is the list itself, where it has not come yet. */
export const QUESTIONS: readonly QuestionPhrase[] = [
  ...asks(
    'count',
    `how many ({nn}|of them|ones|entries) (are left|are there|there are|remain|are in the list|are still there|survive|are in it|are on the list|stay|do we have|do you have|do i have|are left over|are in {l}|are on my list)${then}`,
    `how many ({nn} |)(remain|do we have|are left over|stay|do you have|are still there|are left|are there|is that|are that|are they|does that leave|does that make)${then}`,
    `how long is (the list|it|{l})${then}`,
    `how many {nn} (does the list have|are in the result|did you keep|are kept|do you keep|do you get|do you end up with|does it have|have i {v}|did i {v})${then}`,
    `(say|tell me|find|work out|count) how many ({nn} |)(are left|there are|remain|are there)`,
    '(count the {nn}|count them|count what is left|count what remains|count them up|count the rest|count {l}|count the {nn} in {l}|count)( up|)',
    `what is the (length of the list|number of {nn}|length|count)${then}`,
    `how many {nn} (have i|did i|have we|do i have|did we|has he|has she) ({v} |)(on my list|in my {n1}|here|in total|)`,
    'how many {nn} are in (the list|this list)(:|) {l}',
    'how many ({nn} are in|things are in|{nn} are there:|{nn}:) {l}',
    'what is the number of {nn} (in|of) {l}',
  ),
  ...asks(
    'sum',
    `what do (the {nn}|they|all {nn}|the remaining {nn}|these|these {nn}|the ones left|those|the rest|what is left|all of them|{l}) (add up to|sum to|make|come to|give|total)( in total| together|)${then}`,
    `what (is|was) (the|their|its|my) (sum|total|grand total|overall total)${of}${then}`,
    `(add up|sum up|add|sum|total|total up|tot up|add together|count up) (the {nn}|what is left|all {nn}|them|the list|what remains|the rest|them all|all of them|everything|it all|all|my {nn}|these {nn}|the lot|{l}|these {nn}: {l}|my {n1} {nn}: {l})( up| together|)`,
    `(add|sum|tot) (it|them|everything|these|all) (all |)up`,
    'what do you get if you add (them up|up the {nn}|up what is left|{l})',
    'how much (is|are|do|does) (it|they|the {nn}|these|all of them|that|this|{l}) (make |add up to |come to |)(all together|in total|altogether|together|in all|)',
    'what do (you|we|they) get( in total| altogether|) (when you add them up|if you add them|when you add them all|adding them up|when they are added)',
    'what (is|does) (everything|it all|all of it|that) (together|added up|in total|make together|come to|come to in total|worth|add up to)',
    '(total|sum|the total|the sum|grand total|sum of {l}|the sum of {l}|total of {l})',
    `(take|work out|say|find|give|give me|compute|calculate|tell me|get) (the|their|a) (sum|total)${of}`,
    `what is the (damage|overall amount|whole amount|total bill|bill) (overall|in total|altogether|)`,
    'how much (is|did) (that|it|i {v}|we {v})( in total| altogether| in all| overall|)',
    'what is (the rest|everything|all that|the lot|what is left)( worth| together| in total|)( in total|)',
    'how many {nn} (is that|are that|in all|did i {v}|altogether) (in total|altogether|in all|together)',
  ),
  ...(['first', 'last', 'second', 'third', 'fourth', 'fifth'] as const).flatMap((place) => {
    const word = {
      first: '(first|first|leftmost)',
      last: '(last|last|final)',
      second: '(second|2nd)',
      third: '(third|3rd)',
      fourth: '(fourth|4th)',
      fifth: '(fifth|5th)',
    }[place];
    return asks(
      place,
      `(what|which|who) (is|comes|was|stands) (the |)${word}( {n1}| one|)${where}${then}`,
      `(what|which) ({n1}|one) (is|comes|stands) (the |)${word}${where}${then}`,
      `(give|give me|tell me|say|take|name|find|show me|write down) the ${word} ({n1}|one)${where}${then}`,
      `(what|which|who) ({n1} |one |)(is|comes|stands) (at|in|on) (the ${word} place|${word} place|the ${word} position|${word} position)${then}`,
      `(what|which|who) is the ${word} of (them|these|the {nn})${then}`,
      `(what|which|who) (do you have|do you find|do you see|comes|stands|is) (in |at |)${word}( in the list| in line| in the queue| place|)${then}`,
    );
  }),
  ...asks(
    'largest',
    `(what|which) (is|was) (the|their|its) ${most}${one}${where}${then}`,
    `(what|which) ({n1}|one|of them|of these|of these {nn}|of these two|of the {nn}) (is|was) (the |)(${most}|bigger|larger|higher|heavier|greater)( one|)(:| of|) {l}`,
    `(what|which) ({n1}|one|of them|of these|of these {nn}) (is|was) (the |)${most}( one|)${then}`,
    `(give|give me|tell me|take|name|find|say|pick|show|show me) (the|their|its) ${most}${one}${where}`,
    `(what|which) is the ${most}( one| {n1}|) of (them|these|these {nn}|the {nn}|all|what is left|the list|the result|these: {l}|these {nn}: {l})${then}`,
    `how (large|big|high|heavy|long|tall) (is|was) the ${most}${one}${then}`,
    `(the |)${most}( {n1}|)( of {l}| in {l}|)`,
    'what is the (max|maximum|top {n1}|record|peak|best {n1})',
    `${most} {n1}`,
  ),
  ...asks(
    'smallest',
    `(what|which) (is|was) (the|their|its) ${least}${one}${where}${then}`,
    `(what|which) ({n1}|one|of them|of these|of these {nn}|of these two|of the {nn}) (is|was) (the |)(${least}|smaller|lower|lighter)( one|)(:| of|) {l}`,
    `(what|which) ({n1}|one|of them|of these|of these {nn}) (is|was) (the |)${least}( one|)${then}`,
    `(give|give me|tell me|take|name|find|say|pick|show|show me) (the|their|its) ${least}${one}${where}`,
    `(what|which) is the ${least}( one| {n1}|) of (them|these|these {nn}|the {nn}|all|what is left|the list|the result|these: {l}|these {nn}: {l})${then}`,
    `how (small|large|big|low|light|short) (is|was) the ${least}${one}${then}`,
    `(the |)${least}( {n1}|)( of {l}| in {l}|)`,
    'what is the (min|minimum)',
  ),
  ...(['descending', 'ascending'] as const).flatMap((sorted) =>
    (['second', 'third'] as const).flatMap((place) =>
      asks(
        place,
        `(what|which) (is|was) the (${place}|${place === 'second' ? '2nd' : '3rd'}) ${sorted === 'descending' ? most : least}${one}${where}${then}`,
        `(give|give me|tell me|take|name|find) the ${place} ${sorted === 'descending' ? most : least}${one}${where}`,
      ).map((phrase) => ({ ...phrase, sorted })),
    ),
  ),
  ...[
    `what is the (difference|gap) between the ${most}${one} and the ${least}${one}${where}${then}`,
    `how far (apart are|is) the ${most}${one} (and|from) the ${least}${one}`,
    `how much (larger|bigger|more|higher) is the ${most}${one} than the ${least}${one}`,
    'what is the (range|spread)( of the list| of the {nn}| of {l}|)',
  ].map((source) => ({
    questions: ['largest', 'smallest'] as const,
    combination: 'difference' as const,
    pattern: parsePattern(source),
  })),
];

/** What asks for the list itself. */
export const RESULTS: readonly Pattern[] = [
  '(what|which|who) (is|are|remains|stays|remain|stay|stands) (left|left|left|left over|left in the list|left in it|in the list|on the list|still there|still in it|remaining)( now| then| in the end|)',
  '(what|which|who) (remains|stays|remain|stay|is left|are left|survives)( now| in the list| then| in the end|)',
  'what is (left|the result|the list now|the list|the new list|my list now|the order|the new order|the order now|it now)( now| in the end| like|)',
  '(which|what) {nn} (are left|remain|stay|are kept|are still there|do i have|do you have|do you get|do you keep|does that leave|get {n1})( now| then|)',
  '(what|which) (order|list) (is that|do you get|do i get|do i hear|does that give|is it|comes out|do they have now)( now|)',
  '(give|write|write down|write out|show|show me|give me|tell me|list|print|say|read out) (me |)(the result|the list|what is left|the new list|the rest|what remains|them|those|it|the final list|what is left over|the {nn}|the answer|the {n1} as it stands)( now|)',
  'how does the list (look|go|read)( now| then| in the end|)',
  'what does (the list|it|the {n1}) (look like|read|say)( now| then| in the end|)',
  'which does (he|she|it) {v}',
  '(which|what) (are|is) (those|they|that)',
  'list (those|them)',
].map(parsePattern);
