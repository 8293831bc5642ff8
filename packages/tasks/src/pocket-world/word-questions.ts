import { type Pattern, parsePattern } from './pattern.ts';
import { type Asked, type ComparePhrase, person, phrases, type QuestionPhrase } from './word-phrases.ts';
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
    `how many {i} (is it|are they|does that make|are that|was that|were there|would that be)${end}`,
    `(what is|what was) the (total|total number of {i}|final number of {i}|number of {i} {o} {has})( now| in the end| at the end|)`,
    `how many {does} {o} (keep|still have|end up with|own)${end}`,
    `how many {i} will {o} have${end}`,
    'how much money {does} {o} have( now| left| in the end| at the end|)',
    'how much {does} {o} have( now| left| in the end| at the end|)',
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
    'how many {i} (does|do) {o} have (at|in|with) {p} {noun}( now|)',
    'what is {O} {noun} (now|in the end)',
    'so how many {i} (is|are) that( now|)',
    `how many {i} {does} {o} (need|{vb})( altogether| in all| in total|)`,
    `how many {i} (do|did|have) (we|they|you) ({vb} |have |got |)${end}`,
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
    `how many {i} (remain|are left|stay|are parked|wait|are still)( (in|on|at) {o}|)${end}`,
    '(find|work out|tell me|calculate) how many {i} are (left|(in|on|at) {o})( now|)',
  ],
  [
    { frame: 'person', asked: 'missing' },
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
    'how many( {i}|) (is that|are that|does that make|would that be) (each|for each|per {noun}|for each of the {n} {noun}) if {o} <share|split> them (among|between) {n}'.replace(
      '(each|for each|per {noun}|for each of the {n} {noun})',
      '(each|for each)',
    ),
    `{o} <put|pack|sort> (them|the {i}) (equally |evenly |)into {n} {k}. how many( {i}|) are in each( {k1}|)`,
  ],
  [
    { frame: 'place', asked: 'each' },
    `(they|the {i}) are (shared|split|divided) (equally |evenly |)among {n} ${person}. how many( {i}|) does (each|everyone|each of them|each person) get`,
  ],
]);

const two =
  '(they|{o} and {o2}|{o2} and {o}|the two|both|both of them|the two of them|the two together|the pair|they both)';
const all = `(together|in all|in total|altogether|between them|between the two of them|combined|all together)${end}`;
const HAS = '(have|own|hold|got|have got|hold|end up with)';

/** Questions about two holders: `{o}` and `{o2}`; `behind` asks how far `{o}` is below. */
export const PAIR_QUESTIONS: readonly { readonly pattern: Pattern; readonly asked: Asked }[] = phrases<{
  readonly asked: Asked;
}>([
  [
    { asked: 'together' },
    `how many {i} (do|did|does|have) ${two} ${HAS} ${all}`,
    `how many {i} (do|did|does|have) ${two} ${HAS} ${all}`,
    `how many (do|did|does|have) ${two} ${HAS} ${all}`,
    `how many {i} (are there|are that|is that|were there|does that make) ${all}`,
    `how many {i} (do|did|have) ${two} ({vb} |)${all}`,
    `what is (their|the) (total|sum|combined total|total number of {i})${end}`,
    `(and |)how many (do|did|have) ${two} ({vb} |)${all}`,
    `how much (do|did) ${two} ${HAS} ${all}`,
  ],
  [
    { asked: 'ahead' },
    `how many more( {i}|) (does|did|do|has|have) {o} (have|own|have got|hold|end up with|{vb}) than {o2}${end}`,
    `how many more( {i}|) (does|did|do|has|have) {o} (have|own|have got|hold|end up with|{vb}) than {o2}${end}`,
    `how many {i} more (does|did|has) {o} (have|{vb}) than {o2}${end}`,
    `how many more( {i}|) (has|have) {o} (got |)than {o2}${end}`,
    `by how many( {i}|) is {o} ahead of {o2}${end}`,
    `how many (fewer|less)( {i}|) (does|did|has) {o2} (have|{vb}) than {o}${end}`,
    `what is the difference between {o} and {o2}${end}`,
    `how much more (does|did|has) {o} (have|{vb}) than {o2}${end}`,
    `how many more( {i}|) (does|did) {o} {vb} than {o2}( {vb}|)${end}`,
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
    'how much {does} {o} (pay|have to pay|spend|need|get|earn)( in all| in total| altogether|)',
    'how many {i} {does} {o} (pay|have to pay|spend|need|get|earn)( in all| in total| altogether|)',
    '(how much is that|how much does that cost|how much does it cost|what does it cost)( in all| in total| altogether|)',
    'what is the total( cost| price|)',
  ],
  [
    { asked: 'missing' },
    '{o} <pay with|have> {n} {i}. how (much|many {i}) (change {does} {o} get|{does} {o} get back|{does} {o} have left|are left|is left)',
    'how much change {does} {o} get (from|for|out of) {n} {i}',
  ],
]);

const times = '(times as many|times more|times as much|times the number of)';

export const COMPARES: readonly ComparePhrase[] = phrases<Omit<ComparePhrase, 'pattern'>>([
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
    `{o} <have|own|collect|catch|find|pick|reel in|make> {n} ${times}( {i}|) (as|than|of|) {o2}`.replace(
      '(as|than|of|)',
      '(as|than)',
    ),
    `{o} <have|own> {n} times {O2} {i}`,
    `{o} <${GAINS}> {n} times as many( {i}|)( as {o2}|)`.replace('( as {o2}|)', ' as {o2}'),
    '{o} <have|catch|reel in|make|score> {n} times as many',
  ],
  [
    { operation: '*', by: 2 },
    '{o} <have|own|collect|catch|find|pick|make> twice as many( {i}|) as {o2}',
    '{o} <have|own> double {O2} {i}',
    `{o} <${GAINS}> (twice as many|double as many|twice as much)( {i}|) as {o2}`,
    '{o} <have|own|make> (double|twice) (the number|that|as many)',
    '{o} twice that',
  ],
  [
    { operation: '/', by: 2 },
    '{o} <have|own|collect|catch|find|pick> half as many( {i}|) as {o2}',
    '{o} <have|own> half (of |){O2} {i}',
  ],
]);
