import { clauseStarts, type Found, placeOf, type Read, readings, type Typed } from './clauses.ts';
import type { Change, ListFacts, Question } from './list-facts.ts';
import { CHANGES, type ChangePhrase, HEAD_CHANGES, HEADS, LEAD } from './list-phrases.ts';
import { listTask } from './list-procedures.ts';
import { DIRECT, FILTERED, QUESTIONS, type QuestionPhrase } from './list-questions.ts';
import { LETTERS, marked } from './open-words.ts';
import {
  compileFitting,
  compilePattern,
  type Match,
  matchPattern,
  parsePattern,
  type Sayable,
  wordsIn,
} from './pattern.ts';
import type { Task } from './task.ts';
import { NUMBER, readNumber } from './typing.ts';

/** In a list a comma separates numbers, and never thousands. */
const ONE = NUMBER.replace('\\d{1,3}(?:,\\d{3})+(?!\\d)|', '');
const LIST = `[[(]?(?:${ONE})(?:(?:, and |, ?| and |; ?| )(?:${ONE}))+[\\])]?`;
const ANY_LIST = new RegExp(marked(LIST));
const slot = (name: string): string => (name === 'l' ? LIST : name === 'title' ? HEADING : ONE);
/** Any few words that ask for nothing. */
const ASKING =
  'SORT|REVERSE|ADD|SUM|REMOVE|KEEP|DROP|COUNT|LARGEST|SMALLEST|BIGGEST|LOWEST|HIGHEST|EVEN|ODD|ORDER|HOW|WHAT|WHICH|TOTAL';
const TITLED = String.raw`(?!(?:${ASKING})(?![${LETTERS}]))[${LETTERS}'\x2d]+`;
const HEADING = `${TITLED}(?:,? ${TITLED}){0,9}`;

type Filtered = (typeof FILTERED)[number];

type Clause =
  | { readonly kind: 'filtered'; readonly phrase: Filtered }
  | { readonly kind: 'list' }
  | { readonly kind: 'change'; readonly phrase: ChangePhrase }
  | { readonly kind: 'question'; readonly phrase: QuestionPhrase };

const CLAUSES: readonly Sayable<Clause>[] = [
  ...CHANGES.map((phrase) => ({
    pattern: phrase.pattern,
    slot,
    meaning: { kind: 'change', phrase } as const,
  })),
  ...QUESTIONS.map((phrase) => ({
    pattern: phrase.pattern,
    slot,
    meaning: { kind: 'question', phrase } as const,
  })),
  ...FILTERED.map((phrase) => ({
    pattern: phrase.pattern,
    slot,
    meaning: { kind: 'filtered', phrase } as const,
  })),
];

/** Behind what is to be done with it: "Sort these numbers: 3, 5, 4." */
const LATER: readonly Sayable<Clause>[] = [
  { pattern: parsePattern('(the list |the numbers |){l}'), slot, meaning: { kind: 'list' } },
];

const OPENINGS: readonly Sayable<Clause | undefined>[] = [
  ...DIRECT.map((phrase) => ({
    pattern: phrase.pattern,
    slot,
    meaning: { kind: 'question', phrase } as const,
  })),
  ...HEAD_CHANGES.map((phrase) => ({
    pattern: phrase.pattern,
    slot,
    meaning: { kind: 'change', phrase } as const,
  })),
  ...HEADS.map((pattern) => ({ pattern, slot, meaning: undefined })),
];

const lead = compilePattern(LEAD, slot);

interface Told {
  /** Nothing as long as it has not come. */
  readonly list?: readonly number[];
  readonly changes: readonly Change[];
  readonly questions: readonly Question[];
  readonly combination?: 'difference';
}

/** Reads a list procedure. */
export function readListProcedure(prompt: Typed): Read<Task> {
  const { text, original } = prompt;
  // Without two numbers there is no list.
  if (!ANY_LIST.test(text)) return { ok: false, place: 0, why: 'words' };
  const words = wordsIn(text);
  const [clauses, later, openings] = [
    compileFitting(CLAUSES, words),
    compileFitting(LATER, words),
    compileFitting(OPENINGS, words),
  ];
  let furthest = 0;
  let why: 'words' | 'numbers' = 'words';
  const failed = new Set<string>();
  const go = (from: number, told: Told): Task | undefined => {
    const state = JSON.stringify([from, told]);
    if (failed.has(state)) return undefined;
    failed.add(state);
    if (/^[\s.,;:!?]*$/.test(text.slice(from)) && told.questions.length > 0 && told.list !== undefined) {
      const facts: ListFacts = {
        ...told,
        list: told.list,
        ...(told.questions.length === 2 && told.combination === undefined
          ? { combination: 'both' as const }
          : {}),
      };
      const task = listTask(facts, original);
      if (task !== undefined) return task;
      furthest = from;
      why = 'numbers';
    }
    if (from > furthest) {
      furthest = from;
      why = 'words';
    }
    for (const found of following(from, told.list === undefined)) {
      const next = apply(told, found.meaning, found);
      const task = next && go(found.end, next);
      if (task !== undefined) return task;
    }
    return undefined;
  };
  for (const found of [...following(0, false), ...readings(openings, text, 0)]) {
    const said = found.slots.l?.[0]?.text;
    const told: Told = {
      ...(said === undefined ? {} : { list: numbersIn(said) }),
      changes: [],
      questions: [],
    };
    const begun = found.meaning === undefined ? told : apply(told, found.meaning, found);
    const task = begun && go(found.end, begun);
    if (task !== undefined) return { ok: true, task };
  }
  return { ok: false, place: placeOf(prompt, furthest), why };

  function following(from: number, lists: boolean): Found<Clause>[] {
    const found: Found<Clause>[] = [];
    for (const start of clauseStarts(text, from)) {
      const led = matchPattern(lead, text, start);
      for (const at of led !== undefined && led.end > start ? [led.end, start] : [start])
        found.push(...readings(clauses, text, at));
      if (lists) found.push(...readings(later, text, start));
    }
    return found.sort((one, other) => other.end - one.end);
  }
}

const numbersIn = (list: string): readonly number[] =>
  [...list.matchAll(new RegExp(ONE, 'g'))].map(([text]) => readNumber(text.toLowerCase()));

function apply(told: Told, meaning: Clause, { slots }: Match): Told | undefined {
  if (meaning.kind === 'list') {
    return { ...told, list: numbersIn(slots.l![0]!.text) };
  }
  if (meaning.kind === 'filtered') {
    if (told.questions.length > 0) return undefined;
    const number = slots.n?.[0]?.text;
    const change = changeOf(meaning.phrase.shape, number === undefined ? undefined : readNumber(number));
    return change && { ...told, changes: [...told.changes, change], questions: [meaning.phrase.question] };
  }
  if (meaning.kind === 'question') {
    const { questions, combination } = meaning.phrase;
    if (told.combination !== undefined || told.questions.length + questions.length > 2) return undefined;
    return {
      ...told,
      questions: [...told.questions, ...questions],
      ...(combination === undefined ? {} : { combination }),
    };
  }
  if (told.questions.length > 0) return undefined;
  const { shape, by, times = 1 } = meaning.phrase;
  const said = slots.n?.[0]?.text;
  const number = by ?? (said === undefined ? undefined : readNumber(said));
  const change = changeOf(shape, number);
  return change && { ...told, changes: [...told.changes, ...Array.from({ length: times }, () => change)] };
}

function changeOf(shape: ChangePhrase['shape'], number: number | undefined): Change | undefined {
  switch (shape.kind) {
    case 'keep':
      if (shape.test === 'even' || shape.test === 'odd') return { kind: 'keep', test: shape.test };
      return number === undefined ? undefined : { kind: 'keep', test: shape.test, than: number };
    case 'add':
    case 'take':
    case 'times':
      return number === undefined ? undefined : { kind: shape.kind, by: number };
    case 'insert':
      return number === undefined ? undefined : { ...shape, number };
    default:
      return shape;
  }
}
