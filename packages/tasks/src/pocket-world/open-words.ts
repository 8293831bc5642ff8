import { between, pick, type Random } from './random.ts';
import { ADJECTIVES, ITEMS, LABELS, NAMES, PLACES, singular } from './things.ts';

/**
 * Words that are no names and no things: what stands open for any word, as the name of a child or the head of a
 * table does, stands not open for these. What is counted, compared or done hangs on them.
 */
const CLOSED = `
  a an the this that these those some any no all both each every per either one none
  i me my we us our you your he him his she her they them their it its who whose
  and or but then so if than as not also too again later now still only just about exactly
  more fewer less most least many much few half twice double triple times third quarter fifth half
  is are was were be been am has have had do does did will would can could must should may
  of to from in on at for with by into onto out off up down over under near between among above below after before during
  without within through along back away
  how what which when where why there here left
  today tomorrow yesterday finally first last next once afterwards suddenly soon together altogether
  gives gave give gets got get takes took take sells sold sell buys bought buy loses lost lose eats ate eat
  sitting waiting standing living swimming playing working parked hanging lying growing
  sort reverse add sum remove keep drop count largest smallest biggest lowest highest even odd order ascending descending
  number numbers total share shares divided shared split multiplied
`
  .trim()
  .split(/\s+/);

/** What may be asked and is not known here: the reader takes none of these for a thing. (Names and things are drawn without regard to them.) */
const ASKED =
  'minus plus difference average mean median middle product multiply divide subtract replace swap delete';

const CLOSED_WORDS = new Set([...CLOSED, ...ASKED.split(' ')]);

/**
 * The closed words in capitals, all others as they are (lower-case): so an open word is one in small letters,
 * and nothing has to be looked up while a sentence is matched. Works on regular expressions, too.
 */
export const marked = (text: string): string =>
  text.replace(/\p{L}+/gu, (word) => (CLOSED_WORDS.has(word) ? word.toUpperCase() : word));

/** Letters, as ranges: a class like `\p{L}` has hundreds of them, and costs as much to compile, pattern by pattern. */
export const LETTERS = String.raw`A-Za-z\u00c0-\u052f`;
/** Small letters; written as numbers, for `marked` takes an "a" for a word. */
const SMALL = String.raw`\u0061-\u007a\u00df-\u052f`;

/** The source of a regular expression for one open word of a marked text. */
export const WORD = `(?<![${LETTERS}])[${SMALL}][${SMALL}-]*(?![${LETTERS}])`;

/** One to three words, or some of something: "red toy cars", "pieces of cake". */
export const THING = `${WORD}(?: ${WORD}){0,2}(?: of ${WORD})?`;

/** A name: "Mia", "Mr Smith", "my old uncle", "the shop". */
export const SOMEBODY = String.raw`(?:(?:my|our|his|her|their|the|a|an) )?(?:(?:mr|mrs|ms|dr)\.? )?${WORD}(?:'s ${WORD})?(?: ${WORD}){0,2}`;

const STARTS =
  'b bl br c ch cl cr d dr f fl fr g gl gr h j k kl kr l m n p pl pr r s sc sh sk sl sm sn sp st str t th tr v w wh y z'.split(
    ' ',
  );
const VOWELS = 'a a a e e e i i o o u ai ea ee ie oa oo ou'.split(' ');
const ENDS = [
  '',
  '',
  '',
  'b',
  'ck',
  'd',
  'g',
  'k',
  'l',
  'll',
  'm',
  'n',
  'nd',
  'ng',
  'nt',
  'p',
  'r',
  'rk',
  'rt',
  's',
  'sh',
  'st',
  't',
  'x',
];

/** A word that nobody has heard of, for what may be any word. */
export function madeUpWord(random: Random): string {
  for (;;) {
    let word = '';
    for (let left = between(random, 1, 3); left > 0; left -= 1)
      word += pick(random, STARTS) + pick(random, VOWELS) + pick(random, ENDS);
    if (word.length > 2 && !CLOSED.includes(word)) return word;
  }
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const TELLING =
  'red blue green yellow black white big small old new broken spare dusty rusty shiny cheap tiny large loose pretty plain'.split(
    ' ',
  );

/** Before a few of some things: "3 rusty ones". */
export const openAdjective = (random: Random): string =>
  random() < 0.9 ? pick(random, TELLING) : madeUpWord(random);

export function openName(random: Random): string {
  const way = random();
  if (way < 0.8) return pick(random, NAMES);
  const made = capital(madeUpWord(random));
  if (way < 0.92) return made;
  return `${pick(random, ['Mr', 'Mrs', 'Ms', 'Dr', 'Aunt', 'Uncle', 'Captain', 'Coach'])} ${random() < 0.5 ? made : pick(random, NAMES)}`;
}

const open = (word: string): boolean => !CLOSED.includes(word);
const THINGS = ITEMS.filter((item) => open(item) && open(singular(item)));
const DESCRIBED = ADJECTIVES.filter(open);
const PARTS = [
  'pieces',
  'slices',
  'cups',
  'bags',
  'bottles',
  'boxes',
  'glasses',
  'kilos',
  'liters',
  'bars',
  'sheets',
  'loaves',
  'cans',
  'grams',
  'meters',
  'packs',
  'bowls',
  'rolls',
];
const STUFF = [
  'cake',
  'bread',
  'water',
  'juice',
  'milk',
  'rice',
  'flour',
  'sugar',
  'paper',
  'chocolate',
  'soap',
  'gold',
  'wood',
  'cheese',
  'tea',
  'coffee',
  'sand',
  'wool',
  'candy',
  'pizza',
  'honey',
  'soup',
];

export function openThing(random: Random): string {
  const way = random();
  if (way < 0.72) return pick(random, THINGS);
  if (way < 0.82) return `${pick(random, DESCRIBED)} ${pick(random, THINGS)}`;
  if (way < 0.88) return `${singular(pick(random, THINGS))} ${pick(random, THINGS)}`;
  if (way < 0.92) return `${pick(random, PARTS)} of ${pick(random, STUFF)}`;
  return `${madeUpWord(random)}s`;
}

/** At the head of a table's row. */
export function openLabel(random: Random): string {
  const way = random();
  if (way < 0.35) return pick(random, pick(random, LABELS));
  if (way < 0.6) return capital(pick(random, THINGS));
  if (way < 0.8) return capital(madeUpWord(random));
  return `${capital(pick(random, DESCRIBED))} ${capital(singular(pick(random, THINGS)))}`;
}

/** Words behind "in the", "with her". */
export function openNoun(random: Random): string {
  const way = random();
  if (way < 0.4) return pick(random, PLACES);
  if (way < 0.8) return singular(pick(random, THINGS));
  return way < 0.9 ? pick(random, THINGS) : madeUpWord(random);
}

const TITLES = [
  'sold',
  'made',
  'per day',
  'by child',
  'this week',
  'in stock',
  'read',
  'per class',
  'each one has',
  'last month',
  'by team',
  'in the shop',
  'counted',
  'collected',
  'at school',
  'per person',
];

/** Words above a table or before a list: any few, without a number. */
export function openTitle(thing: string, random: Random): string {
  const way = random();
  if (way < 0.45) return `${thing} ${pick(random, TITLES)}`;
  if (way < 0.6) return `${pick(random, DESCRIBED)} ${thing}`;
  if (way < 0.8) return `${thing} in the ${openNoun(random)}`;
  return `${openNoun(random)} ${thing} ${pick(random, TITLES)}`;
}

/** The source of a regular expression for such words. */
export const TITLE = String.raw`[\p{L}'-]+(?:,? [\p{L}'-]+){0,9}`;

/** Any verb or participle, where it does not matter which. */
const VERBS =
  'score weigh cost jump run last sell make win bring grow reach measure earn count land lie live go get have hold do read swim fly throw catch pick eat drink work walk drive climb ride sing play sit stand wait'
    .split(' ')
    .filter(open);

export const openVerb = (random: Random): string =>
  random() < 0.75 ? pick(random, VERBS) : madeUpWord(random);

const UNITS =
  'cm kg meters metres dollars euros points kilos km miles minutes hours grams pages years degrees seconds liters stone pounds'
    .split(' ')
    .filter(open);
export const openUnit = (random: Random): string => pick(random, UNITS);

/** Entries of a list of words: all different. */
export function openListed(random: Random, count: number, name: (random: Random) => string): string[] {
  const way = random();
  const groups = LABELS.map((labels) => labels.filter((label) => open(label.toLowerCase()))).filter(
    (labels) => labels.length >= count && labels[0]!.length > 1,
  );
  const group = way < 0.3 && groups.length > 0 ? pick(random, groups) : undefined;
  const capitals = random() < 0.2;
  const draw = (): string => {
    if (group !== undefined) return pick(random, group);
    if (way < 0.55) return name(random);
    if (way < 0.85) return random() < 0.85 ? singular(pick(random, THINGS)) : openThing(random);
    return madeUpWord(random);
  };
  const words = new Map<string, string>();
  while (words.size < count) {
    const word = draw();
    if (/ (of|and) /.test(word) || CLOSED.includes(word.toLowerCase())) continue;
    words.set(word.toLowerCase(), capitals ? capital(word) : word);
  }
  return [...words.values()];
}
