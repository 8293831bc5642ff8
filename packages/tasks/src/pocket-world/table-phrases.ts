import { type Pattern, parsePattern } from './pattern.ts';
import type { Reduction } from './table-facts.ts';

/** Which rows a phrase speaks of: those it names, one that it names, or all. */
export type Scope = 'some' | 'one' | 'all';

export interface GroupPhrase {
  readonly pattern: Pattern;
  readonly reduction: Reduction;
  readonly scope: Scope;
}

const rows = <T extends object>(meaning: T, ...sources: readonly string[]): (T & { pattern: Pattern })[] =>
  sources.map((source) => ({ ...meaning, pattern: parsePattern(source) }));

/** What rows may have done, in the plain form; {vb} is any verb. */
export const DONE: readonly string[] =
  'have sell buy collect get score own make read win hold find earn eat pick catch bake save plant write run walk drink take count bring see build draw use need'.split(
    ' ',
  );
/** The same as it stands between a label and its number. */
export const DID: readonly string[] =
  'has had got sold scored collected read won bought made found picked caught earned owns ate baked saved planted wrote ran walked took counted brought built drew used drank saw'.split(
    ' ',
  );

const most = '(largest|highest|biggest|greatest|longest|heaviest|tallest|oldest|most expensive)';
const least = '(smallest|lowest|least|shortest|lightest|cheapest|youngest)';
const top =
  '(largest|highest|biggest|best|first|hottest|longest|oldest|heaviest|tallest|most expensive|top|leader|winner|richest|deepest)';
const bottom =
  '(smallest|lowest|worst|last|coldest|mildest|shortest|youngest|lightest|cheapest|bottom|loser|poorest|shallowest)';
const number = '(number|value|entry|count|one|figure|score|result|amount|{q})';
const together = '(together|in total|in all|altogether|combined)';
/** A request, to which a question about the two results follows. */
export const REQUESTS: readonly GroupPhrase[] = [
  ...rows(
    { reduction: 'sum', scope: 'some' } as const,
    'add up the {i} of {w}',
    'take the sum of the {i} of {w}',
    'add the {i} of {w}( together|)',
    '(add up|add|sum up|sum|total) {w}',
    '(work out|find|compute|calculate|get) the (total|sum) (of|for) {w}',
    'take {w} together',
  ),
  ...rows(
    { reduction: 'sum', scope: 'all' } as const,
    'add up (all|everything|all the {i}|all {i}|all numbers|all the numbers|all entries|the whole table|all of them)',
    'take the sum of (all|all {i}|all numbers|all entries|the whole table)',
  ),
  ...rows(
    { reduction: 'sum', scope: 'one' } as const,
    '(look up|take|find|read|get) (the {i} of |the entry of |the number of |the entry for |){w}',
  ),
  ...rows(
    { reduction: 'largest', scope: 'some' } as const,
    `(take|find|look for|get) the ${most} (number of {i} |${number} |)(among|of) {w}`,
    '(take|find) the most {i} among {w}',
  ),
  ...rows(
    { reduction: 'largest', scope: 'all' } as const,
    `(take|find|look for|get) the ${most} (number of {i}|${number})( of all| in the table| overall|)`,
  ),
  ...rows(
    { reduction: 'smallest', scope: 'some' } as const,
    `(take|find|look for|get) the ${least} (number of {i} |${number} |)(among|of) {w}`,
    '(take|find) the (fewest|least) {i} among {w}',
  ),
  ...rows(
    { reduction: 'smallest', scope: 'all' } as const,
    `(take|find|look for|get) the ${least} (number of {i}|${number})( of all| in the table| overall|)`,
  ),
];

export const COMBINATIONS: readonly {
  readonly pattern: Pattern;
  readonly combination: 'difference' | 'total';
}[] = [
  ...rows(
    { combination: 'total' } as const,
    `what do (the two|they|both) (make|give|come to) ${together}`,
    'what is the (total|sum) of (both|the two)',
    '(add|add up) (the two|both|the two results|both results)',
    `how many (is that|are that|are they) ${together}`,
    'what is the total',
  ),
  ...rows(
    { combination: 'difference' } as const,
    'what is the (gap|difference)( between (the two|them|both)|)',
    'how far apart are (the two|they)',
    'how much do (the two|they) differ',
    'by how much do (the two|they) differ',
    '(find|take) the difference',
  ),
];

/** Questions about one group. */
export const ASKS: readonly GroupPhrase[] = [
  ...rows(
    { reduction: 'sum', scope: 'some' } as const,
    `how many {i} do {w} have ${together}`,
    `how many {i} do {w} have ${together}`,
    `how many {i} (do|did) {w} {vb} ${together}`,
    `how many {i} (do|did) {w} {vb}( ${together}|)`,
    'what is the combined (number|total|number of {i}|score) (of|for) {w}',
    '(give|find|work out|calculate|compute|tell me) the (total|sum)( of the {i}| of {i}|) (of|for) {w}',
    `how many {i} (were|are) there (on|in|for|at|from) {w}( ${together}|)`,
    'what is {w} (together|combined|added together|added up)',
    'how many (do|did) {w} {vb} (together|in total|altogether|combined)',
    `how many (do|did) {w} (have|get|score|make|sell) ${together}`,
    `what (do|did) {w} (have|make|add up to|come to|give) ${together}`,
    'what is the (total|sum) (of|for) {w}',
    'what is the (total|sum) of the {i} (of|for) {w}',
    `how many {i} (are there|were there|is that|are) (for|in|on|of|from) {w} ${together}`,
    `how (much|many) (is|are) {w} ${together}`,
    'what do {w} add up to',
    'what is the (total|sum|combined score|combined total|combined number)( of {i}|) (of|for|on|in|from|between) {w}',
    'how many {i} (does|do|did) {w} {vb}',
    'how many (does|do|did) {w} {vb}',
    'how many {i} (were|are|was|is) {vp} (by|on|in|at|for|from) {w}',
    'how many {i} (come|came|went|go|belong|belonged) to {w}',
    'how many {i} (on|in|at|for|from|by) {w}',
    'how (much|many) (do|did|does|would|will) {w} (cost|weigh|make|come to|give|bring|pay|earn|spend|have|get)',
    'how much (do|does|did) {w} (cost|weigh|earn|spend|pay) (together|in total|altogether)',
    '(add|add up|sum|sum up|total|combine|count) (the {i}|{i}|the numbers|the entries|the values|the scores|the rows) (of|for|from|on) {w}',
    '(put|count|take) {w} together',
    'what is {w}',
    'how (much|many)( {i}|) (do|does|did|will|would) {w} {vb} (together|in total|altogether|combined|between them|in all|between the two of them)',
    'how many {w} are there( together| in total| altogether|)',
    'how much (money |)do i (pay|spend|need) (for|if i buy|if i take|when i buy) {w}',
    'if i (buy|take|get|have|eat|choose) {w}(,|) (what|how much|how many {i}) (do i|will i|must i|does it) {vb}( in total| altogether|)',
    'what (do|did|does|would) {w} (cost|weigh|{vb})( together| in total| altogether| put together| combined| between them|)',
    'how (many|much)( {i}|) (were|are|was|is) (there |)(in|on|at|for|from|with) {w} (together|in total|combined|taken together)',
    'what is the (total|sum|total {q}|combined {q}|whole {q}|total {i}) (of|for|in|on|from) {w}',
    '{w}(,|:) (how many|how much|what)( {i}|) (is that|is it|are they|do they make|do they have|together)( together| in total| altogether|)',
    'i have {vb} {w}(,|) (what|how much|how many {i}) is that',
    'i {vb} {w}(,|) (what|how much|how many {i}) is that( together| in total|)',
    '{w} (together||in total|combined|added up)',
    'the (sum|total) of {w}',
    'add up the {i} of {w}',
    '(add up|add|sum up) {w}',
  ),
  ...rows(
    { reduction: 'sum', scope: 'all' } as const,
    `how many {i} (are there|were there|is that|is it) ${together}`,
    'what is the (total|sum)( number of {i}| of all {i}| of the {i}| of all numbers| of all entries| of all the numbers| of the table|)',
    `how many {i} do (they all|all of them|they|all) have( all|) ${together}`,
    `how many {i} do (they|all of them) have ${together}`,
    `what do all (numbers|entries|of them|the numbers) (make|add up to|come to)( together|)`,
    'what does (it|everything|the table|all of it|the whole table) add up to',
    'add up (all|everything|all the {i}|all {i}|all numbers|all the numbers)',
    'how many {i} (were|are) (sold|counted|made|collected|read|there|found|caught|picked|bought|eaten) (in total|in all|altogether|all together|in the whole table|overall)',
    '(give|find|work out|calculate|compute|tell me) the (total|sum)( of all {i}| of {i}| of all numbers| of everything| of all of them|)',
    'how many {i} (did|do) (they|they all|everyone|all of them) {vb} (together|in total|altogether|in all)',
    'what is the total number of {i}( sold| made| collected|)',
    'how many {i} (are|were) {vp} (in all|in total|altogether|together|overall|in the whole table)',
    'how many {i} (are|were) {vp}',
    'how many {i} (did|do|does) (they|everybody|everyone|all|the whole class|the whole team|the group|the table|all rows) {vb}( together| in total| altogether| in all|)',
    'how many (is that|are there|are they|did they {vb}|do they have|do they {vb}) (together|in total|altogether|in all)',
    'what is the (grand total|overall total|total of everything|total of all|sum of everything|sum of all|sum of them all|total of the table|sum of the table|total for all|total for everyone|sum of the whole table)',
    '(add|sum|total|add up|count|count up) (all|everything|it all|all of it|the whole table|the numbers|all the numbers|the table|every number|all rows|every row|all values|all {i}|the {i})( together| up|)',
    'how (much|many) (is|are) (it|they|everything|all of them|all) (together|in total|altogether|in all)',
    'what does (everything|it all|the whole table|all of it) (cost|weigh|come to|make|add up to)( together|)',
    '{i} in total',
    '(grand total|the total|total|sum|the sum|overall total)',
    'how many {i} (in total|altogether|in all|all together|overall)',
    'how many (in total|altogether|in all|all together|overall)',
    '(add|tot|sum|count) (it |them |everything |all |)(all |)(up|together)( for me|)',
    'add up the lot',
    'what do they (come to|make|total|get|add up to|{vb})( put together| together| in total| altogether|)',
    'what did they (get|{vb})( put together| together| in total| altogether)',
    'how many {i} (did|do) (we|i|they|you) (have|get|{vb}) (in total|altogether|all together|in all|overall)',
    'how (much|many)( {i}|) (was|is|were|are) (it|there|that|they) (in total|altogether|all together|in all|overall|all told)',
    'how many {i} (are|were) {vb}( {vb}|) (in total|altogether|all told|in all|overall)',
    'how many {i} are there( altogether| all together| all told| in total|)',
    'how many {i} are (there|in the table)( in total| altogether|)',
    'what is the sum of (all the|the) (numbers|values|entries)( in the table|)',
  ),
  ...rows(
    { reduction: 'sum', scope: 'one' } as const,
    'how many {i} does {w} have',
    'how many {i} does {w} have',
    'how many {i} (does|did) {w} {vb}',
    'how many (does|did) {w} {vb}',
    'what (number|value|score) (does|did) {w} {vb}',
    'how many {i} (for|in|on|at) {w}',
    'how many {i} (were|are|was|is) {vp} (by|on|in|at|for|from) {w}',
    'how (much|many) (does|did) {w} (cost|weigh|earn|spend|pay|make|have|get|score|sell)',
    'what (is|was) the {q} (of|for|in|on|at) {w}',
    'what (is|was) {w}',
    'what (number|value|entry|{q}) (belongs to|goes with|stands beside|stands next to|is beside|is next to|is given for|is listed for) {w}',
    'what (does|did) {w} (score|get|cost|weigh|sell|count|show|make|earn)',
    'what is the (number|value|entry|{q}) (of|for|on|in|at|beside) {w}',
    '(tell me|find|say|give|read|name) (the {q} of|the number for|the number of|the {i} of|the value of|the entry of|the number beside) {w}',
    'how many {i} {vp} (by|on|in|at) {w}',
    'how many (points|{i}) has {w}( got|)',
    'what is the {q} (of|for|in|on) {w}',
    "what is {w}'s {q}",
    'how many {i} (were|are) (sold|made|counted|collected|read|found|bought|picked|eaten) (on|in|at|by) {w}',
    'look up {w}',
    'how (much|many)( {i}|) (is|does|did|was) {w}( {vb}|)',
    'how (much|many)( {i}|) (does|did|has|had|will|can) {w} {vb}( {n1}|)',
    'how much (rain|money|{n1}) (fell|is there|was there|{vb}) (in|on|at) {w}',
    'what (does|did|do|is the price of|is the {q} of|was the {q} of|is the tally for|is the count for|is the figure for) {w}( cost| weigh| {vb}|)',
    'how (old|long|tall|heavy|big|far|high|deep|large|expensive|many|hot|cold) (is|was) {w}',
    'how many {i} (fell|went|came|go|{vb}) (in|on|to|from|at|into) {w}',
    'how many (has|had|did) {w}( got|)',
    '(whats|what is|tell me|give me) (the |)({i}|{q}|{i} count|tally|number|value) (for|of|on|in|at) {w}',
    'and {w}',
    'how many (does|did) {w} (have|get|score|make|sell)',
    'what is the (number|value|entry|count)( of {i}|) (of|for|in|on|beside|next to) {w}',
    'what does {w} have',
    'what does the table (say|show|give) (for|about) {w}',
    'how many {i} (are there|were there|are) (for|in|on|of|at) {w}',
    'what are the {i} of {w}',
    '(look up|read|find|give|tell me) (the {i} of |the entry of |){w}',
    'how (many|much) is {w}',
    "what is {w}'s (number|value|entry|count|score)( of {i}|)",
  ),
  ...rows(
    { reduction: 'largest', scope: 'all' } as const,
    `what is the ${most} (${number}|number of {i})( in the table| in the list| of all| overall| here|)`,
    `how many {i} does the (one|person|child|player|row) with the (most|most {i}|${most} number|${most} number of {i}) have`,
    'what is the most {i} (that anyone has|anyone has|that anybody has|that someone has)',
    'what is the maximum( number of {i}|)',
    `(find|give|tell me|take) the ${most} ${number}( in the table|)`,
    'how many {i} does the winner have',
    `how many {i} (did|does) the (best|top|first|busiest|winning|longest|biggest|strongest) (one|person|player|day|row|team|child|month|city) {vb}`,
    'what is the top {q}',
    `(what|which) (is|was) the ${most} ${number}`,
    `what is the ${most} (of all|of them|of them all|of these|of these numbers|in the table)`,
    `(what|which) (number|value|{q}) is (the |)${most}`,
    `how many {i} (did|does|has) (the one|the person|the row|the child|the player|the day|the team) (with|who has|who had|that has|that had) the (most|most {i}|${most} {q}|${most} number) (have|{vb})`,
    `how many {i} (did|does) the one who {vp} the most {vb}`,
    `what is the ${most} (number of {i}|{q})( that| which|) (anyone|anybody|someone|one person|one row|a single row) (has|had|got|{vp})`,
    `how (many|much) is the ${most}`,
    `(name|say|read|pick|look up|show|find|give|tell me) the ${most} (${number}|number of {i}|of all|of them)`,
    'how many {i} is the most',
    'who has the most {i}, and how many',
    'how many does the one with the most have',
    'how many {i} does the leader have',
    'what is the most {i}( sold| read| collected| in the table| in one row|)',
    'how many {i} were (sold|made|counted|collected|read) on the (best|busiest) day',
  ),
  ...rows(
    { reduction: 'largest', scope: 'some' } as const,
    `what is the ${most} (number of {i} |${number} |)(among|of) {w}`,
    'what is the most {i} among {w}',
    `(what|which) is (the |)${most}, {w}`,
    `(of|among|out of) {w}(,|) (what|which) is the ${most}( number| {q}| one| value|)`,
    `(what|which) is the ${most} (of|among) (the numbers of |the {i} of |the entries of |){w}`,
    `how many {i} does the ${most} of {w} have`,
    `(find|give|take) the ${most} (number of {i} |${number} |)(among|of) {w}`,
  ),
  ...rows(
    { reduction: 'smallest', scope: 'all' } as const,
    `what is the ${least} (${number}|number of {i})( in the table| in the list| of all| overall| here|)`,
    `how many {i} does the (one|person|child|player|row) with the (fewest|least|fewest {i}|least {i}|${least} number|${least} number of {i}) have`,
    'what is the minimum( number of {i}|)',
    `(what|which) (is|was) the ${least} ${number}`,
    `what is the ${least} (of all|of them|of them all|of these|of these numbers|in the table)`,
    `(what|which) (number|value|{q}) is (the |)${least}`,
    `how many {i} (did|does|has) (the one|the person|the row|the child|the player|the day|the team) (with|who has|who had|that has|that had) the (fewest|least|fewest {i}|${least} {q}|${least} number) (have|{vb})`,
    `how (many|much) is the ${least}`,
    `(name|say|read|pick|look up|show|find|give|tell me) the ${least} (${number}|number of {i}|of all|of them)`,
    'how many {i} is the (fewest|least)',
    'what is the (fewest|least) {i}( that anyone has| anyone has| in the table| sold|)',
    'who has the fewest {i}, and how many',
    'how many does the one with the (fewest|least) have',
    `(find|give|tell me|take) the ${least} ${number}( in the table|)`,
  ),
  ...rows(
    { reduction: 'smallest', scope: 'some' } as const,
    `what is the ${least} (number of {i} |${number} |)(among|of) {w}`,
    `(find|give|take) the ${least} (number of {i} |${number} |)(among|of) {w}`,
    `(of|among|out of) {w}(,|) (what|which) is the ${least}( number| {q}| one| value|)`,
    `(what|which) is the ${least} (of|among) (the numbers of |the {i} of |the entries of |){w}`,
  ),
];

/** Questions about two groups at once: two rows, two lists of rows, or the largest and smallest of all. */
export const DIFFERENCES: readonly {
  readonly pattern: Pattern;
  readonly between: 'rows' | 'groups' | 'extremes';
}[] = [
  ...rows(
    { between: 'rows' } as const,
    'how many more {i} does {w} have than {v}',
    'how many (fewer|less) {i} does {w} have than {v}',
    'how many (more|fewer|less|more {i}|fewer {i}) (does|did) {w} {vb} than {v}( did| does| has| had|)',
    'how many more {i} (does|did) {w} {vb} than {v}( did| does|)',
    'what is the difference between (the {i} of |the {q} of |)({w}) and ({v})'
      .replace('({w})', '{w}')
      .replace('({v})', '{v}'),
    "what is the difference between {w}'s and {v}'s {i}",
    'how many (more|fewer) {i} (were|are) (there|sold|counted|made) (on|in|at) {w} than( on| in| at|) {v}',
    'how much (more|less|higher|lower|bigger|smaller) is the {q} (of|for|in) {w} than (that |the {q} |)(of|for|in) {v}',
    '(compare|take) {w} (and|with) {v}(.|,|:) how (big|large) is the (gap|difference)',
    'how many more {i} (are there|were there|are) (for|in|on|at) {w} than( for| in| on| at|) {v}',
    'what is the (difference|gap) between {w} and {v}',
    'how far apart are {w} and {v}',
    'by how (many {i}|much) does {w} (beat|lead|trail) {v}',
    'how much (more|less|higher|lower) is {w} than {v}',
    'by how much do {w} and {v} differ',
    'how (many|much) more (did|does|has|had|is|are|was|were) {w} (than|over|compared to) {v}',
    'how (many|much) (more|fewer|less) {i} (did|does|has|had) {w} {vb}(,| compared) (than|with|to) {v}',
    'how many {i} more (did|does) {w} {vb} than {v}',
    'how many {i} more does {w} have than {v}',
    'how many (more|fewer|less) than {v} (did|does) {w} {vb}',
    'how many more {i} than {v} (did|does) {w} {vb}',
    'how much (more|less) (did|does) {w} (cost|weigh|earn|spend|pay|make) than {v}',
    'what is the (difference|gap|distance) (between|from) {w} (and|to) {v}',
    'what is the (difference|gap) between (the numbers of|the entries of|the values of|the scores of|the {q} of) {w} and {v}',
    '(find|give|work out|calculate|compute|tell me) the (difference|gap) between {w} and {v}',
    '(take|subtract) {v} from {w}',
    'by how (much|many) is {w} (ahead of|behind|above|below|over|under|larger than|smaller than|more than|less than) {v}',
    'how far (ahead of|behind|above|below) {v} is {w}',
    'how much (bigger|larger|smaller|taller|heavier|warmer|colder|longer|older|more expensive|cheaper) is {w} than {v}',
    'how many {i} (separate|are between|lie between) {w} and {v}',
    'how many {i} is {w} (ahead of|behind) {v}',
    'how many (more|fewer|less|extra)( {i}|) (did|does|do|has|had|is|was|were|can|could) {w} ({vb} |)(than|over|compared to|compared with) {v}',
    'how many {i} (more|fewer|less|longer|later|older|heavier|further) (did|does|is|was|were) {w}( {vb}|) than {v}',
    'by how (much|many)( {i}|) (did|does|do|is|was|has) {w} ({vb}|beat|lead|{vb} more than) {v}( by|)',
    'how (much|many)( {i}|) did {w} (beat|{vb}|lead) {v} by',
    'how (many|much)( {i}|) (separate|lie between|are between|is between|divide) {w} and {v}',
    'how much (longer|older|heavier|taller|faster|further|bigger|more expensive|dearer|deeper|higher|hotter|later) (is|was|did|does) {w}( {vb}|) than {v}',
    'how much more (does|did|is|do) {w} (cost|weigh|{vb}) than {v}',
    '{w} needs how many (more|{i}|more {i}) to (reach|catch|catch up with|draw level with|equal|be level with|match) {v}',
    'how many (more |)({i} |)(does|must|should) {v} (need|get|{vb}) to (reach|catch|catch up with|draw level with|equal|match|have as many as) {w}',
    'what is the (gap|difference|distance|margin) (between|from) {w} (and|to) {v}( in {i}|)',
    'how far is {w} (ahead of|behind|in front of|above|below) {v}',
  ),
  ...rows(
    { between: 'groups' } as const,
    'how many (more|fewer|less) {i} do {w} have (together |in total |)than {v}( together|)',
    'what is the (difference|gap) between the sum of {w} and the sum of {v}',
  ),
  ...rows(
    { between: 'extremes' } as const,
    `what is the (gap|difference|distance|margin|spread) between (the |)${top} and (the |)${bottom}( one| {q}| {n1}|)`,
    `how (much|many)( {i}|) (lie|are|is|lies|separate) between (the |)${top} and (the |)${bottom}`,
    `how many( more|) {i} separate (the |)${top} (from|and) (the |)${bottom}`,
    `what is the (difference|gap) between the ${most}( ${number}|) and the ${least}( ${number}|)`,
    `how far (apart are|is) the ${most}( ${number}|) (and|from) the ${least}( ${number}|)`,
    `how much (larger|more|higher) is the ${most}( ${number}|) than the ${least}( ${number}|)`,
    'what is the range( of the table| of the numbers|)',
    `(find|give|work out|take) the (difference|gap) between the ${most}( ${number}|) and the ${least}( ${number}|)`,
    `what is the (difference|gap|distance) between (the |)${least} and (the |)${most}( ${number}|)`,
    `how many more {i} (has|does) the (first|best|leader|one with the most) (have |)than the (last|worst|one with the (least|fewest))( have|)`,
    'how far apart are the (best|first) and the (worst|last)',
    `by how much does the ${most} beat the ${least}`,
  ),
];

/** What may stand above a table or before it; {i} is what it counts, {title} any few words. */
export const HEADS: readonly Pattern[] = [
  '{i}',
  '{title}',
  'here are the {i}',
  'these are the {i}',
  'the {i} are',
  'the table of {i}',
  'number of {i}',
  'this table shows the {i}',
  'here is a table of {i}',
  'here is (a|the|my|our) (table|list)',
  'table',
  'look at this table',
  'how many {i} (each|everyone|each person|each child|every one) has',
  '{i} (per|by|of each|for each) (person|name|child|day|row|team|class|city|month|player)',
].map(parsePattern);

/** What a question may begin and end with, which says nothing. */
export const LEAD = parsePattern(
  '(then |now |and |so |first, |first |next, |next |also, |please |in the table(,|) |in this table(,|) |in total(,|) |altogether(,|) |according to the table(,|) |looking at the table, |together(,|) |)',
);
export const OPEN_LEADS: readonly Pattern[] = [
  '{prep} (the |this |that |){noun}(,|) ',
  '{prep} (the |this |){noun} {noun}(,|) ',
].map(parsePattern);
export const TAIL = parsePattern(
  '( in the table| in this table| in the list| in total| altogether| together| in all| this week| this year| this month| today| yesterday| last week| that day| each day| so far| combined| overall| according to the table| if you add them up| when added together| taken together| on those days| at the end| now| each| then| here| all in all| all together| over the week| on both days)',
);
export const OPEN_TAILS: readonly Pattern[] = [
  ' {prep} (the |this |that |all |){noun}',
  ' {prep} (the |this |that |){noun} {noun}',
].map(parsePattern);

/** A row of names of columns. */
export const COLUMNS: readonly string[] =
  'name child player person day month city team who class item student shop fruit label place'.split(' ');
