import { pick, type Random } from './random.ts';

export type Tense = 'present' | 'past' | 'progressive' | 'perfect';

/** Past and participle of verbs that do not just take -ed. */
const IRREGULAR: Readonly<Record<string, readonly [past: string, participle: string]>> = {
  sing: ['sang', 'sung'],
  dive: ['dived', 'dived'],
  draw: ['drew', 'drawn'],
  drive: ['drove', 'driven'],
  freeze: ['froze', 'frozen'],
  drown: ['drowned', 'drowned'],
  split: ['split', 'split'],
  shed: ['shed', 'shed'],
  weave: ['wove', 'woven'],
  breed: ['bred', 'bred'],
  blow: ['blew', 'blown'],
  shell: ['shelled', 'shelled'],
  quit: ['quit', 'quit'],
  sweep: ['swept', 'swept'],
  leap: ['leapt', 'leapt'],
  cost: ['cost', 'cost'],
  wet: ['wet', 'wet'],
  bring: ['brought', 'brought'],
  fling: ['flung', 'flung'],
  stick: ['stuck', 'stuck'],
  stand: ['stood', 'stood'],
  sit: ['sat', 'sat'],
  speak: ['spoke', 'spoken'],
  teach: ['taught', 'taught'],
  wear: ['wore', 'worn'],
  hang: ['hung', 'hung'],
  saw: ['sawed', 'sawn'],
  tell: ['told', 'told'],
  hear: ['heard', 'heard'],
  bite: ['bit', 'bitten'],
  string: ['strung', 'strung'],
  shrink: ['shrank', 'shrunk'],
  bleed: ['bled', 'bled'],
  flee: ['fled', 'fled'],
  creep: ['crept', 'crept'],
  tread: ['trod', 'trodden'],
  be: ['was', 'been'],
  have: ['had', 'had'],
  buy: ['bought', 'bought'],
  find: ['found', 'found'],
  get: ['got', 'got'],
  make: ['made', 'made'],
  win: ['won', 'won'],
  take: ['took', 'taken'],
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

/** Other pasts of the same verbs, where both are said. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  burn: ['burnt'],
  spill: ['spilt'],
  spoil: ['spoilt'],
  get: ['gotten'],
  sink: ['sunk'],
  swim: ['swum'],
  learn: ['learnt'],
  sew: ['sewed'],
  light: ['lighted'],
  dive: ['dove'],
};

/** One short syllable, whose last letter is doubled: "binned", "trotting". */
const DOUBLED = /^(?:qu|[^aeiou])*[aeiou][bdgklmnprt]$/;

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
  if (DOUBLED.test(verb)) return `${verb}${verb.at(-1)}ed`;
  return /[^aeiou]y$/.test(verb) ? verb.replace(/y$/, 'ied') : `${verb}ed`;
}

/** "picking up" of "pick up". */
function withIng(verb: string): string {
  if (verb === 'be') return 'being';
  if (/[^e]e$/.test(verb)) return verb.replace(/e$/, 'ing');
  return DOUBLED.test(verb) || /^(begin|forget)$/.test(verb) ? `${verb}${verb.at(-1)}ing` : `${verb}ing`;
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
    ...(ALSO[head] ?? []),
    ...(head === 'be' ? ['is', 'are', 'was', 'were', 'am'] : []),
  ]);
  const source =
    `(?:${simple}|(?:has|have|had|will have) (?:just |now |also )?${any((head) => [participle(head), ...(ALSO[head] ?? [])])}` +
    `|(?:will|can|did|must) ${any((head) => [head])}|(?:is|are|was|were|am) ${any((head) => [withIng(head)])})\\b`;
  sources.set(key, source);
  return source;
}

/** Every form of the first words of verbs. */
export const verbForms = (verbs: readonly string[]): ReadonlySet<string> =>
  new Set(
    verbs.flatMap((verb) => {
      const [head] = split(verb);
      return [head, withS(head), past(head), participle(head), withIng(head), ...(ALSO[head] ?? [])];
    }),
  );

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
      ...(ALSO[head] ?? []),
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
