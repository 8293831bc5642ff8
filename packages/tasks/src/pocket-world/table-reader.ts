import {
  type Candidate,
  clauseStarts,
  type Found,
  placeOf,
  type Read,
  readings,
  signed,
  type Typed,
} from './clauses.ts';
import { TABLE_ASKS, TABLE_COUNTS, TABLE_DIFFERENCES, TABLE_LEAD } from './only-read.ts';
import { THING, WORD } from './open-words.ts';
import {
  compileFitting,
  compilePattern,
  fitting,
  type Matcher,
  matchPattern,
  type Pattern,
  wordsIn,
} from './pattern.ts';
import type { Ask, Group } from './table-facts.ts';
import {
  ASKS,
  COMBINATIONS,
  DIFFERENCES,
  type GroupPhrase,
  LEAD,
  OPEN_LEADS,
  OPEN_TAILS,
  REQUESTS,
  TAIL,
} from './table-phrases.ts';
import { QUANTITIES, tableTask } from './table-questions.ts';
import { type Table, tablesIn } from './table-rows.ts';
import { COUNTS, type CountPhrase, RANKS, WHOS } from './table-who-phrases.ts';
import type { Task } from './task.ts';
import { NUMBER, readNumber } from './typing.ts';
import { PREPOSITIONS } from './word-fringes.ts';

type Clause =
  | { readonly kind: 'group'; readonly phrase: Omit<GroupPhrase, 'pattern'> }
  | { readonly kind: 'who'; readonly phrase: Omit<(typeof WHOS)[number], 'pattern'> }
  | { readonly kind: 'test'; readonly phrase: Omit<CountPhrase, 'pattern'> }
  /** Puts the table in order, which the world does not. */
  | { readonly kind: 'rank' }
  | { readonly kind: 'combination'; readonly combination: 'difference' | 'total' }
  | { readonly kind: 'difference'; readonly between: 'rows' | 'groups' | 'extremes' };

const ROW = 0xe100;
const ROWS = `[\\u${ROW.toString(16)}-\\u${(ROW + 13).toString(16)}]`;
const one = `(?:(?:the|a|an|my|class|chapter|for|in|on) )?${ROWS}`;
const SEVERAL = `${one}(?:(?:, and |, ?| and | ?& ?| plus | \\+ ?)${one})*`;
const ANY = `(?:HAVE|HAS|HAD|GOT|GET|SOLD|SELL|BOUGHT|BUY|LOST|EAT|ATE|TOOK|TAKE|KEEP|DROP|${WORD})`;

const SLOTS: Readonly<Record<string, string>> = {
  i: `(?:${THING}|NUMBERS)`,
  i1: `(?:${THING}|NUMBER)`,
  nn: `(?:${WORD}(?: ${WORD})?|NUMBERS|ONES)`,
  n1: `(?:${WORD}|ONE|NUMBER)`,
  q: ANY,
  vb: `${ANY}(?: (?:${WORD}|OUT|UP|OFF|AWAY|ON|IN|OVER|DOWN|BACK))?`,
  vp: ANY,
  he: '(?:he|she|they|it|you)',
  n: NUMBER,
  u: `(?: (?:of the )?${WORD}){0,2}`,
  w: SEVERAL,
  v: SEVERAL,
  ch: `${one}(?:(?:, or |, ?| or )${one})+`,
};
const slot = (name: string) => SLOTS[name]!;

function openSlot(name: string): string {
  if (name === 'prep') return `(?:${PREPOSITIONS.join('|')}|among|between|since|until|from|by|of)`;
  return name === 'p' ? '(?:his|her|their|its|my|our|your|the)' : WORD;
}

const said = (pattern: Pattern, meaning: Clause) => ({ pattern, meaning, slot });
const CLAUSES = [
  ...COMBINATIONS.map(({ pattern, combination }) => said(pattern, { kind: 'combination', combination })),
  ...[...DIFFERENCES, ...TABLE_DIFFERENCES].map(({ pattern, between }) =>
    said(pattern, { kind: 'difference', between }),
  ),
  ...[...ASKS, ...REQUESTS, ...TABLE_ASKS].map(({ pattern, ...phrase }) =>
    said(pattern, { kind: 'group', phrase }),
  ),
  ...WHOS.map(({ pattern, ...phrase }) => said(pattern, { kind: 'who', phrase })),
  ...[...COUNTS, ...TABLE_COUNTS].map(({ pattern, ...phrase }) => said(pattern, { kind: 'test', phrase })),
  ...RANKS.map((pattern) => said(pattern, { kind: 'rank' })),
];
const fringe = (patterns: readonly Pattern[], words: ReadonlySet<string>): readonly Matcher[] =>
  patterns.flatMap((pattern) => {
    const left = fitting(pattern, words);
    return left === undefined ? [] : [compilePattern(left, openSlot)];
  });

/** A question with one character for each label. */
function questionOf(prompt: Typed, { names, from, end }: Table): Typed {
  const lower = names.map((name) => name.toLowerCase());
  const forms = [...lower]
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const words = new RegExp(String.raw`(?<![\p{L}\p{N}-])(?:${forms.join('|')})(?![\p{L}\p{N}-])`, 'giu');
  const sign = (word: string) => String.fromCharCode(ROW + lower.indexOf(word));
  // A table may come last, behind the question.
  if (/^[\s.,;:!?|]*$/.test(prompt.text.slice(end))) {
    const before = { ...prompt, text: prompt.text.slice(0, from) };
    return signed(before, 0, words, sign);
  }
  return signed(prompt, end, words, sign);
}

/** Something that is understood and not answered. */
const BEYOND = { kind: 'beyond' } as const;
type Question = Ask | typeof BEYOND;

/** What is asked; with two groups that wait for what is to be made of them. */
interface Asked {
  readonly asks: readonly Question[];
  readonly groups: readonly Group[];
}

/** Reads a table question. */
export function readTableQuestion(prompt: Typed): Read<Task> {
  let furthest = 0;
  let why: 'words' | 'numbers' = 'words';
  const words = wordsIn(prompt.text);
  let made:
    | { clauses: readonly Candidate<Clause>[]; leads: readonly Matcher[]; tails: readonly Matcher[] }
    | undefined;
  for (const table of tablesIn(prompt)) {
    made ??= {
      clauses: compileFitting(CLAUSES, words),
      leads: fringe([LEAD, TABLE_LEAD, ...OPEN_LEADS], words),
      tails: fringe([TAIL, ...OPEN_TAILS], words),
    };
    const { clauses, leads, tails } = made;
    const question = questionOf(prompt, table);
    const { text } = question;
    const failed = new Set<string>();
    let beyond = 0;
    const fail = (at: number, reason: 'words' | 'numbers') => {
      const place = placeOf(question, at);
      if (place < furthest || (place === furthest && reason === 'words')) return;
      furthest = place;
      why = reason;
    };
    const go = (from: number, asked: Asked): Task | typeof BEYOND | undefined => {
      const state = `${from} ${asked.asks.length} ${asked.groups.length} ${asked.asks.at(-1)?.kind}`;
      if (failed.has(state)) return undefined;
      failed.add(state);
      if (/^[\s.,;:!?]*$/.test(text.slice(from)) && asked.asks.length + asked.groups.length > 0) {
        const task = finish(table, asked, prompt.original);
        if (task !== undefined) return task;
        fail(from, 'numbers');
      }
      fail(from, 'words');
      const found: Found<Clause>[] = [];
      for (const start of clauseStarts(text, from).flatMap((place) => past(leads, text, place)))
        found.push(...readings(clauses, text, start));
      for (const next of found.sort((a, b) => b.end - a.end)) {
        const named = asksForName(text, next);
        const applied = apply(table, asked, named ? { ...next, meaning: { kind: 'rank' } } : next);
        if (applied === undefined) continue;
        if (named || next.meaning.kind === 'rank') beyond = from;
        for (const end of past(tails, text, next.end).flatMap((place) => past(tails, text, place))) {
          const task = go(end, applied);
          if (task !== undefined) return task;
        }
      }
      return undefined;
    };
    // "oak 12, elm 5 -- which is biggest?"
    const dash = /^\s*(?:--?|[–—])\s+/.exec(text)?.[0] ?? '';
    const task = go(dash.length, { asks: [], groups: [] });
    if (task === undefined) continue;
    return 'kind' in task
      ? { ok: false, place: placeOf(question, beyond), why: 'words' }
      : { ok: true, task };
  }
  return { ok: false, place: furthest, why };
}

const VALUES = new Set([...QUANTITIES, 'value', 'entry', 'figure', 'one']);

/** "Which city is the biggest?": whoever asks it wants a name, and the target mostly says the number. Not known. */
function asksForName(text: string, { meaning, end, slots }: Found<Clause>): boolean {
  const extreme = (meaning.kind === 'group' && meaning.phrase.reduction !== 'sum') || meaning.kind === 'who';
  if (!extreme || slots.w !== undefined || slots.ch !== undefined) return false;
  const what = /(?:^|[^\p{L}])(?:which|what) (\p{L}+) (?:is|was) (?:the )?\p{L}+(?: \p{L}+)?$/iu.exec(
    text.slice(0, end),
  )?.[1];
  return what !== undefined && !VALUES.has(what.toLowerCase());
}

/** Where a text may go on: behind what says nothing, or at once. */
function past(matchers: readonly Matcher[], text: string, at: number): readonly number[] {
  const found = new Set([at]);
  for (const matcher of matchers) {
    const match = matchPattern(matcher, text, at);
    if (match !== undefined && match.end > at) found.add(match.end);
  }
  return [...found].sort((a, b) => b - a);
}

function apply({ names }: Table, asked: Asked, { meaning, slots }: Found<Clause>): Asked | undefined {
  const all = [...names.keys()];
  const { asks, groups } = asked;
  const rowsIn = (name: string): readonly number[] =>
    [...(slots[name]?.[0]?.text ?? '')]
      .map((sign) => sign.charCodeAt(0) - ROW)
      .filter((row) => row >= 0 && row < 14);
  const add = (...more: readonly Ask[]): Asked | undefined =>
    asks.length + more.length > 2 || groups.length > 0 ? undefined : { asks: [...asks, ...more], groups };
  switch (meaning.kind) {
    case 'group': {
      const { scope, reduction } = meaning.phrase;
      const rows = scope === 'all' ? all : rowsIn('w');
      if ((scope === 'one') !== (rows.length === 1 && scope !== 'all')) return undefined;
      if (new Set(rows).size < rows.length || asks.length > 0 || groups.length > 1)
        return asks.length === 1 && groups.length === 0 && new Set(rows).size === rows.length
          ? add({ kind: 'value', rows, reduction })
          : undefined;
      return { asks, groups: [...groups, { rows, reduction }] };
    }
    case 'combination': {
      const [first, other] = groups;
      if (asks.length > 0 || other === undefined) return undefined;
      return { asks: [{ kind: meaning.combination, one: first!, other }], groups: [] };
    }
    case 'who': {
      const { reduction, scope, also, two } = meaning.phrase;
      if (two === true && names.length !== 2) return undefined;
      const rows = scope === 'all' ? all : [...rowsIn('w'), ...rowsIn('ch')];
      if (rows.length < 2 || new Set(rows).size < rows.length) return undefined;
      const who: Ask = { kind: 'who', rows, reduction };
      const ready = settled(asked);
      if (ready === undefined || ready.asks.length + (also === undefined ? 1 : 2) > 2) return undefined;
      if (also === undefined) return { asks: [...ready.asks, who], groups: [] };
      const more: Ask =
        also === 'value'
          ? { kind: 'value', rows, reduction }
          : {
              kind: 'difference',
              one: { rows: [0], reduction: 'sum' },
              other: { rows: [1], reduction: 'sum' },
            };
      return { asks: [who, more], groups: [] };
    }
    case 'rank':
    case 'test': {
      const ready = settled(asked);
      if (ready === undefined || ready.asks.length > 1) return undefined;
      if (meaning.kind === 'rank') return { asks: [...ready.asks, BEYOND], groups: [] };
      const said = slots.n?.[0]?.text;
      if (said === undefined) return undefined;
      const { kind, test } = meaning.phrase;
      return { asks: [...ready.asks, { kind, test, than: readNumber(said) }], groups: [] };
    }
    case 'difference': {
      const ready = settled(asked);
      if (ready === undefined || ready.asks.length > 1) return undefined;
      const made = (one: Group, other: Group): Asked => ({
        asks: [...ready.asks, { kind: 'difference', one, other }],
        groups: [],
      });
      if (meaning.between === 'extremes')
        return made({ rows: all, reduction: 'largest' }, { rows: all, reduction: 'smallest' });
      const [left, right] = [rowsIn('w'), rowsIn('v')];
      if (left.length === 0 || right.length === 0) return undefined;
      if (meaning.between === 'rows' && (left.length > 1 || right.length > 1)) return undefined;
      if (new Set([...left, ...right]).size < left.length + right.length) return undefined;
      return made({ rows: left, reduction: 'sum' }, { rows: right, reduction: 'sum' });
    }
  }
}

/** Groups that nothing is made of are answers of their own. */
function settled({ asks, groups }: Asked): Asked | undefined {
  const made: Question[] = [...asks, ...groups.map((group): Ask => ({ kind: 'value', ...group }))];
  // "How many pens are there total?" asks once.
  if (made.length === 2 && JSON.stringify(made[0]) === JSON.stringify(made[1])) return undefined;
  return made.length > 2 ? undefined : { asks: made, groups: [] };
}

function finish(
  { names, cells, separator }: Table,
  asked: Asked,
  original: string,
): Task | typeof BEYOND | undefined {
  const ready = settled(asked);
  if (ready === undefined) return undefined;
  const asks = ready.asks.filter((ask) => ask.kind !== 'beyond');
  if (asks.length < ready.asks.length) return BEYOND;
  return tableTask({ names, cells, separator, asks }, original);
}
