import { type Pattern, parsePattern } from './pattern.ts';
import {
  type Asked,
  type ComparePhrase,
  type Only,
  person,
  phrases,
  type QuestionPhrase,
} from './word-phrases.ts';
import { GAINS } from './word-verbs.ts';

const end =
  '(| now| left| in the end| at the end| then| after that| afterwards| altogether| in total| in all| at last| still| today|)';

export const QUESTIONS: readonly QuestionPhrase[] = phrases<Omit<QuestionPhrase, 'pattern'>>([
  [
    { frame: 'person', asked: 'now' },
    `how many {i} {does} {o} have${end}`,
    `how many {i} {does} {o} have${end}`,
    `how many {i} {does} {o} (still |)(have|own|hold|have got)${end}`,
    `how many {i} are (there|left)${end}`,
    `how many {i} (remain|remained|are remaining|does that make|is that)${end}`,
    'how many {i} {is} {o} left with',
    'how many {i} (has|have|had) {o} (got|now|left|got now|got left|then)',
    `how many {i} {does} {o} (keep|collect|buy|get|make|find|earn|eat|read|sell|pick|bake|own|see|score|run|use|walk|drive|win|count|need|carry|plant|catch|spend|save|write|drink|have to carry)${end}`,
    `how many {i} (is it|are they|does that make|~are that|was that|~were there|would that be)${end}`,
    `(what is|what was) the (total|total number of {i}|final number of {i}|number of {i} {o} {has})( now| in the end| at the end|)`,
    `how many {does} {o} (keep|still have|end up with|own)${end}`,
    `how many {i} will {o} have${end}`,
    `how many {i} are (in|on|at) (the|{p}) {c}${end}`,
    'how many {i} {does} {o} end up with',
    'with how many {i} {does} {o} end up',
    'what is the number of {i}( now| in the end| left|)',
    `how many {does} {o} have${end}`,
    `how many are left${end}`,
    '(find|work out|tell me|calculate|give) (how many {i} {o} {has}|the number of {i} {o} {has}|how many {i} are left)( now| left| in the end| at the end|)',
    '(now |so |so now |and |then |and now )how many {i} {does} {o} have( now| left|)',
    'what is {O} (total|number of {i})( now|)',
    'how (much|many)( {i}|) (is|was|are|were) (left|still there|in there|still in there|still left|over|left over|remaining)( in {O} {c}| in there|)( now|)',
    `how many( {i}|)`,
    `how many( {i}|) (is|are|was|were) (left over|left in {O} {c}|in {O} {c}|still whole|over|still there|still in {O} {c})${end}`,
    'how many( {i}|) (has|have|had) {o} (got |)(now|left|in the end|at the end|today|)',
    'what does {o} (have|end up with|end on)( now|)',
    '~what does {O} ({noun}|{noun} {noun}) (end on|end at|come to)',
    '~how many {i} (are|is) (lying |left |still |)(there|here) {prep} {noun}',
    '~how many {i} (does|do) {o} have (at|in|with) {p} {noun}( now|)',
    '~what is {O} {noun} (now|in the end)',
    'so how many {i} (is|are) that( now|)',
    `~how many {i} {does} {o} (need|{vb})( altogether| in all| in total|)`,
    `~how many {i} (do|did|have) (we|they|you) ({vb} |have |got |)${end}`,
    '(now |and |so |and now |)how many( {i}|) (has|have) {o} got( now|)',
    `~how many {i} (has|have) {o}( got|)${end}`,
    '~how many {i} (now|left)',
    `how many( {i}|) (does|do|did) {o} (have|still have) (in all|all told|overall|all in all)`,
    'how many {i} (are|is) (in|on|at) (the|{p}) ({noun}|{noun} {noun})( now| in the end| at the end|)',
    'how many {i} (does|do|did|would|will) that (make|leave|leave {io} with)',
    '(what|which) is {O} (final |)(count|tally|total)( of {i}|)( now| in the end|)',
    'how (many|much) (is|are) (still |)(in|on|inside) (there|it)( now|)',
    '(work out|say|tell me|find out|figure out) how many( {i}|) (are left|remain|{o} {has}|{o} {has} now|{o} {has} left|there are now|there are in the end)',
    `how many {i} {does} {o} have (left |)(after|at the end of) (all that|all this|that|this|the day|the week)`,
  ],
  [
    { frame: 'place', asked: 'now' },
    `how many {i} are (in|on|at) {o}${end}`,
    `how many {i} are (there|left|still there)( (in|on|at) {o}|)${end}`,
    `how many {i} (remain|stay|are still)( (in|on|at) {o}|)${end}`,
    `how many {i} does {o} (have|hold)${end}`,
    `how many are (there|left)${end}`,
    'what is the number of {i}( now| in the end| left|)',
    `how many( {i}|) (are|were|is|was) (on|in|at|inside|on board|lying) ({o}|there|board)${end}`,
    `how many( {i}|) (are|were) (left|left over|still there|there|remaining|on board)( (in|on|at) {o}|)${end}`,
    `how many( {i}|) (does|do|did|has|have) {o} (have|hold|got|still have|carry)${end}`,
    `how many( {i}|) (are|is|were|was) {vb} (in|on|at) {o}${end}`,
    'how many {i} (does|do|did|would|will) that (make|leave)( (in|on|at) {o}|)',
    '(work out|say|tell me|find out|figure out) how many( {i}|) (are left|remain|there are now|are (in|on|at) {o} now|there are in the end)',
    `how many {i} (remain|are left|stay|are parked|wait|are still)( (in|on|at) {o}|)${end}`,
    '(find|work out|tell me|calculate) how many {i} are (left|(in|on|at) {o})( now|)',
  ],
  [
    { frame: 'person', asked: 'now', only: 'money' },
    'how much money {does} {o} have( now| left| in the end| at the end|)',
    'how much {does} {o} have( now| left| in the end| at the end|)',
    'how much money (is left|does {o} have|{does} {o} have left|is that|is in the {noun}|has {o} got)( now| in the end|)',
  ],
  [
    { frame: 'person', asked: 'now', only: 'act' },
    `how many( {i}|) (did|does|do|has|have) {o} {act0}${end}`,
    `how many {i} (did|does|do) {o} {act0}( in all| in total| altogether|)`,
    `how many {i} (is that|~are that|was that|does that make|were there)${end}`,
    'what is {O} total( number of {i}|)',
    `how many( {i}|) (did|does|do) {o} {act0} (in total|in all|altogether|all together)`,
  ],
  [
    { frame: 'person', asked: 'now', only: 'age' },
    'how old (is|was) {o}( now|)',
    'how old (is|was) {o}',
    'how many {i} old (is|was) {o}( now|)',
    'what is {O} age',
  ],
  [
    { frame: 'person', asked: 'missing' },
    '{o} (would like|<want|need>) (to have |){n} {i}(.|,| altogether.| in all.|) how many( more|)( {i}|) (does|do) {o} (still |)(need|have to get|have to find)',
    '{O} (goal|aim|target) is {n}( {i}|)(. |, )how many( more|)( {i}|) (does|do) {o} (still |)(need|have to get|have to find)',
    '{O} {c} has room for {n}( {i}|)(. |, )how many more( {i}|) (fit in|can {o} add|fit|go in)',
    'how many( {i}|) (are|is) (still |)missing if {o} <want|need> {n}( {i}|)',
    'how many( more|)( {i}|) (does|do) {o} (still |)need (for|to make|to get) {n}( {i}|)( in all| altogether|)',
    'how far is {o} from {n}( {i}|)',
    'how many more {i} {does} {o} need to (have|reach|get to) {n}( {i}|)',
    'how many more {does} {o} need to (have|reach|get to) {n}( {i}|)',
    'how many( more|) {i} are missing to {n}',
    'how many {i} (is|are) {o} (missing|short) to (have|reach) {n}',
    '{o} <want|need> {n} {i}(.| and| in all.|) how many( more|) (are missing|{i} are missing|{does} {o} need|{i} {does} {o} need|{does} {o} still need)',
    'how many more {i} (must|should|can) {o} (get|buy|find|collect) to have {n}',
  ],
  [
    { frame: 'place', asked: 'missing' },
    'how many more {i} does {o} need to (have|reach|hold) {n}',
    'how many( more|) {i} are missing to {n}',
    '{o} (holds at most|has room for|can hold) {n} {i}(.| and|) how many (more can come|places are free|more fit in|more {i} fit in)',
  ],
  [
    { frame: 'person', asked: 'each' },
    `how many {i} (does each|does each of them|does everyone|does every one|does each person|does each friend|does each child) get if {o} <share|split|divide> them (equally |evenly |)among {n} ${person}`,
    `if {o} <share|split|divide> (them|the {i}) (equally |evenly |)among {n} ${person}, how many( {i}|) does (each|everyone|each of them|each person|each friend|each child) get`,
    `{o} <share|split|divide> (them|the {i}|all {i}|all the {i}|{p} {i}|the rest|what is left) (equally |evenly |)(among|between|with) {n} ${person}(.|,) how many( {i}|) does (each|everyone|each of them|each person|each friend|each child|each one) get`,
    `{o} <share|split|divide|deal|put|pack|spread> (them|the {i}|the rest|what is left|all of them|all {p} {i}|what was left) (out |)(equally |evenly |fairly |)(among|between|with|over|into|on|onto|in) {n} ({noun}|{k}|${person})(, | and |. |, and )how many( {i}|) (are|is|does|do|go|are there|will) (in each|each|each get|each one get|each {noun} get|everyone get|each of them get|per {noun}|go in each|on each|in each {noun}|each {noun}|one {noun} get)`,
    `(the rest|what is left|they|the {i}|those remaining|those left|the remaining {i}) (go|are put|are split|are shared|were split|were shared|went|are divided|are packed|are moved) (equally |evenly |in equal shares |)(among|between|into|over|to) {n} ({noun}|{k}|${person})(, the same number in each|, the same number each|)(, | and |. )how many( {i}|) (are|is|does|do|per|go|play|go in) (in each|each|each get|per {noun}|{noun}|each {noun} get|on each|in each {noun}|each {noun} have)`,
    'how many( {i}|) (is that|are that|does that make|would that be) (each|for each) if {o} <share|split> them (among|between) {n}',
    `{o} <put|pack|sort> (them|the {i}) (equally |evenly |)into {n} {k}. how many( {i}|) are in each( {k1}|)`,
    `how many( {i}|) (does|will|would) (each|everyone|each person|each child) get if (they are|the {i} are|these are|all {i} are) (shared|split|divided) (equally |evenly |)(among|between) {n} ({folk}|${person})`,
  ],
  [
    { frame: 'person', asked: 'groups' },
    '(a|one|each|every) {k1} (holds|takes|has room for|fits|can hold) {n}( {i}|)(. |, |; )how many {k} (does|do|will|must) {o} (need|fill|buy)',
    '(a|one|each|every) {k1} (holds|takes|has room for|can hold) {n}( {i}|)(. |, |; )how many {k} (are needed|are there|is that|does that make|will be full)',
    '{o} <put|pack|tie|sort> (them|the {i}|them all|all of them) (in|into) {k} of {n}(. |, and |, | and )how many {k} (does|do|will) {o} (need|get|fill|have|make)',
    '{o} <put|pack|place> {n}( {i}|) (in|into|on) (each|every) {k1}(. |, |; )how many {k} (does|do|will) {o} (need|fill|have|get)',
    'how many {k} of {n}( {i}|) (can|could|does|do) {o} (make|fill|pack|make from them|get)',
    'if (a|each|every) {k1} (holds|takes|gets) {n}( {i}|), how many {k} (does|do|can|will) {o} (need|fill)',
  ],
  [
    { frame: 'place', asked: 'each' },
    `(they|the {i}) are (shared|split|divided) (equally |evenly |)among {n} ${person}. how many( {i}|) does (each|everyone|each of them|each person) get`,
  ],
]);

/** Behind a sentence that makes equal shares: how many one of them has. */
export const SHARES: readonly Pattern[] = [
  'how many( {i}|) (are|is|go|were|will be|are there|do we have|lie) (in|on|for|at) (each|one|every)( {k1}| {noun}| of them|)',
  'how many( {i}|) (does|do|did|will|would) (each|every|each one|each of them|everyone|everybody|every one|each person|each child|each friend|one of them) (get|have|receive|take|hold|end up with)',
  'how many( {i}|) (does|do|did|will|would) (each|every|one|a) ({k1}|{folk1}|{noun}) (get|have|hold|receive|take|end up with)',
  'how many( {i}|) (per|for each|in each|on each|each|does each) ({k1}|{folk1}|{noun})',
  'how many( {i}|) (are in each|each|does each get|is that each|does that make each|apiece|is that per {noun}|in each|on each)',
  'how many( {i}|) (is|are|was) that (each|per {k1}|in each|for each)',
].map(parsePattern);

const two =
  '(they|{o} and {o2}|{o2} and {o}|the two|both|both of them|the two of them|the two together|the pair|they both)';
const all = `(together|in all|in total|altogether|between them|between the two of them|combined|all together)${end}`;
const HAS = '(have|own|hold|got|have got|hold|end up with)';

/** Questions about two holders: `{o}` and `{o2}`; `behind` asks how far `{o}` is below. */
export const PAIR_QUESTIONS: readonly {
  readonly pattern: Pattern;
  readonly asked: Asked;
  readonly only?: Only;
}[] = phrases<{ readonly asked: Asked; readonly only?: Only }>([
  [
    { asked: 'together' },
    `how many {i} (do|did|does|have) ${two} ${HAS} ${all}`,
    `how many {i} (do|did|does|have) ${two} ${HAS} ${all}`,
    `how many (do|did|does|have) ${two} ${HAS} ${all}`,
    `how many {i} (are there|are that|is that|were there|does that make) ${all}`,
    `how many {i} (do|did|have) ${two} (~{vb} |have )${all}`,
    `what is (their|the) (total|sum|combined total|total number of {i})${end}`,
    `(and |)how many (do|did|have) ${two} (~{vb} |)${all}`,
    `how much (do|did) ${two} ${HAS} ${all}`,
    `(and |)how many( {i}|) (do|did|have) ${two} (have|got|{vb}|have got)( now| in the end|)`,
    `(and |)how many( {i}|) (~is that|~are there|does that make|~is it|are they|are there) ${all}`,
    `(what is|what was) (their|the) (total|sum|combined total|joint total)( of {i}|)( now|)`,
    `(how many|how much)( {i}|) (is|are) there between (them|the two|the two of them|{o} and {o2})( now|)`,
  ],
  [
    { asked: 'together', only: 'act' },
    `how many( {i}|) (did|do|does) ${two} {act0}( ${all}|)`,
    `how many( {i}|) (did|do|does) ${two} {act0} (together|in all|in total|altogether|between them)`,
  ],
  [
    { asked: 'together', only: 'age' },
    `how old are ${two} (together|altogether|in total)`,
    'what is the sum of their ages',
    'how many {i} are they together',
  ],
  [
    { asked: 'ahead', only: 'act' },
    'how many more( {i}|) (did|does|do) {o} {act0} than {o2}( did|)',
    'how many more( {i}|) (did|does|do) {o} {act0} than {o2}',
    'how many (fewer|less)( {i}|) (did|does) {o2} {act0} than {o}',
  ],
  [
    { asked: 'ahead', only: 'age' },
    'how (many {i}|much) older (is|was) {o} than {o2}',
    'how (many {i}|much) younger (is|was) {o2} than {o}',
    'by how many {i} is {o} older than {o2}',
    'what is the difference between the ages of {o} and {o2}',
  ],
  [
    { asked: 'ahead' },
    `how many more( {i}|) {does} {o} (have|own|have got|hold|end up with|~{vb}) than {o2}${end}`,
    `how many more( {i}|) {does} {o} (have|own|have got|hold|end up with|~{vb}) than {o2}${end}`,
    `how many {i} more {does} {o} (have|~{vb}) than {o2}${end}`,
    `how many more( {i}|) (has|have) {o} (got |)than {o2}${end}`,
    `by how many( {i}|) is {o} ahead of {o2}${end}`,
    `how many (fewer|less)( {i}|) (does|did) {o2} (have|~{vb}) than {o}${end}`,
    `what is the difference between {o} and {o2}${end}`,
    `how much more (does|did) {o} (have|~{vb}) than {o2}${end}`,
    `~how many more( {i}|) (does|did) {o} {vb} than {o2}( {vb}|)${end}`,
    '(and |)how many more( {i}|) (does|do|did|has|have) {o} (got than|have than|compared to|compared with) {o2}( now|)',
    'how (much|many)( {i}|) (bigger|larger|greater) is {O} (total|number|count|pile|collection) than {O2}( now|)',
    'how far is {o} ahead of {o2}( now|)',
    '~how much (further|longer|older|taller) (did|does|is) {o} {vb} than {o2}',
  ],
]);

/** The same about three. */
export const THREE: Pattern = parsePattern(
  `how many {i} (do|did) (the three|they|all three|the three of them|the three of them all) ${HAS} (altogether|in all|in total|together|between them)${end}`,
);

/** After a price: what is paid, and what comes back. */
export const PRICE_QUESTIONS: readonly { readonly pattern: Pattern; readonly asked: Asked }[] = phrases<{
  readonly asked: Asked;
}>([
  [
    { asked: 'now' },
    'how much (money |){does} {o} (pay|have to pay|spend|~need|get|~earn)( in all| in total| altogether|)',
    'how many {i} {does} {o} (pay|have to pay|spend|need|get|earn)( in all| in total| altogether|)',
    '(how much is that|how much does that cost|how much does it cost|what does it cost)( in all| in total| altogether|)',
    'what is the total( cost| price|)',
    'how much (money |)(does|do|did|will|must) {o} (pay|spend|have to pay|~owe|spend in all|need)( in all| in total| altogether| for all of it| for everything|)',
    'how much (is it|is the bill|was it|is all of that|are they|is everything)( in all| in total| altogether|)',
  ],
  [
    { asked: 'missing' },
    '{o} <pay with|have> {n} {i}. how (much|many {i}) (change {does} {o} get|{does} {o} get back|{does} {o} have left|are left|is left)',
    'how much change {does} {o} get (from|for|out of|back from|with) {n} {i}',
    '{o} <pay with|give|hand over|have> {n} {i}(. |, )how much( change|) (does|do) {o} get back',
    '{o} <pay with|have> {n}( {i}|)(. |, )(how much change is that|what is the change|what change {does} {o} get|how much comes back)',
  ],
]);

const times = '(times as many|times more|times as much|times the number of)';

export const COMPARES: readonly ComparePhrase[] = phrases<Omit<ComparePhrase, 'pattern'>>([
  [{ operation: '+' }, '{o} {act} {n} more( {i}|) than {o2}', '{o} {n} more( {i}|) than {o2}'],
  [{ operation: '-' }, '{o} {act} {n} (fewer|less)( {i}|) than {o2}'],
  [
    { operation: '*' },
    '{o} {act} {n} times as many( {i}|) as {o2}',
    '{o} {act} {n} times as many',
    '{o} {n} times (that|as many|as much)',
  ],
  [
    { operation: '*', by: 2 },
    '{o} {act} (twice as many|double the number|twice as many {i})( as {o2}|)',
    '{o} (twice|double) (that|as many|that number|that many)',
  ],
  [
    { operation: '/', by: 2 },
    '{o} {act} half as many( {i}|)( as {o2}|)',
    '{o} half (that|as many|that number|of that)',
    '{o} <have|own|get> half as many',
  ],
  [{ operation: '+', only: 'age' }, '{o} (is|was) {n}( {i}|) older than {o2}', '{o} (is|was) {n} {i} older'],
  [
    { operation: '-', only: 'age' },
    '{o} (is|was) {n}( {i}|) younger than {o2}',
    '{o} (is|was) {n} {i} younger',
  ],
  [{ operation: '*', only: 'age' }, '{o} (is|was) {n} times as old as {o2}'],
  [
    { operation: '*', by: 2, only: 'age' },
    '{o} (is|was) (twice|double) as old as {o2}',
    '{o} (is|was) twice {O2} age',
  ],
  [{ operation: '/', by: 2, only: 'age' }, '{o} (is|was) half as old as {o2}', '{o} (is|was) half {O2} age'],
  [
    { operation: '+' },
    '{o} <have|own|collect|hold|find|get|catch|buy|pick> {n} more( {i}|) than {o2}',
    '{o} <have|own|get> {n} {i} more than {o2}',
    '{o} <manage|score|make|throw> {n} more than {o2}',
    `{o} <${GAINS}> {n} more( {i}|) than {o2}`,
  ],
  [
    { operation: '-' },
    '{o} <have|own|collect|hold|find|get|catch|buy|pick> {n} (fewer|less)( {i}|) than {o2}',
    '{o} <have|own|get> {n} {i} (fewer|less) than {o2}',
    '{o} <manage|score|make> {n} (fewer|less) than {o2}',
  ],
  [
    { operation: '*' },
    `{o} <have|own|collect|catch|find|pick|reel in|make> {n} ${times}( {i}|) (as|than) {o2}`,
    `{o} <have|own> {n} times {O2} {i}`,
    `{o} <${GAINS}> {n} times as many( {i}|) as {o2}`,
    '{o} <have|catch|reel in|make|score> {n} times as many',
  ],
  [
    { operation: '*', by: 2 },
    '{o} <have|own|collect|catch|find|pick|make> twice as many( {i}|) as {o2}',
    '{o} <have|own> double {O2} {i}',
    `{o} <${GAINS}> (twice as many|double as many|twice as much)( {i}|) as {o2}`,
    '{o} <have|own|make> (double|twice) (the number|that|as many)',
  ],
  [
    { operation: '/', by: 2 },
    '{o} <have|own|collect|catch|find|pick> half as many( {i}|) as {o2}',
    '{o} <have|own> half (of |){O2} {i}',
  ],
]);
