import { type Pattern, parsePattern } from './pattern.ts';
import { COMES, FOUND, GAINS, GIVES, GOES, LOSSES, LOST, TAKES, WERE } from './word-verbs.ts';

/** Who or what has the things: somebody, or a place. */
export type Frame = 'person' | 'place';
export type Operation = '+' | '-' | '*' | '/';

/** A sentence that says what there is at first. */
export interface StartPhrase {
  readonly pattern: Pattern;
  readonly frame: Frame;
  /** `packs`: {a} times {b} of them; `price`: {a} things at {b} each. */
  readonly kind: 'plain' | 'packs' | 'price';
}

/** A sentence that changes how many there are. */
export interface ChangePhrase {
  readonly pattern: Pattern;
  readonly frame: Frame;
  readonly operation: Operation;
  /** Where the sentence has no number of its own: "half", "doubles". */
  readonly by?: number;
  /** {a} times {b} instead of {n}. */
  readonly packs?: true;
}

/** What is asked in the end; `{o2}` is another holder, `{n}` the goal or the shares. */
export type Asked = 'now' | 'missing' | 'each' | 'together' | 'ahead' | 'behind';

export interface QuestionPhrase {
  readonly pattern: Pattern;
  readonly frame: Frame;
  readonly asked: Asked;
}

/** A holder `{o}` starts with more, less or so many times as many as `{o2}`. */
export interface ComparePhrase {
  readonly pattern: Pattern;
  readonly operation: Operation;
  readonly by?: number;
}

const more = '( more| more| new| extra| additional| other| further| fresh|)';
const gained = `(another |an extra |an additional |a further |just |exactly |about ||||||)({n}${more} {i}|{n} {i}|{n} more|{n} more|{n} others|{n}|{n}|{p} {n}|{n} of {p}( {i}|))`;
const lost =
  '((exactly |just |only |about |another |||||)({n} {i}|{n}|{p} {n} {i}|{n} of the {i}|{n} of {p} {i}|{n} of them|{n} more {i}|{n} more|{n}))';
export const person = '(people|friends|children|kids|classmates|pupils|persons)';
const often =
  '(every day|each day|a day|per day|every week|each week|a week|daily|every hour|each hour|an hour)';
const long = '(days|weeks|hours)';
const own = '(the|{p}|all {p}|all the)';

/** Several sources for one meaning, each a pattern of its own. */
export const phrases = <T extends object>(
  rows: readonly (readonly [T, ...string[]])[],
): (T & { pattern: Pattern })[] =>
  rows.flatMap(([meaning, ...sources]) =>
    sources.map((source) => ({ ...meaning, pattern: parsePattern(source) })),
  );

export const STARTS: readonly StartPhrase[] = phrases<Omit<StartPhrase, 'pattern'>>([
  [
    { frame: 'person', kind: 'plain' },
    '{o} <have> {n} {i}',
    '{o} <have> {n} {i}',
    '{o} <have> {n} {i}',
    '{o} <own|hold|start with|begin with|possess|keep|carry|start out with|start off with|have got> {n} {i}',
    '{o} <buy|find|collect|get|bake|pick|make|gather|win|receive|catch|earn|count|order|bring> {n} {i}',
    `{o} <${GAINS}> {n} {i}`,
    '{o} <save up|lay|read|eat|sell|use|drive|run|walk|deliver|spend|plan|carry|wash|type|score|see|fill|raise|breed|feed|drink|hide|lift|wear|invite|stack|sort|park|weave|lose> {n} {i}',
    'there (are|were) {n} {i} in {O} {c}',
    'in {O} {c}(,|) there (are|were) {n} {i}',
    '{O} {c} (holds|has|contains|held|had) {n} {i}( in it|)',
    '{o} <keep|have|store> {n} {i} in (a|{p}) {c}',
    '{o} <have|own|keep|get> (a {c}|a collection|a set|a pile|a pack|a total|a stack) (of|with) {n} {i}',
    '{o} <have|own> (exactly|about|only|already|just) {n} {i}',
    '{O} {c} (holds|has|contains|held|had|carries|starts with|started with|begins with) {n} {i}( in it|)',
    '{n} {i} (are|were) (in|on) {O} {c}',
    '(the |{p} |)({noun}|{noun} {noun}) (log|tally|count|list|notes|report)(: | - |. ){n} {i}',
    'there (is|was|are|were) {n} {i} in (the|a|{p}) ({noun}|{noun} {noun})',
    '{O} {c}: {n} {i}',
    '{o} <begin|start|set off|set out|kick off|head out|open|turn up|show up|go out> with {n} {i}',
    '{o} (is|was|are) (sitting|sat) on {n} {i}',
    '{o} (is|was|are|am) (given|handed|left) {n} {i}',
    '{O} {noun} (has|had|holds|held) {n} {i}( in it|)',
    '{o} <start> (the day|the week|the game|the year|out|off|) with {n} {i}',
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
    '{o} (starts|starts out|sets off|leaves|left|leaves the station|begins the day|opens|begins) with {n} {i}( on board| inside|)',
    '(in|on|at) {o} (we see|we find|you see|i see|you can see|we count|i count) {n} {i}',
  ],
  [
    { frame: 'person', kind: 'packs' },
    '{o} <have|buy|own|get|find|order|start with|collect|fill> {a} {k} (of|with) {b} {i}( each| in each| in each {k1}|)',
    '{o} <have|buy|own|get|find|order> {a} {k}, each (with|of|holding|containing) {b} {i}',
    '{o} <have|buy|own|get|find|order> {a} {k}( and|, and) (each|every) (one|{k1}) (holds|contains|has|is filled with) {b} {i}',
    '{o} <have|buy|own|get|find|order> {a} {k}(.|) (each|every) (one|{k1}) (holds|contains|has) {b} {i}',
    '{o} <have|buy|own|put> {b} {i} in each of {a} {k}',
    `{o} <buy|find|make|collect|get|bake|pick|earn|save|win> {b} {i} ${often} for {a} ${long}`,
  ],
  [
    { frame: 'person', kind: 'price' },
    '(a|one|each) {t1} costs {b} {i}(. | and | ){o} <buy|get|order|take> {a} {t}',
    '{o} <buy|get|order|take> {a} {t} (for|at) {b} {i} (each|apiece)',
    '{o} <buy|get|order|take> {a} {t}(.|) (each|each one|every {t1}|each {t1}) costs {b} {i}',
    '{o} <sell> {a} {t} (for|at) {b} {i} (each|apiece)',
  ],
]);

export const CHANGES: readonly ChangePhrase[] = phrases<Omit<ChangePhrase, 'pattern'>>([
  [
    { frame: 'person', operation: '+' },
    `{o} <${GAINS}> ${gained}`,
    `{o} <${GAINS}> ${gained}`,
    `{o} <${GAINS}> ${gained}`,
    `{o} <buy|get|find|receive|earn|win|pick up|collect> ${gained}`,
    '{o} <add> {n} (more |)(to it|to them|to (the|{p}) {c})',
    '{o} <get|receive|be given|win> {n} {i} (back|more|on top|extra)',
    `{x} <${GIVES}> ({io} |{io} ||)${gained}`,
    `{x} <${GIVES}> ${gained}`,
    `{x} <${GIVES}> {io} ${gained}`,
    `{x} <let> {io} have ${gained}`,
    `{n}( more|) ({i} |of them |)(is|are|were|was|gets|get|got) ${FOUND}`,
    `(another {n}|{n} more|{n} new)( {i}|)( of them|) (are|were|get|got|is|was) ${FOUND}`,
    `(another {n}|{n} more|{n} new|{n})( {i}|) <${COMES}>`,
    '{o} (is|was|are) (up|up by|plus) {n}',
    '(up|plus) {n}( {i}|)',
    '{O} {c} (grows|grew|goes up|went up) by {n}',
    '(a further {n}|{n} more|another {n})( {i}|) (go|went|are put|were put|are added) (in|into|on|to) {O} {c}',
    `(a|an|the) (friend|neighbor|neighbour|teacher|uncle|aunt|stranger|customer|cousin) <give|bring|send|hand> {io} ${gained}`,
    '(then |)({n} more|another {n}) {i} (are|were) (bought|found|made|baked|delivered|added|given to {io}|collected)',
    `{o} <get|receive|borrow|buy|take|win|accept|collect|inherit|pick up|earn|swipe|steal|nick|pinch> ${gained} (from|from|off|of) {x}`,
    `{o} <get|receive|borrow|buy|take> ${gained} from {x}`,
    `{x} <give|send|hand|lend|bring|pass|buy|offer|mail|make|sell|gift> {io} ${gained}`,
    `{x} <give|bring|send> {io} ${gained}`,
    `{x} <give|send|hand|lend|bring|pass|sell|mail|hand over|donate> ${gained} to {io}`,
    `{o} (is|was|am|are) (given|sent|handed|brought) ${gained}( by {x}|)`,
    '(another {n}|{n} more|{n} new) {i} (arrive|arrived|come|came|are added|were added|are delivered|are found|turn up|appear)',
    `{x} <add|put> ${gained} to {p} {c}`,
    '{o} <get|find|receive> {n} {i} (as a gift|as a present|for free|in the mail|in the post|as a reward)',
  ],
  [
    { frame: 'person', operation: '-' },
    `{o} <${LOSSES}> ${lost}`,
    `{o} <${LOSSES}> ${lost}`,
    `{o} <${LOSSES}> ${lost}`,
    `{o} <lose|sell|eat|use|spend|break|give away> ${lost}`,
    '{o} <give|throw|send|put> {n} {i} (away|back|out)',
    '{o} <take> {n} (out|off|away)',
    `{x} <${TAKES}> ${lost}`,
    `{x} <${TAKES}> ${lost}`,
    `{x} <${TAKES}> ${lost} (from|of) ({io}|{O} {c})`,
    `{x} <${TAKES}> {n} of {O}( {i}|)`,
    `{n}( {i}| of them| of the {i}| of {p} {i}|) ${WERE} ${LOST}`,
    `{n}( {i}| of them| of the {i}| of {p} {i}|) ${WERE} ${LOST}`,
    `{n}( {i}| of them| of the {i}| of {p} {i}|) <${GOES}>`,
    '{n}( {i}| of it| of them| of {p} {i}|) (go|goes|went) (on|to|for|into|towards) (a |the |{p} |an |some |)({noun}|{noun} {noun})',
    '(a |the |{p} |)({noun}|{noun} {noun}) <cost> ({io} |)({n} {i}|{n})',
    '(down|minus) {n}( {i}|)',
    '{o} (is|was|are) (down|down by|minus) {n}',
    '{O} {c} (shrinks|shrank|goes down|went down) by {n}',
    '{o} <let> {x} have ({n} {i}|{n} of them|{n})',
    '{o} <use|spend|pay> ({n} {i}|{n} of them|{n}) (on|for) (a |the |{p} |some |)({noun}|{noun} {noun})',
    '{n}( {i}| of them|) (roll|fall|slip|drop|leak|spill|rolled|fell|slipped|dropped) (through|out of|down|into|off) (a |the |{p} |)({noun}|{noun} {noun})',
    `{o} <give|lend|pass|hand|sell|show|mail> (a|his|her|my|our|the) (friend|brother|sister|neighbor|neighbour|teacher|mother|father|classmate|cousin|dog|cat|boss) ({n} {i}|{n} of them|{n})`,
    '{n} of (the|{p}) {i} (are|were) (red|rotten|bad|too old|broken|spoiled|damaged|sold) and (are|were|get|got) (thrown away|removed|thrown out|taken out)',
    `{o} <give|send|hand|lend|sell|pass|offer|mail|bring|donate|hand over|give back|return|palm off|trade|barter|pass on|throw|deliver> ${lost} (to|to|on) {x}`,
    `{o} <give|lend|sell|send> ${lost} to {x}`,
    `{o} <give|send|hand|lend|sell|pass|offer> {x} ({n} {i}|{n} of {p} {i}|{n} of them|{n} of the {i}|{n})`,
    `{x} <${TAKES}|buy|get> ${lost} (from|off) {io}`,
    '{x} <take|borrow|eat|steal|use|break|buy|lose> {n} of {O} {i}',
    '{n} (of the {i}|of {p} {i}|of them|{i}) (are|were|get|got) (lost|broken|stolen|eaten|sold|used|thrown away|missing|taken|destroyed|damaged|spoiled)',
    '{n} (of the {i}|of {p} {i}|of them|{i}) (break|broke|disappear|disappeared|go missing|fall out|fell out|run away|die|died|go bad|rot|fade)',
  ],
  [
    { frame: 'person', operation: '*' },
    'the {i} become {n} times as many',
    '{o} <multiply> (the|{p}) (number of |){i} by {n}',
    'the number of {i} (is multiplied by {n}|grows to {n} times as many|becomes {n} times as large)',
    '{o} now (has|have) {n} times as many( {i}|)( as before|)',
  ],
  [
    { frame: 'person', operation: '*', by: 2 },
    '{o} <double> (the number of |)(the |{p} |){i}',
    'the (number of |number of {p} |){i} (double|doubles|doubled)',
    '{p} {i} (double|doubles|doubled)',
    '{O} ({c}|pile|score|collection) (doubles|doubled|is doubled)',
    '{o} <double> (them|it|that|what {o} has|what {o} had)',
    '{o} now (has|have) twice as many( {i}|)( as before|)',
  ],
  [
    { frame: 'person', operation: '*', by: 3 },
    '{o} <triple> (the number of |)(the |{p} |){i}',
    'the (number of |number of {p} |){i} (triple|triples|tripled)',
    '{O} ({c}|pile|score|collection) (triples|tripled)',
  ],
  [
    { frame: 'person', operation: '/' },
    'the {i} are (shared|divided|split)( equally| evenly|) among {n} ' +
      `${person}(,|) and {o} <keep|get> one share`,
    '{o} <keep> (only |)one of {n} equal (parts|shares|piles|groups)',
    `{o} <split|divide|sort|share> ${own} {i} into {n} equal (parts|piles|groups|shares)(,|) and <keep|take> (only |)one( of them|)`,
    `{o} <divide|split|share> ${own} {i} (equally |evenly |)among {n} ${person}(,|) and <keep|get> one share`,
    'the number of {i} is divided by {n}',
    '{o} <divide> (the|{p}) (number of |){i} by {n}',
  ],
  [
    { frame: 'person', operation: '/', by: 2 },
    `{o} <keep> (only |)half (of |)${own} {i}`,
    `{o} <lose|sell|give away|eat|donate|use|use up|spend|throw away|break|burn|drop|hand out> half (of |)${own} {i}`,
    `{o} <lose|sell|give away|eat|donate|spend|use|give|hand out> half (of |)(them|it|what {o} has|what {o} have|what {o} had|what is left|the rest|the lot)`,
    `{o} <give|sell|send|hand|donate> half of (them|the rest|what {o} has|what is left) to {x}`,
    'half of (them|it|these) (are|were|get|got|is) (lost|sold|eaten|stolen|gone|used|thrown away|given away)',
    `{x} <take|eat|steal|get> half (of |)(them|it|the lot)`,
    '{o} <split|share> (them|the {i}|it|everything) (equally |evenly |)with {x}',
    `{o} <give|sell|send|hand> half (of |)${own} {i} to {x}`,
    `half (of |)${own} {i} (are|were|get|got) (lost|broken|sold|eaten|stolen|thrown away|used|gone)`,
    `{x} <take|eat|steal|buy> half (of |)${own} {i}`,
    `{o} <halve> (the number of |the |{p} ){i}`,
  ],
  [{ frame: 'person', operation: '/', by: 3 }, `{o} <keep> (only |)(a|one) third of ${own} {i}`],
  [{ frame: 'person', operation: '/', by: 4 }, `{o} <keep> (only |)(a|one) (quarter|fourth) of ${own} {i}`],
  [{ frame: 'person', operation: '/', by: 5 }, `{o} <keep> (only |)(a|one) fifth of ${own} {i}`],
  [
    { frame: 'person', operation: '+', packs: true },
    `{o} <buy|get|find|order|receive|collect|add|win|make> {a}( more|) {k} (of|with) {b} {i}( each| in each| in each {k1}|)`,
    `{o} <buy|get|find|order|receive> {a}( more|) {k}, each (with|of|holding|containing) {b} {i}`,
    `{o} <buy|get|find|order|receive> {a}( more|) {k}( and|, and|.|) (each|every) (one|{k1}) (holds|contains|has) {b} {i}`,
    `{o} <buy|find|make|collect|get|bake|pick|earn|save> {b}( more|) {i} ${often} for {a} ${long}`,
    `{a} ${person} (each |)(give|gave|bring|brought|send|sent) {io} {b} {i}( each|)`,
    `{o} <get|receive|collect|take> {b} {i} from each of {a} ${person}`,
    `{x} <give|bring|buy|send> {io} {a} {k} (of|with) {b} {i}( each|)`,
  ],
  [
    { frame: 'person', operation: '-', packs: true },
    `{o} <eat|use|sell|lose|give away|spend|break|throw away|donate|drink|burn> {b} {i} ${often} for {a} ${long}`,
    `{o} <give|sell|hand|send> {b} {i} to each of {a} ${person}`,
    `{o} <give|hand|send> (each of |){a} ${person} {b} {i}( each|)`,
    `{o} <give|hand|send> {a} ${person} {b} {i} each`,
    `{o} <sell|give away|lose|use|donate|return> {a} {k} (of|with) {b} {i}( each|)`,
  ],
  [
    { frame: 'place', operation: '+' },
    `(another {n}|{n} more|{n} new|{n} other|{n})( {i}|) <${COMES}>`,
    `(another {n}|{n} more|{n} new|{n} other|{n})( {i}|) <${COMES}>( at| in| on| to|) ({o}|there)`,
    `(another {n}|{n} more|{n} new|{n})( {i}|) (are|were|get|got|is|was) ${FOUND}`,
    `{x} <${GIVES}> ${gained}`,
    '(plus|up|in come) {n}( {i}|)',
    '(another {n}|{n} more|{n} new|{n} other|{n}) {i} (arrive|arrived|come in|come|came|came in|get on|got on|get in|enter|entered|join|joined|join them|move in|moved in|are added|were added|are brought|are delivered|were delivered|are put in|fly in|board|walk in|turn up|appear|sit down|show up)',
    '(another {n}|{n} more) (arrive|arrived|come in|came|get on|got on|get in|enter|join|move in|are added|are brought in|are delivered|board|walk in)',
    `{x} <put|add|place|bring|throw|drop|pour|load|pack> ${gained} (in|into|on|to|onto) {o}`,
    `{x} <put|add|place|bring> ${gained}( there| in| inside|)`,
    `{o} <get|receive|gain|take in|buy|order> ${gained}`,
  ],
  [
    { frame: 'place', operation: '-' },
    `({n} {i}|{n} of the {i}|{n} of them|{n}) <${GOES}>`,
    `({n} {i}|{n} of the {i}|{n} of them|{n}) <${GOES}>`,
    `({n} {i}|{n} of the {i}|{n} of them|{n}) ${WERE} ${LOST}`,
    `{x} <${TAKES}> ${lost}`,
    '(minus|down|out go|off go) {n}( {i}|)',
    '({n} {i}|{n} of the {i}|{n} of them|{n}) (leave|left|go away|went away|get off|got off|get out|go home|went home|are taken out|are removed|were removed|fly away|flew away|are sold|were sold|are eaten|run away|ran away|move out|are lost|swim away|break|disappear|die|died|are taken|were taken|are stolen|walk out|are thrown away|are used|fall down|are moved away)',
    `{x} <take|remove|pull|get|grab|steal|lift|unload> ${lost} (out of|from|off) {o}`,
    `{x} <take|remove|eat|steal|buy|use|take away|take out|break> ${lost}`,
    `{o} <lose|sell|send off|give away|use|send out|let go|ship|get rid of> ${lost}`,
  ],
  [{ frame: 'place', operation: '*', by: 2 }, 'the (number of |){i} (double|doubles|doubled)'],
  [{ frame: 'place', operation: '*', by: 3 }, 'the (number of |){i} (triple|triples|tripled)'],
  [
    { frame: 'place', operation: '*' },
    'the {i} become {n} times as many',
    'the number of {i} (is multiplied by {n}|grows to {n} times as many)',
  ],
  [
    { frame: 'place', operation: '/', by: 2 },
    'half of (the {i}|them) (leave|left|go away|went away|are sold|are removed|are taken|are eaten|get off|got off|go home|disappear|are lost|die)',
    '{x} <take|remove|eat|buy> half of (the {i}|them)',
  ],
  [
    { frame: 'place', operation: '/' },
    'the {i} are (shared|divided|split) into {n} equal (parts|groups|shares)(,|) and (only |)one (stays|remains|is kept|is left)',
    'the number of {i} is divided by {n}',
  ],
  [
    { frame: 'place', operation: '+', packs: true },
    `{x} <put|add|bring|place> {a}( more|) {k} (of|with) {b} {i}( each|) (in|into|on|to) {o}`,
    `{a} {k} (of|with) {b} {i}( each|) (arrive|are delivered|are added|come in)`,
  ],
  [
    { frame: 'place', operation: '-', packs: true },
    `{b} {i} (leave|are sold|are eaten|are taken out|are used|disappear) ${often} for {a} ${long}`,
  ],
]);

/** What passes from one holder, `{o}`, to another, `{o2}`. */
export const PASSES: readonly { readonly pattern: Pattern }[] = [
  '{o} <give|give|send|hand|lend|sell|pass|offer|mail|bring|hand over|donate|trade|palm off> ({n} {i}|{n} of {p} {i}|{n} of them|{n}) to {o2}',
  '{o} <give|give|give|send|hand|lend|sell|pass|hand over> {o2} ({n} {i}|{n} of {p} {i}|{n} of them|{n})',
  '{o} <lose> ({n} {i}|{n} of them|{n}) to {o2}',
  '{o2} <get|receive|borrow|buy|take|win|swipe|steal|accept> ({n} {i}|{n} more|{n}) (from|off) {o}',
  '{o2} <steal|take|swipe|borrow|nick|pinch|win> {n} of {O} {i}',
].map((source) => ({ pattern: parsePattern(source) }));

/** Another holder comes in, with what it has. */
export const ENTRIES: readonly StartPhrase[] = phrases<Omit<StartPhrase, 'pattern'>>([
  [
    { frame: 'person', kind: 'plain' },
    '{o} <have|have|have|own|hold|start with|start out with|begin with|have got|get|collect|find|catch|pick|make|buy> ({n} {i}|{n})',
    '{o} <have> ({n} {i}|{n})',
    '{o} <have|have|own|hold> ({n} {i}|{n})',
    `{o} <${GAINS}> ({n} {i}|{n})`,
    '{O} {c} <hold|have> ({n} {i}|{n})',
    '{o}( only| just| has only|) {n}',
  ],
  [{ frame: 'person', kind: 'packs' }, '{o} <have|own|buy|get> {a} {k} (of|with) {b} {i}( each|)'],
]);

/** The same once more, behind what was just said: "and 38 in the afternoon". */
export const AGAIN: Pattern = parsePattern('({n}|{n}|{n} {i}|{n} more|another {n})');
