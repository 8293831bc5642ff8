import { pick, type Random } from './random.ts';

export type Tense = 'present' | 'past' | 'progressive' | 'perfect';

/** Past and participle of verbs that do not just take -ed. */
const IRREGULAR: Readonly<Record<string, readonly [past: string, participle: string]>> = {
  be: ['was', 'been'],
  have: ['had', 'had'],
  buy: ['bought', 'bought'],
  find: ['found', 'found'],
  get: ['got', 'got'],
  make: ['made', 'made'],
  win: ['won', 'won'],
  take: ['took', 'taken'],
  draw: ['drew', 'drawn'],
  bring: ['brought', 'brought'],
  catch: ['caught', 'caught'],
  build: ['built', 'built'],
  give: ['gave', 'given'],
  send: ['sent', 'sent'],
  lend: ['lent', 'lent'],
  lose: ['lost', 'lost'],
  sell: ['sold', 'sold'],
  eat: ['ate', 'eaten'],
  break: ['broke', 'broken'],
  throw: ['threw', 'thrown'],
  spend: ['spent', 'spent'],
  steal: ['stole', 'stolen'],
  burn: ['burned', 'burned'],
  keep: ['kept', 'kept'],
  leave: ['left', 'left'],
  drink: ['drank', 'drunk'],
  forget: ['forgot', 'forgotten'],
  tear: ['tore', 'torn'],
  put: ['put', 'put'],
  let: ['let', 'let'],
  hide: ['hid', 'hidden'],
  come: ['came', 'come'],
  go: ['went', 'gone'],
  fly: ['flew', 'flown'],
  swim: ['swam', 'swum'],
  run: ['ran', 'run'],
  fall: ['fell', 'fallen'],
  sink: ['sank', 'sunk'],
  grow: ['grew', 'grown'],
  begin: ['began', 'begun'],
  hold: ['held', 'held'],
  split: ['split', 'split'],
  cut: ['cut', 'cut'],
  write: ['wrote', 'written'],
  hand: ['handed', 'handed'],
  feed: ['fed', 'fed'],
  ride: ['rode', 'ridden'],
  choose: ['chose', 'chosen'],
  swap: ['swapped', 'swapped'],
  drop: ['dropped', 'dropped'],
  bet: ['bet', 'bet'],
  steer: ['steered', 'steered'],
  plan: ['planned', 'planned'],
  pick: ['picked', 'picked'],
  grab: ['grabbed', 'grabbed'],
  dig: ['dug', 'dug'],
  pay: ['paid', 'paid'],
  pop: ['popped', 'popped'],
  chop: ['chopped', 'chopped'],
  spot: ['spotted', 'spotted'],
  ship: ['shipped', 'shipped'],
  read: ['read', 'read'],
  stop: ['stopped', 'stopped'],
  set: ['set', 'set'],
  see: ['saw', 'seen'],
  lay: ['laid', 'laid'],
  snap: ['snapped', 'snapped'],
  scrap: ['scrapped', 'scrapped'],
  knit: ['knitted', 'knitted'],
  sew: ['sewed', 'sewn'],
  shoot: ['shot', 'shot'],
  beat: ['beat', 'beaten'],
  rip: ['ripped', 'ripped'],
  crack: ['cracked', 'cracked'],
  do: ['did', 'done'],
  meet: ['met', 'met'],
  slip: ['slipped', 'slipped'],
  hit: ['hit', 'hit'],
};

const split = (verb: string): [head: string, tail: string] => {
  const space = verb.indexOf(' ');
  return space < 0 ? [verb, ''] : [verb.slice(0, space), verb.slice(space)];
};

function withS(verb: string): string {
  if (verb === 'have') return 'has';
  if (verb === 'be') return 'is';
  if (verb === 'go' || verb === 'do' || /(s|x|z|ch|sh)$/.test(verb)) return `${verb}es`;
  return /[^aeiou]y$/.test(verb) ? verb.replace(/y$/, 'ies') : `${verb}s`;
}

function withEd(verb: string): string {
  if (/e$/.test(verb)) return `${verb}d`;
  return /[^aeiou]y$/.test(verb) ? verb.replace(/y$/, 'ied') : `${verb}ed`;
}

/** "picking up" of "pick up". */
function withIng(verb: string): string {
  if (verb === 'be') return 'being';
  if (/[^e]e$/.test(verb)) return verb.replace(/e$/, 'ing');
  const doubled =
    /^(get|win|let|put|cut|swap|drop|run|swim|bet|plan|grab|dig|split|begin|forget|pop|chop|spot|ship|stop|set|snap|scrap|knit|rip|slip|hit)$/;
  return doubled.test(verb) ? `${verb}${verb.at(-1)}ing` : `${verb}ing`;
}

const past = (verb: string): string => IRREGULAR[verb]?.[0] ?? withEd(verb);
const participle = (verb: string): string => IRREGULAR[verb]?.[1] ?? withEd(verb);

/** `plain`: "I buy", and not "she buys". */
export function formOf(verb: string, tense: Tense, plain: boolean, random: Random): string {
  const [head, tail] = split(verb);
  switch (tense) {
    case 'present':
      return (plain ? (head === 'be' ? 'are' : head) : withS(head)) + tail;
    case 'past':
      return (plain && head === 'be' ? 'were' : past(head)) + tail;
    case 'perfect':
      return `${pick(random, plain ? ['have', 'have'] : ['has', 'has'])} ${participle(head)}${tail}`;
    case 'progressive':
      return `${plain ? 'are' : 'is'} ${withIng(head)}${tail}`;
  }
}

const sources = new Map<string, string>();

/** The source of a regular expression for every form of some verbs. */
export function verbsPattern(verbs: readonly string[]): string {
  const key = verbs.join('|');
  const known = sources.get(key);
  if (known !== undefined) return known;
  const different = [...new Set(verbs)].map(split);
  const any = (forms: (head: string) => readonly string[]): string => {
    const said = new Set(different.flatMap(([head, tail]) => forms(head).map((form) => form + tail)));
    return `(?:${[...said].sort((one, other) => other.length - one.length).join('|')})`;
  };
  const simple = any((head) => [
    head,
    withS(head),
    past(head),
    ...(head === 'be' ? ['is', 'are', 'was', 'were', 'am'] : []),
  ]);
  const source =
    `(?:${simple}|(?:has|have|had|will have) (?:just |now |also )?${any((head) => [participle(head)])}` +
    `|(?:will|can|did|must) ${any((head) => [head])}|(?:is|are|was|were|am) ${any((head) => [withIng(head)])})\\b`;
  sources.set(key, source);
  return source;
}

const formsOf = new Map<string, readonly string[]>();

/** Whether these words can say a verb in some form. */
export function saysVerb(verb: string, words: ReadonlySet<string>): boolean {
  const [head, tail] = split(verb);
  let forms = formsOf.get(head);
  if (forms === undefined) {
    forms = [
      head,
      withS(head),
      past(head),
      participle(head),
      withIng(head),
      ...(head === 'be' ? ['are', 'was', 'were', 'am'] : []),
    ];
    formsOf.set(head, forms);
  }
  return (
    forms.some((form) => words.has(form)) &&
    (tail === '' ||
      tail
        .trim()
        .split(' ')
        .every((word) => words.has(word)))
  );
}
