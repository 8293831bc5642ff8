import { BOUNDS } from './bounds.ts';
import type { Bound } from './list-facts.ts';
import { type Pattern, parsePattern } from './pattern.ts';

type Extreme = 'largest' | 'smallest';

const MOST =
  '(most|most|largest|highest|biggest|greatest|longest|oldest|heaviest|tallest|best|top|furthest|farthest|hottest|deepest|most expensive|priciest|dearest|strongest|richest|busiest|warmest|widest|loudest|maximum|steepest)';
const LEAST =
  '(fewest|least|smallest|lowest|shortest|youngest|lightest|cheapest|coldest|worst|shallowest|poorest|quietest|least expensive|narrowest|tiniest|minimum|mildest|nearest|closest)';
const MORE =
  '(more|larger|higher|bigger|greater|longer|older|heavier|taller|better|further|farther|hotter|deeper|more expensive|pricier|dearer|stronger|richer|busier|warmer|ahead)';
const LESS =
  '(fewer|less|smaller|lower|shorter|younger|lighter|cheaper|colder|worse|shallower|poorer|quieter|less expensive|behind|less often)';

/** "Who", "which town", "on what day"; {n1} is what a row is. */
const WHO =
  '(who|who|who|which|which one|which {n1}|which {n1}|what {n1}|which of them|which of these|whose {i1}|whose|which of the {nn}|on which {n1}|in which {n1}|at which {n1}|the {n1} that|name the {n1} that|tell me who|say who|find out who)';
const IS =
  '(has|has|had|have|is|was|got|{vb}|{vb}|are|were|did|scored|sold|there are|were there|are there|is there|went|came|came in|costs|cost|weighs|lies|{vb} the)';
const OF =
  '( of all| of them all| of the lot| in the table| in the list| overall| here| of these| of all of them| in all| by far|)';
const ends = `( {i}| {n1}| number| number of {i}| {q}| time| price| amount of {i}| count| score| of {i}| {i} {vb}| in {i}|)${OF}`;

export interface WhoPhrase {
  readonly pattern: Pattern;
  readonly reduction: Extreme;
  /** All rows, or those that it names. */
  readonly scope: 'all' | 'some';
  /** What else is asked in the same sentence. */
  readonly also?: 'value' | 'difference';
}

const extremes = (reduction: Extreme, best: string, better: string, place: string): readonly WhoPhrase[] => {
  const rows = (
    meaning: Omit<WhoPhrase, 'pattern' | 'reduction'>,
    ...sources: readonly string[]
  ): WhoPhrase[] => sources.map((source) => ({ ...meaning, reduction, pattern: parsePattern(source) }));
  const which = `{ch}`;
  return [
    ...rows(
      { scope: 'all' },
      `${WHO} ${IS} (the |)${best}${ends}`,
      `${WHO} ${IS} (the |)${best}${ends}`,
      `(what|whats|which) (is|was|are) (the |)${best}${OF}`,
      `${WHO} (is|was|are|comes|came|finished|ended up|ends up) ${place}`,
      `${WHO} (is|was) the {n1} with (the |)${best}${ends}`,
      `(name|find|give|tell me|give me|say|show me|look for) the (one|{n1}|person|row|name) with (the |)${best}${ends}`,
      `which (is there|are there|was there|were there) (the |)${best} of`,
      `${WHO} {vb} (the |)${best}${ends}`,
    ),
    ...rows(
      { scope: 'some' },
      `(who|which|what|which one|which of them|which of the two|which {n1}) ${IS} (the |)(${best}|${better})${ends}(,|:| -|) ${which}`,
      `${WHO} {vb} (the |)(${best}|${better})${ends}(,|:|) ${which}`,
      `(of|between|among|out of) {w}(,|) ${WHO} ${IS} (the |)(${best}|${better})${ends}`,
      `${WHO} (of|among) {w} ${IS} (the |)${best}${ends}`,
      `(is|was|does|did) ${which} (have |)(${better})`,
    ),
    ...rows(
      { scope: 'all' },
      `(who|which|which one|which of the two|which of them|which {n1}|what) ${IS} (the |)${better}( {i}| of| one|)( of the two|)`,
    ).map((phrase) => ({ ...phrase, two: true })),
    ...rows(
      { scope: 'all', also: 'value' },
      `${WHO} ${IS} (the |)${best}${ends}(,|) and (how many|how much|how (long|old|tall|heavy|big|high|far|large)|what|how many {i}|with how many)( is it| was it| is that| does {he} have| did {he} {vb}| are there| {i}| were there|)`,
      `${WHO} ${IS} (the |)${best}${ends} and (how many|how much|with how many {i})`,
    ),
    ...rows(
      { scope: 'all', also: 'difference' },
      `(who|which|which one|which {n1}|which of the two) ${IS} (the |)${better}( {i}| of| one|)(,|) and (by how much|by how many|how many more|how many ${better}|how much ${better}|how much more|how many fewer)`,
    ).map((phrase) => ({ ...phrase, two: true })),
  ];
};

export const WHOS: readonly (WhoPhrase & { readonly two?: boolean })[] = [
  ...extremes(
    'largest',
    MOST,
    MORE,
    '(first|on top|top|in the lead|ahead of all|in first place|ahead|at the top|the winner|the best)',
  ),
  ...extremes(
    'smallest',
    LEAST,
    LESS,
    '(last|bottom|at the bottom|in last place|behind all|at the end|the loser)',
  ),
  ...(
    [
      [
        'largest',
        '(who (won|wins|leads|is the winner|did best|is in the lead|is ahead|comes first|came first|is the champion)|who is the {n1} (champion|winner|leader))',
      ],
      [
        'smallest',
        '(who (lost|loses|is the loser|did worst|comes last|came last|came bottom|is last|finished last|came in last))',
      ],
    ] as const
  ).map(([reduction, source]) => ({ reduction, scope: 'all' as const, pattern: parsePattern(source) })),
];

/** How many rows, or which. */
export interface CountPhrase {
  readonly pattern: Pattern;
  readonly kind: 'count' | 'which';
  readonly test: Bound;
}

const SUBJECT =
  '(of them|of these|of those|{nn}|{nn}|of the {nn}|of these {nn}|people|{i}|{nn} in the table|of all these|rows|entries|kinds|kinds of {nn}|times)';
const DOES =
  '(are|were|have|had|has|have got|got|{vb}|{vb}|{vb} {vb}|lie|go|is|did {vb}|were {vb}|are {vb}|can {vb}|would {vb}|have {vb}|let|cost|weigh|{nn} {vb})';
const MANY = '( {i}| of them|)';

export const COUNTS: readonly CountPhrase[] = BOUNDS.flatMap(([test, words]) => [
  ...[
    `how many ${SUBJECT} ${DOES} ${words}${MANY}`,
    `how many ${SUBJECT} ${DOES} ${words}${MANY}`,
    `how many ${DOES} ${words}${MANY}`,
    `how many ${SUBJECT} (that |which |who |)${DOES} ${words}${MANY} are there`,
    `how many ${SUBJECT} (are |)(with |of |)${words}${MANY}( are there|)`,
    `(in|on|at|under|for|by|with|from) how many ${SUBJECT} (were|are|was|is|did|do|does) (there|they|he|she|it|we|{n1}) ({vb} |)${words}${MANY}`,
    `(count|count up|tell me how many of|find out how many of|say how many of) (the|all|all the|these|) ({nn}|{i}|rows|entries|ones) (that |which |who |)${DOES} ${words}${MANY}`,
    `what is the number of ({nn}|{i}|rows|people|ones) (with|that have|above|who have|that are|who {vb}|that {vb}) ${words}${MANY}`,
  ].map((source) => ({ kind: 'count' as const, test, pattern: parsePattern(source) })),
  ...[
    `(which|who|which of them|which {nn}|which of these|which {n1}|what {nn}|which ones|which people|who all) ${DOES} ${words}${MANY}`,
    `(which|who|which of them|which {nn}|which of these|which {n1}|what {nn}) {vb} ${words}${MANY}`,
    `(list|name|give me|tell me|show|write down|print|show me|find) (all |all the |everyone |the |every |only |)({nn}|{i}|names|ones|rows|people|who|{n1}) (with|that have|who have|that are|who {vb}|that {vb}|who has|which are) ${words}${MANY}`,
    `(whose|which) {i1} (is|are|was) ${words}`,
  ].map((source) => ({ kind: 'which' as const, test, pattern: parsePattern(source) })),
]);

/** All in order; or the name or the number at a place of that order. */
const SORT = '(sort|order|rank|list|arrange|put|line up|name|give|write down|give me|show)';
const ALL =
  '(the {nn}|them|everyone|all {nn}|the names|the table|the rows|these {nn}|all of them|the {i}|it|everybody)';
const NAMES = '( and list the names| and give the names| and give the list|, names only|)';

/**
 * Questions that put a table in order: read, so that nothing else is made of them, and never answered or asked. Neither of
 * two trainings taught the target to write a table's rows in the order of their numbers.
 */
export const RANKS: readonly Pattern[] = (
  [
    [
      'descending',
      MOST,
      LEAST,
      '(descending|decreasing|falling)',
      '(largest|biggest|highest|most|best|oldest|tallest)',
    ],
    [
      'ascending',
      LEAST,
      MOST,
      '(ascending|increasing|rising)',
      '(smallest|lowest|fewest|least|youngest|shortest)',
    ],
  ] as const
).flatMap(([order, from, to, orders, first]) => [
  ...[
    `${SORT} ${ALL}( by {i}| by {q}| by their {i}| by number|)(,| in order,| in order|) from (the |)${from}( {i}| number|) to (the |)${to}${NAMES}`,
    `${SORT} ${ALL}( by {i}| by {q}|) (in|into) ${orders} order( of {i}| of {q}|)${NAMES}`,
    `${SORT} ${ALL}( by {i}| by {q}| by their {i}|)(,|) (the |with the |)${first} (first|{n1} first)${NAMES}`,
    `what is the order( of the names| of the {nn}|) from (the |)${from} to (the |)${to}`,
  ].map(parsePattern),
  ...([2, 3] as const).flatMap((place) => {
    const nth = place === 2 ? '(second|second|2nd)' : '(third|3rd)';
    const own = order === 'descending';
    return [
      ...[
        `${WHO} ${IS} (the |)${nth} ${from}${ends}`,
        `${WHO} {vb} (the |)${nth} ${from}${ends}`,
        ...(own ? [`(who|which|which {n1}) (is|was|came|comes|finished) (${nth}|in ${nth} place)`] : []),
        `(name|find|give|tell me) the (one|{n1}|person) with the ${nth} ${from}${ends}`,
      ].map(parsePattern),
      ...[
        `what (is|was) the ${nth} ${from} (number|value|score|count|result|amount|number of {i}|entry)${OF}`,
        `(find|give|tell me|take) the ${nth} ${from} (number|value|score|amount|number of {i})`,
        `how many {i} does the ${nth} ${from} (one |)have`,
      ].map(parsePattern),
    ];
  }),
]);
