import { type Change, type ListFacts, type Question, shown } from './list-facts.ts';
import { CHANGES, type ChangePhrase, type ChangeShape, HEADS, LEAD, shapeOf, TAIL } from './list-phrases.ts';
import { FILTERED, QUESTIONS, RESULTS } from './list-questions.ts';
import { openTitle, openUnit, openVerb } from './open-words.ts';
import { type Pattern, sayPattern } from './pattern.ts';
import { pick, type Random } from './random.ts';
import { singular } from './things.ts';
import { sentence, type Typing, typedNumber } from './typing.ts';

const NUMBERS =
  'numbers numbers numbers numbers scores ages prices points results sizes weights heights temperatures values values distances marks times lengths entries items speeds throws bids'.split(
    ' ',
  );
const WORDS =
  'words words names items items things entries cities animals fruits people friends colors objects'.split(
    ' ',
  );

type Part = { readonly text: string; readonly asks: boolean };

/** How somebody might ask it. */
export function tellList(facts: ListFacts, typing: Typing, random: Random): string | undefined {
  const { changes, questions, words, combination } = facts;
  const list = written(facts, typing, random);
  const many = pick(random, words === undefined ? NUMBERS : WORDS);
  const title = () => openTitle(pick(random, words === undefined ? NUMBERS : WORDS), random);
  let placed = false;
  /** Nothing where this way of saying it does not fit: the list comes once. */
  const say = (pattern: Pattern, change?: Change): string | undefined => {
    let uses = false;
    const slot = (name: string): string => {
      switch (name) {
        case 'l':
          uses = true;
          return list;
        case 'title':
          return title();
        case 'nn':
          return random() < 0.8 ? many : words === undefined ? 'numbers' : 'items';
        case 'n1':
          return random() < 0.7 ? singular(many) : pick(random, ['one', 'entry', 'item']);
        case 'v':
          return openVerb(random);
        case 'u':
          return random() < 0.85 ? '' : ` ${openUnit(random)}`;
        case 'e':
          return change === undefined || !('item' in change) ? '' : shown(facts, change.item);
        case 'n':
          return typedNumber(numberIn(change), { ...typing, commas: false });
        default:
          throw new Error(`There is no slot \`${name}\`.`);
      }
    };
    for (let turn = 0; turn < 30; turn += 1) {
      uses = false;
      const text = sayPattern(pattern, { slot, tense: 'present', plain: () => true }, random);
      if (uses && placed) continue;
      placed ||= uses;
      return text;
    }
    return undefined;
  };
  const choose = <T extends { readonly pattern: Pattern }>(from: readonly T[], change?: Change) => {
    for (let turn = 0; turn < 8 && from.length > 0; turn += 1) {
      const text = say(pick(random, from).pattern, change);
      if (text !== undefined) return text;
    }
    return undefined;
  };

  const form = random();
  const first: string[] = [];
  if (form < 0.5 || (changes.length === 0 && form < 0.65)) {
    const head = say(pick(random, HEADS));
    // Where a list of words begins has to be seen.
    const before = head?.slice(0, head.indexOf(list)) ?? '';
    if (head === undefined || (words !== undefined && !/(^|[:-] )$/.test(before) && !list.startsWith('[')))
      return undefined;
    first.push(head);
  }

  const parts: Part[] = [];
  const leads = random() < 0.5 ? 0 : random() * 0.7;
  const add = (text: string | undefined, asks: boolean): boolean => {
    if (text === undefined) return false;
    const plain = () =>
      sayPattern(pick(random, [LEAD]), { slot: () => many, tense: 'present', plain: () => true }, random);
    const lead = random() < leads && !asks ? plain().replace(many, many) : '';
    const tail =
      random() < 0.05
        ? sayPattern(TAIL, { slot: () => many, tense: 'present', plain: () => true }, random)
        : '';
    parts.push({ text: (/\{/.test(lead) ? '' : lead) + text + tail, asks: asks || ASKING.test(text) });
    return true;
  };

  let left = [...changes];
  const [question] = questions;
  // "The second largest", "the three largest", "how many are even": the last changes go into what is asked.
  const folded = fold(facts, random);
  left = left.slice(0, left.length - folded.changes);
  for (const change of left) {
    const fitting = CHANGES.filter((phrase) => fits(phrase, change, words !== undefined));
    if (!add(choose(fitting, change), false)) return undefined;
  }
  if (folded.phrases.length > 0) {
    if (!add(choose(folded.phrases, folded.change), folded.asks)) return undefined;
  } else if (questions.length === 0) {
    if (random() < 0.35 && !add(say(pick(random, RESULTS)), true)) return undefined;
  } else if (combination === 'difference') {
    if (!add(choose(QUESTIONS.filter((phrase) => phrase.combination !== undefined)), true)) return undefined;
  } else {
    for (const one of questions) if (!add(choose(askedBy(one)), true)) return undefined;
  }
  if (question === undefined && parts.length === 0) return undefined;
  return joined(first, parts, placed ? undefined : list, typing, random);
}

const ASKING = /^(what|how|which|who|whats|where)\b/i;

const askedBy = (one: Question) =>
  QUESTIONS.filter(
    (phrase) =>
      phrase.combination === undefined && phrase.sorted === undefined && phrase.questions[0] === one,
  );

interface Folded {
  readonly changes: number;
  readonly change?: Change;
  readonly phrases: readonly { readonly pattern: Pattern }[];
  readonly asks: boolean;
}

function fold({ changes, questions, words, combination }: ListFacts, random: Random): Folded {
  const none = { changes: 0, phrases: [], asks: false };
  const last = changes.at(-1);
  const [question] = questions;
  if (last === undefined || combination !== undefined) return none;
  if (last.kind === 'sort' && words === undefined && random() < 0.7) {
    const phrases = QUESTIONS.filter(
      (phrase) => phrase.sorted === last.order && phrase.questions[0] === question,
    );
    if (phrases.length > 0) return { changes: 1, phrases, asks: true };
  }
  const before = changes.at(-2);
  if (
    question === undefined &&
    words === undefined &&
    last.kind === 'pick' &&
    last.end === 'first' &&
    before?.kind === 'sort' &&
    random() < 0.6
  ) {
    const phrases = CHANGES.filter((phrase) => phrase.sorted === before.order);
    return { changes: 2, change: last, phrases, asks: false };
  }
  if (last.kind === 'keep' && question !== undefined && random() < 0.6) {
    const phrases = FILTERED.filter(
      (phrase) => phrase.question === question && sameShape(phrase.shape, shapeOf(last, false)),
    );
    if (phrases.length > 0) return { changes: 1, change: last, phrases, asks: true };
  }
  return none;
}

const fits = ({ shape, by, sorted }: ChangePhrase, change: Change, words: boolean): boolean =>
  sorted === undefined &&
  sameShape(shape, shapeOf(change, words)) &&
  (by === undefined || (change.kind === 'times' && change.by === by));

const sameShape = (one: ChangeShape, other: ChangeShape): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

function numberIn(change: Change | undefined): number {
  if (change === undefined) return 0;
  if (change.kind === 'keep') return 'than' in change ? change.than : 0;
  if ('count' in change) return change.count;
  return 'by' in change ? change.by : 0;
}

/** The entries, and what stands between them. */
function written(facts: ListFacts, typing: Typing, random: Random): string {
  const words = facts.words !== undefined;
  const separator = pick(
    random,
    words ? [', ', ', ', ', ', ', ', '; '] : [', ', ', ', ', ', ', ', ' ', ' ', ',', '; '],
  );
  const inWords = random() < 0.5 ? 0 : typing.inWords;
  const entries = facts.list.map((entry) =>
    words ? shown(facts, entry) : typedNumber(entry, { ...typing, commas: false, inWords }),
  );
  const last = pick(random, [' and ', ' and ', ', and ']);
  const text =
    separator === ', ' && random() < 0.2 && entries.length > 1
      ? `${entries.slice(0, -1).join(', ')}${entries.length > 2 ? last : ' and '}${entries.at(-1)}`
      : entries.join(separator);
  return random() < 0.08 ? `[${text}]` : text;
}

/** One text of what was said; a list that has no place yet comes behind everything that is to be done. */
function joined(
  first: readonly string[],
  parts: readonly Part[],
  list: string | undefined,
  typing: Typing,
  random: Random,
): string {
  const sentences: { text: string; asks: boolean }[] = [];
  const links = [', then ', ' and then ', ' and ', ', and then ', ', and ', ', '];
  const linking = list !== undefined ? 0.7 : 0.22;
  for (const part of parts) {
    const before = sentences.at(-1);
    if (before !== undefined && !before.asks && !part.asks && random() < linking)
      before.text += pick(random, links) + part.text;
    else sentences.push({ ...part });
  }
  const close = ({ text, asks }: { text: string; asks: boolean }, stop = asks ? '?' : '.') =>
    sentence(text, stop, typing, random);
  const told = sentences.map((one, at) => {
    // The list behind the first or the last of them.
    if (list === undefined || at !== (sentences.length > 1 ? 0 : sentences.length - 1)) return close(one);
    const apart = /[\d\]]$/.test(one.text) || /^\D*$/.test(list) ? ': ' : ' ';
    const colon = pick(random, [': ', ': ', ': ', ': ', one.asks ? '? ' : ': ', apart]);
    return (
      sentence(`${one.text}${colon}`, '', typing, random) +
      list +
      (sentences.length > 1 || random() < 0.3 ? '.' : '')
    );
  });
  const heads = first.map((text) =>
    sentence(
      text,
      pick(random, ['.', '.', '.', '.', '. ', ' -', ' ->', ' ..', ',', '?', '\n']),
      typing,
      random,
    ),
  );
  return [...heads, ...told].join(' ').replace(/\n /g, '\n');
}
