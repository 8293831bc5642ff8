import {
  asTyped,
  type Candidate,
  clauseStarts,
  type Found,
  placeOf,
  type Read,
  readings,
  signed,
  type Typed,
} from './clauses.ts';
import type { Change, ListFacts, Question } from './list-facts.ts';
import { belongsToSentence, REVERSE_SORT, SPELT } from './list-not-read.ts';
import { CHANGES, type ChangePhrase, HEADS, LEAD, TAIL } from './list-phrases.ts';
import { listTask } from './list-procedures.ts';
import { FILTERED, QUESTIONS, type QuestionPhrase, RESULTS } from './list-questions.ts';
import { LIST_CHANGES, LIST_FILTERED, LIST_LEAD, LIST_QUESTIONS, LIST_TAIL } from './only-read.ts';
import { LETTERS, marked, WORD } from './open-words.ts';
import {
  compileFitting,
  compilePattern,
  fitting,
  type Match,
  type Matcher,
  matchPattern,
  type Pattern,
  wordsIn,
} from './pattern.ts';
import type { Task } from './task.ts';
import { NUMBER, readNumber } from './typing.ts';

/** In a list a comma separates numbers, and never thousands. */
const ONE = marked(NUMBER.replace('\\d{1,3}(?:,\\d{3})+(?!\\d)|', ''));
const LIST = '\ue000';
const ENTRY = 0xe100;
const ENTRIES = `[\\u${ENTRY.toString(16)}-\\u${(ENTRY + 63).toString(16)}]`;
/** Any few words that ask for nothing: none of these. */
const ASKING =
  'SORT|REVERSE|ADD|SUM|REMOVE|KEEP|DROP|COUNT|LARGEST|SMALLEST|BIGGEST|LOWEST|HIGHEST|EVEN|ODD|ORDER|HOW|WHAT|WHICH|TOTAL|DOUBLE|TWICE|TRIPLE|HALF|TIMES|MINUS|PLUS|DIFFERENCE|AVERAGE|MEAN|MEDIAN|MIDDLE|PRODUCT|MULTIPLY|DIVIDE|SUBTRACT|REPLACE|SWAP|DELETE';
const TITLED = String.raw`(?!(?:${ASKING})(?![${LETTERS}]))[${LETTERS}\ue000-\uf8ff'’&-]+`;
const HEADING = `${TITLED}(?:,? ${TITLED}){0,9}`;
/** "The last two" are two, and the second greatest is not the second of things that are called so. */
const NO_NOUN =
  'two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|second|third|fourth|fifth|largest|biggest|highest|greatest|top|heaviest|longest|tallest|oldest|best|priciest|hottest|smallest|lowest|least|lightest|shortest|youngest|cheapest|worst|coldest|tiniest';
const NOUN = `(?!(?:${NO_NOUN})(?![${LETTERS}-]))${WORD}`;
const SLOTS: Readonly<Record<string, string>> = {
  l: LIST,
  title: HEADING,
  nn: `(?:NUMBERS|SHARES|ONES|${NOUN}(?: ${NOUN})?)`,
  n1: `(?:NUMBER|SHARE|ONE|${NOUN})`,
  v: `[${LETTERS}]+(?: ${WORD})?`,
  u: `(?: ${WORD})?`,
  e: `(?:${ENTRIES}|${ONE}|${WORD}(?: ${WORD})?)`,
  n: ONE,
};
const slot = (name: string): string => SLOTS[name]!;

type Clause =
  | { readonly kind: 'head' }
  | { readonly kind: 'result' }
  | { readonly kind: 'filtered'; readonly phrase: Omit<(typeof FILTERED)[number], 'pattern'> }
  | { readonly kind: 'change'; readonly phrase: Omit<ChangePhrase, 'pattern'> }
  | { readonly kind: 'question'; readonly phrase: Omit<QuestionPhrase, 'pattern'> };

interface Candidates {
  readonly clauses: readonly Candidate<Clause>[];
  readonly leads: readonly Matcher[];
  readonly tails: readonly Matcher[];
}

const said = (pattern: Pattern, meaning: Clause) => ({ pattern, meaning, slot });
const CLAUSES = [
  ...[...CHANGES, ...LIST_CHANGES].map(({ pattern, ...phrase }) => said(pattern, { kind: 'change', phrase })),
  ...[...QUESTIONS, ...LIST_QUESTIONS].map(({ pattern, ...phrase }) =>
    said(pattern, { kind: 'question', phrase }),
  ),
  ...[...FILTERED, ...LIST_FILTERED].map(({ pattern, ...phrase }) =>
    said(pattern, { kind: 'filtered', phrase }),
  ),
  ...RESULTS.map((pattern) => said(pattern, { kind: 'result' })),
  ...HEADS.map((pattern) => said(pattern, { kind: 'head' })),
];

function candidatesFor(words: ReadonlySet<string>): Candidates {
  const fringe = (...patterns: readonly Pattern[]): readonly Matcher[] =>
    patterns.flatMap((pattern) => {
      const left = fitting(pattern, words);
      return left === undefined ? [] : [compilePattern(left, slot)];
    });
  return {
    clauses: compileFitting(CLAUSES, words),
    leads: fringe(LEAD, LIST_LEAD),
    tails: fringe(TAIL, LIST_TAIL),
  };
}

interface Span {
  readonly from: number;
  readonly end: number;
  /** Places of the entries of a list of words: [from, end]. */
  readonly items?: readonly (readonly [number, number])[];
}

const SEPARATED = new RegExp(
  `[[(]?(?:${ONE})(?:(?:,? AND |, ?| ?& ?|; ?| / | \\| |\\n| )(?:${ONE}))+[\\])]?`,
  'gu',
);
const ITEM = String.raw`[\p{L}'’][\p{L}'’-]*(?: [\p{L}'’][\p{L}'’-]*){0,2}`;
const COMMAS = new RegExp(`\\[?${ITEM}(?:[,;] ?(?!AND )${ITEM})+(?:,? AND ${ITEM})?\\]?`, 'gu');
const SPACED = /[:?.-] ((?:\p{L}+ ){2,}\p{L}+)/gu;
const PAIR = /(\p{L}+) AND (\p{L}+)/gu;

/** Where the list may be; what looks most like one first. */
function spansOf(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const { 0: found, index } of text.matchAll(SEPARATED))
    spans.push({ from: index, end: index + found.length });
  spans.sort((one, other) => other.end - other.from - (one.end - one.from));
  const words: Span[] = [];
  for (const { 0: found, index } of text.matchAll(COMMAS)) {
    const items = [...found.matchAll(/(?:[^,;A]|A(?!ND ))+/g)]
      .map(({ 0: part, index: at }) => {
        const lead = part.length - part.trimStart().length;
        return [index + at + lead, index + at + part.trimEnd().length] as const;
      })
      .map(([from, end]) => [from + (/^(?:ND )/.exec(text.slice(from, end))?.[0].length ?? 0), end] as const)
      .filter(([from, end]) => end > from);
    if (items.length < 2) continue;
    if (found.startsWith('[') && found.endsWith(']')) {
      const own = items.map(
        ([a, b], at) => [at === 0 ? a + 1 : a, at === items.length - 1 ? b - 1 : b] as const,
      );
      words.push({ from: index, end: index + found.length, items: own });
      continue;
    }
    // What stands before the first entry, or behind the last, may belong to the sentence.
    const starts = wordStarts(text, items[0]![0], items[0]![1]);
    const ends = wordEnds(text, items.at(-1)![0], items.at(-1)![1]);
    for (const from of starts)
      for (const end of ends) {
        const own = items.map(
          ([a, b], at) => [at === 0 ? from : a, at === items.length - 1 ? end : b] as const,
        );
        words.push({ from, end, items: own });
      }
  }
  for (const { 0: found, 1: said, index } of text.matchAll(SPACED)) {
    const from = index + found.length - said!.length;
    words.push({
      from,
      end: from + said!.length,
      items: [...said!.matchAll(/\p{L}+/gu)]
        .filter(({ 0: word }) => word !== 'AND')
        .map(({ 0: word, index: at }) => [from + at, from + at + word.length] as const),
    });
  }
  for (const { 0: found, 1: one, 2: other, index } of text.matchAll(PAIR)) {
    const end = index + found.length;
    words.push({
      from: index,
      end,
      items: [
        [index, index + one!.length],
        [end - other!.length, end],
      ],
    });
  }
  return [
    ...spans.slice(0, 4),
    ...words.sort((one, other) => strangeness(text, one) - strangeness(text, other)).slice(0, 24),
  ];
}

/** How far the first and the last entry differ from the others in their number of words. */
function strangeness(text: string, { items = [] }: Span): number {
  const counts = items.map(([from, end]) => text.slice(from, end).split(' ').length);
  const usual = [...counts].sort((a, b) => a - b)[Math.floor((counts.length - 1) / 2)] ?? 1;
  return Math.abs((counts[0] ?? 1) - usual) + Math.abs((counts.at(-1) ?? 1) - usual);
}

const wordStarts = (text: string, from: number, end: number): number[] =>
  [...text.slice(from, end).matchAll(/(?:^| )(?=\S)/g)].map(
    ({ 0: space, index }) => from + index + space.length,
  );
const wordEnds = (text: string, from: number, end: number): number[] =>
  [...text.slice(from, end).matchAll(/(?<=\S)(?: |$)/g)].map(({ index }) => from + index).reverse();

interface Told {
  readonly words?: readonly string[];
  readonly changes: readonly Change[];
  readonly questions: readonly Question[];
  readonly combination?: 'difference';
  readonly done?: true;
}

const isSort = ({ kind }: Change): boolean => kind === 'sort';

/** Reads a list procedure. */
export function readListProcedure(prompt: Typed): Read<Task> {
  let furthest = 0;
  let why: 'words' | 'numbers' = 'words';
  let candidates: Candidates | undefined;
  if (REVERSE_SORT.test(prompt.text)) return { ok: false, place: 0, why: 'words' };
  for (const span of spansOf(prompt.text)) {
    candidates ??= candidatesFor(wordsIn(prompt.text));
    const words = span.items?.map(([from, end]) => asTyped(prompt, from, end - from));
    if (words !== undefined && (words.length > 12 || words.some((word) => word.split(' ').length > 3)))
      continue;
    if (words !== undefined && (SPELT.test(prompt.text) || words.some(belongsToSentence))) continue;
    const list =
      words === undefined ? numbersIn(prompt.text.slice(span.from, span.end)) : words.map((_, at) => at);
    const text = withSigns(prompt, span, words);
    const found = follow(candidates, text, list, words, prompt.original, (place, reason) => {
      if (place > furthest || (place === furthest && reason === 'numbers')) {
        furthest = place;
        why = reason;
      }
    });
    if (found !== undefined) return { ok: true, task: found };
  }
  return { ok: false, place: furthest, why };
}

/** The prompt with one character for the list, and one for each of its words elsewhere. */
function withSigns(prompt: Typed, { from, end }: Span, words: readonly string[] | undefined): Typed {
  const cut: Typed = {
    text: prompt.text.slice(0, from) + LIST + prompt.text.slice(end),
    starts: [...prompt.starts.slice(0, from), prompt.starts[from]!, ...prompt.starts.slice(end)],
    ends: [...prompt.ends.slice(0, from), prompt.ends[end - 1]!, ...prompt.ends.slice(end)],
    original: prompt.original,
  };
  if (words === undefined) return cut;
  const lower = words.map((word) => word.toLowerCase());
  const forms = [...lower]
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(String.raw`(?<![\p{L}\p{N}-])(?:${forms.join('|')})(?![\p{L}\p{N}-])`, 'giu');
  return signed(cut, 0, pattern, (word) => String.fromCharCode(ENTRY + Math.min(63, lower.indexOf(word))));
}

function follow(
  { clauses, leads, tails }: Candidates,
  prompt: Typed,
  list: readonly number[],
  words: readonly string[] | undefined,
  original: string,
  fail: (place: number, why: 'words' | 'numbers') => void,
): Task | undefined {
  const { text } = prompt;
  const failed = new Set<string>();
  const past = (matchers: readonly Matcher[], at: number): readonly number[] => {
    const ends = new Set([at]);
    for (const matcher of matchers) {
      const match = matchPattern(matcher, text, at);
      if (match !== undefined && match.end > at) {
        ends.add(match.end);
        for (const second of matchers) {
          const again = matchPattern(second, text, match.end);
          if (again !== undefined && again.end > match.end) ends.add(again.end);
        }
      }
    }
    return [...ends].sort((one, other) => other - one);
  };
  const go = (from: number, told: Told): Task | undefined => {
    const state = JSON.stringify([from, told]);
    if (failed.has(state)) return undefined;
    failed.add(state);
    if (/^[\s.,;:!?()>-]*$/.test(text.slice(from))) {
      const { done: _, ...said } = told;
      const facts: ListFacts = {
        ...said,
        list,
        ...(said.questions.length === 2 && said.combination === undefined
          ? { combination: 'both' as const }
          : {}),
      };
      // "First in the alphabet" is not the first that is listed.
      const other = words !== undefined && /alphabet/i.test(original) && !told.changes.some(isSort);
      const task = other ? undefined : listTask(facts, original);
      if (task !== undefined) return task;
      const understood = !other && told.changes.length + told.questions.length > 0;
      fail(placeOf(prompt, from), understood ? 'numbers' : 'words');
    }
    fail(placeOf(prompt, from), 'words');
    const found: Found<Clause>[] = [];
    const gap = /^[\s.,;:!?()>-]*/.exec(text.slice(from))![0].length;
    for (const start of clauseStarts(text, from + gap))
      for (const at of past(leads, start)) found.push(...readings(clauses, text, at));
    // What may be a heading is read as one only where nothing else is left.
    const heads = (one: Found<Clause>) =>
      one.meaning.kind === 'head' && one.slots.title !== undefined ? 1 : 0;
    for (const next of found.sort((one, other) => heads(one) - heads(other) || other.end - one.end)) {
      const made = apply(told, words, next.meaning, next);
      if (made === undefined) continue;
      for (const end of past(tails, next.end)) {
        const task = go(end, made);
        if (task !== undefined) return task;
      }
    }
    return undefined;
  };
  return go(0, { ...(words === undefined ? {} : { words }), changes: [], questions: [] });
}

const numbersIn = (list: string): readonly number[] =>
  [...list.matchAll(new RegExp(ONE, 'g'))].map(([text]) => readNumber(text.toLowerCase()));

function apply(
  told: Told,
  words: readonly string[] | undefined,
  meaning: Clause,
  { slots }: Match,
): Told | undefined {
  if (meaning.kind === 'head') return told;
  if (told.done) return undefined;
  if (meaning.kind === 'result')
    return told.questions.length > 0 || told.changes.length === 0 ? undefined : { ...told, done: true };
  const number = slots.n?.[0] === undefined ? undefined : readNumber(slots.n[0].text);
  const entry = slots.e?.[0]?.text;
  if (meaning.kind === 'filtered') {
    if (told.questions.length > 0 || words !== undefined) return undefined;
    const made = changeOf(meaning.phrase.shape, number, entry, told);
    return made && { ...made, questions: [meaning.phrase.question] };
  }
  if (meaning.kind === 'question') {
    const { questions, combination, sorted } = meaning.phrase;
    if (told.combination !== undefined || told.questions.length + questions.length > 2) return undefined;
    // "Count how many numbers there are" asks once.
    if (questions.some((question) => told.questions.includes(question))) return undefined;
    if (sorted !== undefined && (told.questions.length > 0 || words !== undefined)) return undefined;
    return {
      ...told,
      changes: sorted === undefined ? told.changes : [...told.changes, { kind: 'sort', order: sorted }],
      questions: [...told.questions, ...questions],
      ...(combination === undefined ? {} : { combination }),
    };
  }
  if (told.questions.length > 0) return undefined;
  const { shape, by, sorted } = meaning.phrase;
  if (shape.kind === 'sort' && (shape.of === 'words') !== (words !== undefined)) return undefined;
  if (sorted !== undefined && words !== undefined) return undefined;
  const begun =
    sorted === undefined
      ? told
      : { ...told, changes: [...told.changes, { kind: 'sort', order: sorted } as const] };
  return changeOf(shape, by ?? number, entry, begun);
}

function changeOf(
  shape: ChangePhrase['shape'],
  number: number | undefined,
  entry: string | undefined,
  told: Told,
): Told | undefined {
  const changed = (change: Change | undefined): Told | undefined =>
    change && { ...told, changes: [...told.changes, change] };
  switch (shape.kind) {
    case 'sort':
      return changed({ kind: 'sort', order: shape.order });
    case 'keep':
      if (shape.test === 'even' || shape.test === 'odd') return changed({ kind: 'keep', test: shape.test });
      return changed(number === undefined ? undefined : { kind: 'keep', test: shape.test, than: number });
    case 'add':
    case 'take':
    case 'times':
      return changed(number === undefined ? undefined : { kind: shape.kind, by: number });
    case 'pick':
    case 'cut':
      return changed(number === undefined ? undefined : { kind: shape.kind, end: shape.end, count: number });
    case 'remove':
    case 'insert': {
      if (entry === undefined) return undefined;
      const sign = entry.charCodeAt(0) - ENTRY;
      const known = sign >= 0 && sign < 64;
      const digits = /^[\d]/.test(entry) || new RegExp(`^(?:${ONE})$`).test(entry);
      if (told.words === undefined)
        return digits ? changed({ ...shape, item: readNumber(entry) } as Change) : undefined;
      if (known) return changed({ ...shape, item: sign } as Change);
      if (shape.kind === 'remove' || digits) return undefined;
      return {
        ...told,
        words: [...told.words, entry],
        changes: [...told.changes, { ...shape, item: told.words.length }],
      };
    }
    default:
      return changed(shape);
  }
}
