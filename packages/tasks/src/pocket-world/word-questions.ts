import type { Pattern } from './pattern.ts';
import { type Asked, type ComparePhrase, person, phrases, type QuestionPhrase } from './word-phrases.ts';

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
    `{o} <share|split|divide> (them|the {i}|all {i}|all the {i}|{p} {i}) (equally |evenly |)among {n} ${person}. how many( {i}|) does (each|everyone|each of them|each person|each friend|each child|each one) get`,
    `{o} <put|pack|sort> (them|the {i}) (equally |evenly |)into {n} {k}. how many( {i}|) are in each( {k1}|)`,
  ],
  [
    { frame: 'place', asked: 'each' },
    `(they|the {i}) are (shared|split|divided) (equally |evenly |)among {n} ${person}. how many( {i}|) does (each|everyone|each of them|each person) get`,
  ],
  [
    { frame: 'person', asked: 'together' },
    '{x} <have|own|hold> {n}( {i}|). how many {i} do (they|{o} and {x}|{x} and {o}|the two|both|both of them|the two of them) have (together|in all|in total|altogether)',
    'how many {i} do (they|{o} and {x}|the two) have (together|in all|in total|altogether) if {x} <have> {n}( {i}|)',
  ],
  [
    { frame: 'person', asked: 'ahead' },
    '{x} <have|own|hold> {n}( {i}|). how many more {i} {does} {o} have( than {x}|)',
    'how many more {i} {does} {o} have than {x}( if|, if|, who has| if) {x} <have> {n}( {i}|)',
  ],
  [
    { frame: 'person', asked: 'behind' },
    '{x} <have|own|hold> {n}( {i}|). how many (fewer|less) {i} {does} {o} have( than {x}|)',
    '{x} <have|own|hold> {n}( {i}|). how many more {i} does {x} have( than {o}|)',
  ],
]);

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

export const COMPARES: readonly ComparePhrase[] = phrases<Omit<ComparePhrase, 'pattern'>>([
  [
    { operation: '+' },
    '{x} <have|own|collect|hold> {n} more( {i}|) than {o}',
    '{x} <have> {n} {i} more than {o}',
  ],
  [
    { operation: '-' },
    '{x} <have|own|collect|hold> {n} (fewer|less)( {i}|) than {o}',
    '{x} <have> {n} {i} (fewer|less) than {o}',
  ],
  [{ operation: '*' }, '{x} <have|own|collect> {n} times as many( {i}|) as {o}'],
  [
    { operation: '*', by: 2 },
    '{x} <have|own|collect> twice as many( {i}|) as {o}',
    '{x} <have> double {O} {i}',
  ],
  [
    { operation: '/', by: 2 },
    '{x} <have|own|collect> half as many( {i}|) as {o}',
    '{x} <have> half of {O} {i}',
  ],
]);

export const COMPARE_QUESTIONS: readonly { readonly pattern: Pattern; readonly both: boolean }[] = phrases<{
  readonly both: boolean;
}>([
  [
    { both: false },
    'how many( {i}|) does {x} have( now| then| in the end|)',
    'how many {i} does that make for {x}',
    "what is {x}'s number of {i}",
  ],
  [
    { both: true },
    'how many {i} do (they|{o} and {x}|{x} and {o}|the two|both) have (together|in all|in total|altogether)',
    'how many {i} are (there|that) (together|in all|in total|altogether)',
  ],
]);
