import { type ComparePhrase, phrases, rate, type StartPhrase } from './word-phrases.ts';
import { COMES, GAINS } from './word-verbs.ts';

export const STARTS: readonly StartPhrase[] = phrases<Omit<StartPhrase, 'pattern'>>([
  [
    { frame: 'person', kind: 'plain' },
    '{o} <have> {n} {i}',
    '{o} <have> {n} {i}',
    '{o} <have> {n} {i}',
    '{o} <own|hold|start with|begin with|possess|keep|carry|start out with|start off with|have got> {n} {i}',
    '{o} <buy|find|collect|get|bake|pick|make|gather|win|receive|catch|earn|count|order|bring> {n} {i}',
    `{o} <${GAINS}> {n} {i}`,
    '{o} <save up|lay|raise|breed|stack|store|unpack> {n} {i}',
    'there (are|were) {n} {i} in {O} {c}',
    'in {O} {c}(,|) there (are|were) {n} {i}',
    '{O} {c} (holds|has|contains|held|had) {n} {i}( in it|)',
    '{o} <keep|have|store> {n} {i} in (a|{p}) {c}',
    '{o} <have|own|keep|get> (a {c}|a collection|a set|a pile|a pack|a total|a stack) (of|with) {n} {i}',
    '{o} <have|own> (exactly|about|only|already|just) {n} {i}',
    '{O} {c} (holds|has|contains|held|had|carries|starts with|started with|begins with) {n} {i}( in it|)',
    '{n} {i} (are|were) (in|~on) {O} {c}',
    '~(the |{p} |)({noun}|{noun} {noun}) (log|tally|count|list|notes|report)(: | - |. ){n} {i}',
    '~there (is|was|are|were) {n} {i} (in|on|at) (the|a|{p}) ({noun}|{noun} {noun})',
    '{O} {c}: {n} {i}',
    '{o} <begin|start|set off|set out|kick off|head out|open|turn up|show up|go out> with {n} {i}',
    '{o} (is|was|are) sitting on {n} {i}',
    '{o} <sit> on {n} {i}',
    '~{o} {act} with {n} {i}',
    '~{x}( and {x}|) <collect|hoard|keep|save|like|love|own|have|breed|grow|sell> {i}(.|:|;) {o} <have|own|start with|hold> {n}( {i}|)',
    '~{x}( and {x}|) <collect|hoard|keep|save|like|love|own|have|breed|grow|sell> {i}(.|:|;) {O} ({noun}|{noun} {noun}) <have|hold|contain> {n}( {i}|)',
    '{o} (is|was|are|am) (given|handed|left) {n} {i}',
    '~{O} {noun} (has|had|holds|held) {n} {i}( in it|)',
    '{o} <start|begin> (the day|the week|the game|the year|the season|out|off|) with {n} {i}',
    '{o} <collect|like|love|keep|save|hoard|make|grow> {i}(.|, and|:) {s} <have|own|have got> {n}( of them| already| so far| now|)',
    '~{o} <have> {n} {i} in (a|{p}) ({noun}|{noun} {noun})',
    '{o} <have> ({n} {adj} {i}|a total of {n} {i}|{n} {i} in all|{n} {i} altogether)',
    '~there (are|were) {n} {i}',
    '~{O} {noun} (is|was) {n} {i} (high|long|tall|deep|wide)',
  ],
  [
    { frame: 'place', kind: 'plain' },
    'there (are|were) {n} {i} (in|on|at) {o}',
    'there (are|were) {n} {i} (in|on|at) {o}',
    '{o} (has|had|holds|held|carries|carried|contains|starts with|opens with) {n} {i}',
    '{n} {i} (are|were|sit|sat|wait|waited|live|lived|stand|stood|stay|lie|lay|swim|play|work|grow|grew|hang|hung) (in|on|at) {o}',
    '{n} {i} (are|were) (sitting|waiting|standing|living|swimming|playing|working|parked|hanging|lying|growing) (in|on|at) {o}',
    'there (are|were) {n} {i} (sitting|waiting|standing|living|swimming|playing|working|parked|hanging|lying|growing) (in|on|at) {o}',
    '(in|on|at) {o}(,|) there (are|were) {n} {i}',
    '{i} (in|on|at) {o}: {n}',
    '{o}: {n} {i}',
    '{n} {i} <board|get on|enter|climb on|visit|come to> {o}',
    'there (is|was) {n} {i} (in|on|at) {o}',
    '{o} is home to {n} {i}',
    `~({n} {i}) <${COMES}>`,
    '{o} (starts|starts out|sets off|leaves|left|leaves the station|begins the day|opens|begins) with {n} {i}( on board| inside|)',
    '(in|on|at) {o} (we see|we find|you see|i see|you can see|we count|i count) {n} {i}',
  ],
  [
    { frame: 'person', kind: 'none' },
    '{o} <have> no {i}( at first| to begin with| yet| at all|)',
    '{o} <start|begin|start out> with (no|zero) {i}',
  ],
  [
    { frame: 'person', kind: 'act' },
    '{o} {act} {n} {i}',
    '{o} {act} {n} {i}',
    '{o} {act} (exactly |about |already |another |)({n} {i}|{n} {adj} {i})',
  ],
  [
    { frame: 'person', kind: 'age', item: 'years' },
    '{o} (is|was) {n} years old',
    '{o} (is|was) {n}',
  ],
  [
    { frame: 'place', kind: 'none' },
    'there (are|were) no {i} (in|on|at) {o}( at first| to begin with| yet|)',
  ],
  [
    { frame: 'person', kind: 'packs' },
    '{o} <have|buy|own|get|find|order|start with|collect|fill> {a} {k} (of|with) {b} {i}( each| in each| in each {k1}|)',
    '{o} <have|buy|own|get|find|order> {a} {k}, each (with|of|holding|containing) {b} {i}',
    '{o} <have|buy|own|get|find|order> {a} {k}( and|, and) (each|every) (one|{k1}) (holds|contains|has|is filled with) {b} {i}',
    '{o} <have|buy|own|get|find|order> {a} {k}(.|) (each|every) (one|{k1}) (holds|contains|has) {b} {i}',
    '{o} <have|own|put|keep> {b} {i} in each of ({p} |){a} {k}',
    '{o} <have|own|get|buy|find|collect|bring|fill|pick|order> {a} {k} of {i}(,|) (with|each with) {b}( {i}|)( in each| each| in every one|)',
    '{a} {folk} <chip in|give|bring|donate|contribute|collect|bake|make|put in|throw in|unload|add> {b} {i} (each|apiece)',
    '{a} {folk} each <chip in|give|bring|donate|contribute|collect|bake|make|put in|throw in|unload|add> {b} {i}',
    '~{o} {act} {a} {k} of {i}(,|) (with|each with) {b}( {i}|)( in each| each| in every one|)',
    '~{o} {act} {a} {k} of {b} {i}( each|)',
    `~{o} {act} {b} {i} ${rate}`,
    '(a|one|each|every) {k1} (holds|has|contains|carries|takes) {b} {i}(. |, and | and |; ){o} <have|buy|get|own|fill|order> {a} {k}( of them|)',
    '(there are|there were) {a} {k} (of|with) {b} {i}( each| in each|)( in {O} {c}|)',
    '{o} <have|own|get|buy|find|collect|bring|fill> {a} {k}(. |, and | and |; )(there are|there were|each one has|each has|in each there are|every one holds) {b} {i}( in each| in each {k1}| in each one| in every {k1}|)',
    `{o} <buy|find|make|collect|get|bake|pick|earn|save|win> {b} {i} ${rate}`,
  ],
  [
    { frame: 'person', kind: 'packs', asks: true },
    '(a|one|each|every) {k1} (holds|has|contains|carries) {b} {i}(. |, |; )how many {i} (are|do|go|fit) (there |)in {a} {k}( hold|)'.replace(
      '(are|do|go|fit) (there |)in {a} {k}( hold|)',
      '((are|go|fit|are there) in {a} {k}|do {a} {k} (hold|have|contain))',
    ),
    '(there are|there were) {b} {i} in (a|one|each|every) {k1}(. |, |; )how many {i} (are|are there|go|would be) in {a} {k}',
    'how many {i} are (there |)in {a} {k} (of|with) {b}( each|)',
    'how many {i} are {a} {k} of {b}( {i}|)',
  ],
  [
    { frame: 'person', kind: 'price', asks: true },
    '(a|one|each) {t1} costs {b} {i}(. |, | and |; )how much (do|would|will|did) {a} {t} cost',
    '(a|one|each) {t1} costs {b} {i}(. |, | and |; )how many {i} (do|would|will) {a} {t} cost',
    '(a|one|each) {t1} costs {b} {i}(. |, |; )(what do|what would|what will) {a} {t} cost',
    'how much do {a} {t} cost (at|for) {b} {i} (each|apiece)',
  ],
  [
    { frame: 'person', kind: 'price' },
    '(a|one|each) {t1} costs {b} {i}(. | and | ){o} <buy|get|order|take> {a} {t}',
    '{o} <buy|get|order|take> {a} {t} (for|at) {b} {i} (each|apiece)',
    '{o} <buy|get|order|take> {a} {t}(.|) (each|each one|every {t1}|each {t1}) costs {b} {i}',
    '{o} <sell> {a} {t} (for|at) {b} {i} (each|apiece)',
  ],
]);

/** Another holder comes in, with what it has. */
export const ENTRIES: readonly StartPhrase[] = phrases<Omit<StartPhrase, 'pattern'>>([
  [
    { frame: 'person', kind: 'plain' },
    '{o} <have|have|have|own|hold|start with|start out with|begin with|have got|get|collect|find|catch|pick|make|buy> ({n} {i}|{n})',
    '{o} <have> ({n} {i}|{n})',
    '{o} <have|have|own|hold> ({n} {i}|{n})',
    `{o} <${GAINS}> ({n} {i}|{n})`,
    '{O} {c} <hold|have> ({n} {i}|{n})',
    '{O} {n}',
    '~{O} (has|holds|had|held) {n}',
    '~{O} ({noun}|{noun} {noun}) (has|holds|had|held) {n}( {i}|)',
    '{o}( only| just| has only|) {n}',
  ],
  [{ frame: 'person', kind: 'packs' }, '{o} <have|own|buy|get> {a} {k} (of|with) {b} {i}( each|)'],
  [{ frame: 'person', kind: 'act' }, '{o} {act} ({n} {i}|{n}|{n})', '{o}( only| just|) {n}'],
  [{ frame: 'person', kind: 'age' }, '{o} (is|was) {n}( {i} old|)'],
]);

const also = '(. |, and | and |; |, )';
const HAS = '<have|have|own|have got|collect|keep>';
const BASE = '{o2} <have|have|own|have got> {b}( {i}|)';

/** Two sentences, of which the second says what the first is about: `{o}` has more than `{o2}`, who has {b}. */
export const FORWARD: readonly ComparePhrase[] = phrases<Omit<ComparePhrase, 'pattern'>>([
  [
    { operation: '+' },
    `{o} ${HAS} {n} more {i} than {o2}${also}${BASE}`,
    `{o} ${HAS} {n} {i} more than {o2}${also}${BASE}`,
  ],
  [{ operation: '-' }, `{o} ${HAS} {n} (fewer|less) {i} than {o2}${also}${BASE}`],
  [{ operation: '*' }, `{o} ${HAS} {n} (times as many|times more) {i} (as|than) {o2}${also}${BASE}`],
  [{ operation: '*', by: 2 }, `{o} ${HAS} (twice|double) as many {i} as {o2}${also}${BASE}`],
  [{ operation: '/', by: 2 }, `{o} ${HAS} half as many {i} as {o2}${also}${BASE}`],
  [
    { operation: '+', only: 'age' },
    `{o} (is|was) {n} {i} older than {o2}${also}{o2} (is|was) {b}( {i} old|)`,
  ],
  [
    { operation: '-', only: 'age' },
    `{o} (is|was) {n} {i} younger than {o2}${also}{o2} (is|was) {b}( {i} old|)`,
  ],
  [{ operation: '*', only: 'age' }, `{o} (is|was) {n} times as old as {o2}${also}{o2} (is|was) {b}( {i} old|)`],
  [
    { operation: '*', by: 2, only: 'age' },
    `{o} (is|was) (twice|double) as old as {o2}${also}{o2} (is|was) {b}( {i} old|)`,
  ],
]);
