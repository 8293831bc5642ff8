import { BOUNDS, OPPOSITE } from './bounds.ts';
import type { Change } from './list-facts.ts';
import { type Pattern, parsePattern } from './pattern.ts';

/** What is to be changed; {nn} is what the entries are called. */
const it =
  '(it|the list|them|the {nn}|all {nn}|all the {nn}|these {nn}|this list|the following {nn}|these|the following list|all of them|the result|what is left|the remaining {nn}|those|the rest|everything|this|my list|the lot|{l}|{l}|the list {l}|the {nn} {l}|these {nn}: {l})';
const each =
  '(each {n1}|every {n1} in the list|each {n1} in the list|each of the {nn}|each of these {nn}|every one of them|all the {nn}|every {n1}|each|each of them|all {nn}|every one|each one|all of them|everything|{l}|each of {l}|them all)';
const REMOVE =
  '(drop|remove|delete|leave out|throw out|take out|throw away|discard|cross out|get rid of|cut|erase|strike out|scratch|bin|toss|toss out|chuck out|chuck|kick out|weed out|lop off|cross off|eliminate|skip|ditch|dump|take away|exclude|filter out|knock out|scrap|strike|rule out|ignore|cut off|cut out|take off|forget|sort out|clear out)';
const KEEP =
  '(keep|keep|keep only|pick|pick out|choose|select|retain|leave|leave only|take|hold on to|save|list|write down|show|show me|give me|tell me|i want|i just want|i only want|i need|find|give|print|name|write out|return|only keep|just keep|only take|tell me only|list only|what are|which are)';
const PUT =
  '(sort|put|arrange|order|bring|rank|line up|list|organise|organize|write|tidy up|tidy|place|set|give me|show|rearrange|write down|lay out)';

/** A change without its numbers. `{n}` is the number in it, `{e}` an entry, `{l}` the list. */
export type ChangeShape =
  | { readonly kind: 'sort'; readonly order: 'ascending' | 'descending'; readonly of: 'numbers' | 'words' }
  | { readonly kind: 'keep'; readonly test: 'even' | 'odd' | 'above' | 'below' | 'at least' | 'at most' }
  | { readonly kind: 'reverse' }
  | { readonly kind: 'drop'; readonly end: 'first' | 'last' | 'largest' | 'smallest' }
  | { readonly kind: 'pick' | 'cut'; readonly end: 'first' | 'last' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'add' | 'take' | 'times' }
  | { readonly kind: 'insert'; readonly end: 'first' | 'last' };

export interface ChangePhrase {
  readonly pattern: Pattern;
  readonly shape: ChangeShape;
  /** Where the sentence has no number of its own: "double". */
  readonly by?: number;
  /** What is done before: the three largest are the first three once they are sorted. */
  readonly sorted?: 'ascending' | 'descending';
}

const says = (shape: ChangeShape, ...sources: readonly string[]): ChangePhrase[] =>
  sources.map((source) => ({ shape, pattern: parsePattern(source) }));

const sorting = (
  order: 'ascending' | 'descending',
  of: 'numbers' | 'words',
  orders: string,
  ways: string,
): ChangePhrase[] =>
  says(
    { kind: 'sort', order, of },
    `${PUT} ${it} (in|into) ${orders}`,
    `${PUT} ${it} (in|into) ${orders}`,
    `${PUT} ${it}(,| in order,| in order| so that they go| in order of size,| in a row,|) ${ways}`,
    `${PUT} ${it} ${ways}`,
    `(sort|order|arrange|rank) (in ${orders}|${ways})`,
    `${it} (in|into) ${orders}`,
    `${it}(,|) ${ways}`,
  );

const upwards = '(ascending|increasing|numerical|rising|growing|size)';
const smallBig =
  '(from |)(the |)(smallest|small|low|lowest|least|little|lightest|shortest|youngest|cheapest|tiniest) to (the |)(largest|large|high|highest|greatest|big|biggest|most|tall|heaviest|longest|oldest)';
const bigSmall =
  '(from |)(the |)(largest|large|high|highest|greatest|big|biggest|most|top|heaviest|longest|oldest) (to|down to) (the |)(smallest|small|low|lowest|least|little|bottom|lightest|shortest|youngest)';

const nNumbers = '( {nn}| of them| of the {nn}| of the list| of these| in the list| of {l}| {nn} of {l}|)';

export const CHANGES: readonly ChangePhrase[] = [
  ...sorting(
    'ascending',
    'numbers',
    `${upwards} order`,
    `(${smallBig}|ascending|upwards|by size|(with the |)smallest (first|{n1} first)|lowest first|in order|asc|starting with the smallest|from the bottom up)`,
  ),
  ...says({ kind: 'sort', order: 'ascending', of: 'numbers' }, `sort ${it}`, 'sort', `sort ${it} {l}`),
  ...sorting(
    'descending',
    'numbers',
    '(descending|decreasing|falling) order',
    `(${bigSmall}|descending|downwards|(with the |)(largest|biggest|highest) (first|{n1} first)|desc|starting with the largest|from the top down|biggest on the left, smallest on the right)`,
  ),
  ...sorting(
    'ascending',
    'words',
    '(alphabetical|abc|alphabetic|dictionary|a to z|a-z) order',
    '(alphabetically|by the alphabet|from a to z|a to z|by abc|in order of the alphabet|by letter|by name|alphabetically from a to z)',
  ),
  ...says(
    { kind: 'sort', order: 'ascending', of: 'words' },
    `alphabetise ${it}`,
    `alphabetize ${it}`,
    `sort ${it}`,
    'sort',
  ),
  ...sorting(
    'descending',
    'words',
    '(reverse alphabetical|backward alphabetical|z to a) order',
    '(from z to a|z to a|alphabetically backwards|in reverse alphabetical order)',
  ),
  ...says(
    { kind: 'reverse' },
    `(reverse|flip|turn around|invert|turn|mirror|turn over|swap around|flip around) ${it}`,
    `(reverse|flip|turn around|invert|swap) (the order|their order|its order|the order of ${it})`,
    `(turn|flip|swap) ${it} (around|round|over|back to front|end to end)`,
    `(read|write|say|list|recite|repeat|play|spell|read me|read out|give me|tell me|show me|write down|type) ${it} (backwards|from back to front|in reverse|in reverse order|from the end|from last to first|back to front|from the tail end to the start|from the end to the start|the other way round|starting from the end)`,
    `(put|bring|list|write) ${it} (in|into) (reverse|reverse order|the opposite order|backwards order)`,
    'reverse',
    `${it} (backwards|in reverse|in reverse order|back to front|reversed|the other way round|from last to first)`,
    `flip the order( back to front|)`,
  ),
  ...(['even', 'odd'] as const).flatMap((test) => {
    const other = test === 'even' ? 'odd' : 'even';
    return says(
      { kind: 'keep', test },
      `${KEEP} (only |just |)(the |all |all the |)${test} (${'{nn}'}|ones)( of {l}| in {l}| from {l}| from the list| in the list|)`,
      `${KEEP} (only |just |)(what is|those that are|the ones that are|{nn} that are|everything that is) ${test}`,
      `${REMOVE} (all |all the |the |every |each |any |)${other} ({nn}|{n1}|one)( from {l}| in {l}| of {l}| from it| from the list|)`,
      `${REMOVE} (everything|all|what|anything|all the {nn}|the {nn}|{nn}|the ones|whatever|those|any {n1}) (that is |that are |)${other}`,
      `only (the |)${test} ({nn}|ones)( stay| are kept| remain| count| matter|)`,
      `(which|what) (of them |of these |{nn} |of the {nn} |ones |)are ${test}`,
      `(which|what) are the ${test} ({nn}|ones)`,
      `(the |)${other} (ones|{nn}) (go|fall out|are out|drop out|must go)`,
      `only ${test} ({nn}|ones)( are allowed| stay| please|)`,
      `(it|{n1}|he|she) only (does|takes|likes|wants|keeps) (the |)${test} (ones|{nn})`,
      `(only |)the ${test} (ones|{nn}) (are|have|get) (a |the |)({n1}|{nn})`,
    );
  }),
  ...BOUNDS.flatMap(([test, words]) => [
    ...says(
      { kind: 'keep', test },
      `${KEEP} (only |just |)(the |all |all the |)({nn}|ones) (that are |which are |)${words}( of {l}| in {l}| from {l}| from the list|)`,
      `${KEEP} (only |just |)(what is|everything that is|all that is|everything|all|what comes|those|those that are|the ones that are|anything) ${words}`,
      `only (the |)({nn}|ones|those) ${words}( stay| remain| are kept| may {n1}| count| get {nn}|)`,
      `(which|what) (of them|of these|{nn}|of the {nn}|of these {nn}|ones) (are|is|were|have|{v}) ${words}`,
    ),
    ...says(
      { kind: 'keep', test: OPPOSITE[test] },
      `${REMOVE} (all |all the |the |every |any |each |)({nn}|{n1}|ones|one) (that is |that are |)${words}( from {l}| in {l}| from the list|)`,
      `${REMOVE} (everything|all|anything|what is|everything that is|whatever is|those|all those|any|anything that is) ${words}( from {l}| in {l}|)`,
      `(everything|anything|all|the {nn}|the ones|any {n1}) ${words} (goes|go|is out|are out|is thrown out|are removed|falls out|gets {n1}|is removed)`,
    ),
  ]),
  ...(['first', 'last', 'largest', 'smallest'] as const).flatMap((end) => {
    const word = endWord(end);
    return says(
      { kind: 'drop', end },
      `${REMOVE} the ${word} ({n1}|one)( from the list| of the list| in the list| from {l}| of {l}|)`,
      `${REMOVE} the ${word}( of them|)`,
      `(remove|drop|take|lop|cut) the ${word} ({n1} |one |)(off|away|out)`,
      `(leave|keep) (all|everything|all {nn}) but the ${word}( ({n1}|one)|)`,
    );
  }),
  ...(['first', 'last'] as const).flatMap((end) => {
    const word = end === 'first' ? '(first|first|front|opening|initial)' : '(last|last|final|closing)';
    return [
      ...says(
        { kind: 'cut', end },
        `${REMOVE} the ${word} {n}${nNumbers}`,
        `(lop|cut|take|drop) the ${word} {n} (off|away|off this|off the list)`,
        `skip the ${word} {n}${nNumbers}`,
      ),
      ...says(
        { kind: 'pick', end },
        `${KEEP} (only |just |)the ${word} {n}${nNumbers}`,
        `(the |only the |just the |)${word} {n} ({nn}|ones)( only| please|)`,
        `(what|which) are the ${word} {n}${nNumbers}`,
        `(skip|jump|go) to the ${word} {n}( {nn}|)`,
        `(leave|keep) nothing but the ${word} {n}`,
      ),
    ];
  }),
  ...(['descending', 'ascending'] as const).flatMap((sorted) =>
    says(
      { kind: 'pick', end: 'first' },
      `(${KEEP}|what are|which are) (only |just |)the ({n} ${endWord(sorted === 'descending' ? 'largest' : 'smallest')}|${sorted === 'descending' ? 'top' : 'bottom'} {n})${nNumbers}`,
    ).map((phrase) => ({ ...phrase, sorted })),
  ),
  ...says(
    { kind: 'remove' },
    `${REMOVE} (the |the {n1} |)({e}|{e}|'{e}')( from the list| from it| from {l}| from my {nn}| off the list| from these {nn}|)`,
    `(cross|take|strike|scratch|cut) (the |)({e}|{e}|'{e}') (out|off|off the list|from the list|off my {nn}|out of the list)`,
    `{e} (leaves|is gone|goes|drops out|quits|goes away|has left|left|is out|falls out|storms off|goes home|disappears|is removed)`,
    `(leave|keep|take) (all|everything) but {e}`,
  ),
  ...says(
    { kind: 'add' },
    `add {n} to ${each}`,
    `(raise|increase|lift|bump|push up|bump up) ${each} by {n}`,
    `(add|put) {n} (more |)(to|on|onto) ${each}`,
    `make ${each} (bigger|larger|greater) by {n}`,
    `${each} (goes|go|grows|grow|rises) up by {n}`,
    `make ${each} {n} (larger|bigger|more|higher)`,
  ),
  ...says(
    { kind: 'take' },
    `(subtract|take|take away|deduct|take off|remove) {n} (off|from) ${each}`,
    `(lower|decrease|reduce|cut|shrink|drop) ${each} by {n}`,
    `make ${each} smaller by {n}`,
    `make ${each} {n} (smaller|less|lower)`,
  ),
  ...says(
    { kind: 'times' },
    `multiply ${each} (by|with) {n}`,
    `make ${each} {n} times as (large|big)`,
    `times ${each} by {n}`,
  ),
  ...([2, 3] as const).flatMap((by) =>
    says({ kind: 'times' }, `(${by === 2 ? 'double' : 'triple'}) (${each}|${it})`).map((phrase) => ({
      ...phrase,
      by,
    })),
  ),
  ...says(
    { kind: 'insert', end: 'last' },
    "(put|append|add|write|place|attach|stick|tack) (the {n1} |)({e}|{e}|'{e}') (at|to|on|onto) (the|its) (end|back|bottom)( of the list|)",
    'append (the {n1} |){e}( to the list| to it|)',
    'add (the {n1} |){e} to (the|this|my) list',
    '{e} (joins|comes in|is added|arrives|joins the {n1}|comes|queues up) (at|to) the (end|back)',
  ),
  ...says(
    { kind: 'insert', end: 'first' },
    "(put|add|write|place|insert|stick) (the {n1} |)({e}|{e}|'{e}') (at|to|in) (the|its) (front|start|beginning|top)( of the list|)",
    'prepend {e}( to the list|)',
    '{e} (comes|goes|is put|pushes in) (at|to) the (front|start|top)',
  ),
];

function endWord(end: 'first' | 'last' | 'largest' | 'smallest'): string {
  if (end === 'largest') return '(largest|biggest|highest|greatest|heaviest|longest|top|tallest)';
  if (end === 'smallest') return '(smallest|lowest|least|lightest|shortest|tiniest)';
  return end === 'first' ? '(first|front)' : '(last|final)';
}

/** The shape a change has. */
export function shapeOf(change: Change, words: boolean): ChangeShape {
  switch (change.kind) {
    case 'sort':
      return { kind: 'sort', order: change.order, of: words ? 'words' : 'numbers' };
    case 'keep':
      return { kind: 'keep', test: change.test };
    case 'add':
    case 'take':
    case 'times':
    case 'remove':
      return { kind: change.kind };
    case 'insert':
    case 'pick':
    case 'cut':
    case 'drop':
      return { kind: change.kind, end: change.end } as ChangeShape;
    default:
      return change;
  }
}

/** What has the list and asks for nothing; {title} is any few words. */
export const HEADS: readonly Pattern[] = [
  '(start|begin) (with|from) (the list |the {nn} |the list: |the {nn}: |this list: |these {nn}: |){l}',
  '(take|consider|use|look at|write down|given|given are|you have|we have|i have|imagine|you are given|suppose you have|think of|here you have|i wrote down|i have written down|let us take|let us start with|we start with|you start with|i start with|we begin with|from|say you have) (the list |the {nn} |these {nn}: |this list: |a list: |the following {nn}: |the list: |the following list: |a list of {nn}: |some {nn}: |a list with |){l}',
  '(here is|this is) (a|the|my|our) ({n1}|list)(:|) {l}',
  'here are (some |the |my |our |){title}(:|) {l}',
  'these are (the |my |our |){title}(:|) {l}',
  '(the|my|our|a) {title} (are|is|has|holds|have|reads|goes|contains|shows|says|lists|were|was|read)(:|) {l}',
  '{title}: {l}',
  '{title}: {l}',
  '{title}: {l}',
  '{title}, {title}: {l}',
  '{title} {l}',
  '{title} - {l}',
  '(list|numbers|my list|my numbers|the numbers|the list|values|data|input|a list|list of numbers)(:| =|) {l}',
  '(the list is|the {nn} are|my list is|my {nn} are|there is a list:|there are the {nn}|the list has the {nn}|a list has the {nn}|a list reads|the list reads)(:|) {l}',
  '{l}',
  '{l}',
  '{l} ->',
].map(parsePattern);

/** What a request may begin with, which says nothing. */
export const LEAD = parsePattern(
  '(then |then, |then tell me |i just want |next, |after that, |now |and then |next |finally, |finally |afterwards |first, |first |now, |please |please |after that |in the end |at last |also |can you |could you |i want you to |i need you to |you should |you |we |i |please can you |would you |let us |last, |lastly, |ok now |ok, |for me, |just |so |hey, |quick one: |help me |your task: |task: |you must |to begin, |once more, |from these {nn}(,|) |from the list(,|) |of these(,|) |from these(,|) |from {l}(,|) )',
);
/** What it may end with. */
export const TAIL = parsePattern(
  '( please| for me| pls|, please| now| first| at the end| in the end| in the list| only| and leave the rest as it is| thanks|, thanks| in the order given|, same order| in the same order| and write it down| as they are| and nothing else| here| once| again| one by one| word by word|, word by word| so the last comes first| so that the last comes first| so the tail becomes the head| so that the first comes last| and leave everything else where it is| and leave the others alone)',
);
