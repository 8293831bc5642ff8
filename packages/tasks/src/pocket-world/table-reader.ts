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
import { LETTERS, marked, THING, WORD } from './open-words.ts';
import {
  compileFitting,
  compilePattern,
  type Matcher,
  matchPattern,
  type Sayable,
  wordsIn,
} from './pattern.ts';
import type { Group, TableFacts } from './table-facts.ts';
import {
  ASKS,
  COMBINATIONS,
  type Combination,
  DID,
  DIFFERENCES,
  LEAD,
  OPEN_LEADS,
  OPEN_TAILS,
  REQUESTS,
  type Reduction,
  type Scope,
  TAIL,
} from './table-phrases.ts';
import { tableTask } from './table-questions.ts';
import type { Task } from './task.ts';
import { singular } from './things.ts';
import { short } from './word-cast.ts';
import { PREPOSITIONS } from './word-fringes.ts';

const WORD_OF_ANY_KIND = `[${LETTERS}'-]+`;

const ROW_START = /(?:[-*•] |\d{1,2}[.)] |\| ?)?/y;
const LABEL = /[\p{L}][\p{L}.'&]*(?:[- ][\p{L}][\p{L}.'&]*){0,2}/uy;
const SEPARATOR = new RegExp(` (?:${marked(DID.join('|'))}) | ?: ?|\\t| ?= ?| - | \\| ?| \\(|, ?|  | `, 'y');
const CELL = /\d{1,3}(?:,\d{3})+(?!\d)|\d+/y;
const LINK = /(?: ?\|)?\s*[|,;\n./]?\s*(?:and )?/iy;
const RULE = /\|? ?:?-{2,}[-|: ]*\n/y;

interface Table {
  readonly names: readonly string[];
  readonly cells: readonly number[];
  readonly separator: string;
  readonly item?: string;
  readonly end: number;
}

const read = (regexp: RegExp, text: string, from: number): string | undefined => {
  regexp.lastIndex = from;
  return regexp.exec(text)?.[0];
};

const PIPED = new RegExp(`(${marked(THING)}) \\| ?`, 'uy');

/** Where the rows may begin: at once, behind what is counted, or behind any words without a number. */
function headsOf(text: string): readonly { readonly item?: string; readonly end: number }[] {
  const found: { item?: string; end: number }[] = [{ end: 0 }];
  PIPED.lastIndex = 0;
  const piped = PIPED.exec(text);
  if (piped !== null) found.push({ item: piped[1]!.toLowerCase(), end: piped[0].length });
  for (const stop of [':', '\n', '. ']) {
    const at = text.indexOf(stop);
    if (at < 0 || at > 120 || /\d/.test(text.slice(0, at))) continue;
    let end = at + stop.length;
    end += read(/\s*/y, text, end)!.length;
    end += read(RULE, text, end)?.length ?? 0;
    found.push({ end });
  }
  return found;
}

interface Row {
  readonly label: string;
  readonly labelAt: number;
  readonly separator: string;
  readonly cell: number;
  readonly end: number;
}

/** A label, what stands between, and a number; the same between as in the rows before. */
function rowAt(text: string, from: number, separator: string | undefined): Row | undefined {
  const labelAt = from + read(ROW_START, text, from)!.length;
  const longest = read(LABEL, text, labelAt);
  if (longest === undefined) return undefined;
  const parts = longest.split(/(?=[- ])/);
  for (let words = 1; words <= parts.length; words += 1) {
    const label = parts.slice(0, words).join('');
    const between = read(SEPARATOR, text, labelAt + label.length);
    if (between === undefined || (separator !== undefined && between !== separator)) continue;
    const cellAt = labelAt + label.length + between.length;
    const cell = read(CELL, text, cellAt);
    if (cell === undefined) continue;
    const closing = between === ' (' ? 1 : 0;
    if (closing > 0 && text[cellAt + cell.length] !== ')') continue;
    return {
      label,
      labelAt,
      separator: between,
      cell: Number(cell.replaceAll(',', '')),
      end: cellAt + cell.length + closing,
    };
  }
  return undefined;
}

const SUFFIX = new RegExp(` (${marked(THING)})`, 'uy');

/** The rows from `from` on; as far as they go. */
function rowsOf(prompt: Typed, from: number, item: string | undefined): Table {
  const { text } = prompt;
  const names: string[] = [];
  const cells: number[] = [];
  let separator: string | undefined;
  let counted = item;
  let at = from;
  for (let next = rowAt(text, from, undefined); next !== undefined; ) {
    names.push(asTyped(prompt, next.labelAt, next.label.length));
    cells.push(next.cell);
    separator = next.separator;
    at = next.end;
    SUFFIX.lastIndex = at;
    const said = SUFFIX.exec(text)?.[1];
    // What the numbers count, behind the first or behind each of them.
    for (const thing of said === undefined
      ? []
      : said
          .split(' ')
          .map((_, words, all) => all.slice(0, words + 1).join(' '))
          .reverse()) {
      const after = at + 1 + thing.length;
      if (
        (counted !== undefined && thing.toLowerCase() !== counted) ||
        !/^(?:\s*[.,;|/\n]| and |$)/i.test(text.slice(after))
      )
        continue;
      counted = thing.toLowerCase();
      at = after;
      break;
    }
    next = rowAt(text, at + read(LINK, text, at)!.length, separator);
  }
  at += read(/ ?\|(?=\n|$)/y, text, at)?.length ?? 0;
  return {
    names,
    cells,
    separator: separator ?? ' ',
    ...(counted === undefined ? {} : { item: counted }),
    end: at,
  };
}

type Clause =
  | { readonly kind: 'group'; readonly reduction: Reduction; readonly scope: Scope }
  | { readonly kind: 'combination'; readonly combination: Combination }
  | { readonly kind: 'difference'; readonly between: 'rows' | 'groups' | 'extremes' };

/** In the question, every row's label and what is counted are one character each. */
const ROW = 0xe100;
const ROWS = '[\ue100-\ue1ff]';
const COUNTED = '\ue001';
const SEVERAL = `(?:the )?${ROWS}(?:(?:, and |, ?| and | ?& ?| plus )(?:the )?${ROWS})*`;

const slots: Readonly<Record<string, string>> = {
  i: `(?:${COUNTED}|${THING}|numbers)`,
  q: WORD_OF_ANY_KIND,
  vb: WORD_OF_ANY_KIND,
  vp: WORD_OF_ANY_KIND,
  w: SEVERAL,
  v: SEVERAL,
};
const slot = (name: string) => slots[name]!;

const SAYINGS: readonly Sayable<Clause>[] = [
  ...COMBINATIONS.map(({ pattern, combination }) => ({
    pattern,
    slot,
    meaning: { kind: 'combination', combination } as const,
  })),
  ...DIFFERENCES.map(({ pattern, between }) => ({
    pattern,
    slot,
    meaning: { kind: 'difference', between } as const,
  })),
  ...[...ASKS, ...REQUESTS].map(({ pattern, reduction, scope }) => ({
    pattern,
    slot,
    meaning: { kind: 'group', reduction, scope } as const,
  })),
];

/** The question behind a table, with one character for each label and one for what is counted. */
function questionOf(prompt: Typed, { names, item, end }: Table): Typed {
  const lower = names.map((name) => name.toLowerCase());
  const things =
    item === undefined
      ? []
      : [...new Set([item, short(item), singular(item)])].filter((thing) => !lower.includes(thing));
  const forms = [...lower, ...things]
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const words = new RegExp(String.raw`(?<![\p{L}\p{N}-])(?:${forms.join('|')})(?![\p{L}\p{N}-])`, 'giu');
  return signed(prompt, end, words, (word) => {
    const row = lower.indexOf(word);
    return row < 0 ? COUNTED : String.fromCharCode(ROW + row);
  });
}

interface Asked {
  /** What the question says that is counted. */
  readonly item?: string;
  readonly groups: readonly Group[];
  readonly combination?: Combination;
}

/** Reads a table question. */
export function readTableQuestion(prompt: Typed): Read<Task> {
  let furthest = 0;
  let why: 'words' | 'numbers' = 'words';
  let candidates: readonly Candidate<Clause>[] | undefined;
  for (const head of headsOf(prompt.text)) {
    const table = rowsOf(prompt, head.end, head.item);
    furthest = Math.max(furthest, table.names.length > 1 ? placeOf(prompt, table.end) : 0);
    if (table.names.length < 2 || table.names.length > 14) continue;
    if (new Set(table.names.map((name) => name.toLowerCase())).size < table.names.length) continue;
    candidates ??= compileFitting(SAYINGS, wordsIn(prompt.text));
    const clauses = candidates;
    const question = questionOf(prompt, table);
    const { text } = question;
    const failed = new Set<string>();
    const fail = (at: number, reason: 'words' | 'numbers') => {
      const place = placeOf(question, at);
      if (place < furthest || (place === furthest && reason === 'words')) return;
      furthest = place;
      why = reason;
    };
    const go = (from: number, asked: Asked): Task | undefined => {
      const state = `${from} ${asked.groups.length} ${asked.combination ?? ''}`;
      if (failed.has(state)) return undefined;
      failed.add(state);
      if (/^[\s.,;:!?]*$/.test(text.slice(from)) && asked.groups.length > 0) {
        const task = finish(table, asked, prompt.original);
        if (task !== undefined) return task;
        fail(from, 'numbers');
      }
      fail(from, 'words');
      for (const start of clauseStarts(text, from).flatMap((place) => startsOf(text, place))) {
        for (const found of readings(clauses, text, start)) {
          const applied = apply(table, asked, found);
          if (applied === undefined) continue;
          const taken = found.slots.i?.[0]?.text;
          const said = taken === COUNTED || taken === 'numbers' ? undefined : taken;
          const item = asked.item ?? said;
          const next = { ...applied, ...(item === undefined ? {} : { item }) };
          for (const end of endsOf(text, found.end)) {
            const task = go(end, next);
            if (task !== undefined) return task;
          }
        }
      }
      return undefined;
    };
    const task = go(0, { groups: [] });
    if (task !== undefined) return { ok: true, task };
  }
  return { ok: false, place: furthest, why };
}

const leads = [LEAD, ...OPEN_LEADS].map((pattern) => compilePattern(pattern, openSlot));
const tails = [TAIL, ...OPEN_TAILS].map((pattern) => compilePattern(pattern, openSlot));

function openSlot(name: string): string {
  if (name === 'prep') return `(?:${PREPOSITIONS.join('|')})`;
  return name === 'p' ? '(?:his|her|their|its|my|our|your|the)' : WORD;
}

/** What comes before a question and says nothing. */
const startsOf = (text: string, at: number): readonly number[] => ends(leads, text, at);
/** What comes behind it and says nothing: "in the table", "this week". */
const endsOf = (text: string, at: number): readonly number[] => ends(tails, text, at);

function ends(matchers: readonly Matcher[], text: string, at: number): readonly number[] {
  const found = new Set([at]);
  for (const matcher of matchers) {
    const match = matchPattern(matcher, text, at);
    if (match !== undefined && match.end > at) found.add(match.end);
  }
  return [...found].sort((one, other) => other - one);
}

function apply(
  { names }: Table,
  { groups, combination }: Asked,
  { meaning, slots }: Found<Clause>,
): Asked | undefined {
  const all = [...names.keys()];
  const rowsIn = (slot: string): readonly number[] =>
    [...(slots[slot]?.[0]?.text ?? '')].map((sign) => sign.charCodeAt(0) - ROW).filter((row) => row >= 0);
  if (combination !== undefined) return undefined;
  switch (meaning.kind) {
    case 'group': {
      if (groups.length > 1) return undefined;
      const { scope, reduction } = meaning;
      const rows = scope === 'all' ? all : rowsIn('w');
      if ((scope === 'one') !== (rows.length === 1 && scope !== 'all')) return undefined;
      if (new Set(rows).size < rows.length) return undefined;
      return { groups: [...groups, { rows, reduction }] };
    }
    case 'combination':
      return groups.length === 2 ? { groups, combination: meaning.combination } : undefined;
    case 'difference': {
      if (groups.length > 0) return undefined;
      if (meaning.between === 'extremes') {
        return {
          groups: [
            { rows: all, reduction: 'largest' },
            { rows: all, reduction: 'smallest' },
          ],
          combination: 'difference',
        };
      }
      const [one, other] = [rowsIn('w'), rowsIn('v')];
      if (meaning.between === 'rows' && (one.length > 1 || other.length > 1)) return undefined;
      if (new Set([...one, ...other]).size < one.length + other.length) return undefined;
      return {
        groups: [one, other].map((rows) => ({ rows, reduction: 'sum' as const })),
        combination: 'difference',
      };
    }
  }
}

function finish(
  table: Table,
  { groups, combination, item: asked }: Asked,
  original: string,
): Task | undefined {
  const { names, cells, separator } = table;
  const item = table.item ?? asked;
  const [first, second] = groups;
  const facts: TableFacts = {
    names,
    ...(item === undefined ? {} : { item }),
    cells,
    separator,
    first: first!,
    ...(second === undefined ? {} : { second, combination: combination ?? 'both' }),
  };
  return tableTask(facts, original);
}
