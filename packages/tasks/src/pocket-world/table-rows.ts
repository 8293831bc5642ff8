import { asTyped, type Typed } from './clauses.ts';
import { marked, THING } from './open-words.ts';
import { DID } from './table-phrases.ts';

const ROW_START = /(?:[-*•] |\d{1,2}[.)] |\| ?)?/y;
const LABEL = /[\p{L}][\p{L}.'&-]*(?: [\p{L}][\p{L}.'&-]*){0,3}/uy;
const SEPARATOR = new RegExp(
  ` (?:${marked(DID.join('|'))}|IS|WAS|[a-z]{3,9}) | ?: ?|\\t| ?[-=]> ?| ?= ?| [-–—] | \\| ?| \\(|, ?|  | `,
  'y',
);
const CELL = /\$?(\d{1,3}(?:,\d{3})+(?!\d)|\d+)/y;
const LINK = /(?: ?\|)?\s*[|,;\n./]?\s*(?:(?:and|&) )?/iy;
/** What closes the last row of a Markdown table. */
const CLOSED = / ?\|(?=\s*(?:\n|$))/y;
const RULE = /\|? ?:?-{2,}[-|: ]*\n/y;
const MOST_ROWS = 14;

/** A table as it was typed, and where. */
export interface Table {
  readonly names: readonly string[];
  readonly cells: readonly number[];
  readonly separator: string;
  readonly from: number;
  readonly end: number;
}

const read = (regexp: RegExp, text: string, from: number): string | undefined => {
  regexp.lastIndex = from;
  return regexp.exec(text)?.[0];
};

/** Every table that the text may hold; what has most rows first. */
export function tablesIn(prompt: Typed): readonly Table[] {
  const { text } = prompt;
  const tables: Table[] = [];
  for (const from of startsOf(text)) {
    for (const separator of separatorsAt(text, from)) {
      const table = rowsOf(prompt, from, separator);
      if (table.names.length < 2 || table.names.length > MOST_ROWS) continue;
      if (new Set(table.names.map((name) => name.toLowerCase())).size < table.names.length) continue;
      tables.push(table);
    }
  }
  return tables
    .sort((one, other) => other.names.length - one.names.length || other.end - one.end)
    .slice(0, 12);
}

/** Where rows may begin: at once, or behind any words without a number. */
function startsOf(text: string): readonly number[] {
  const digits = /\d/.exec(text)?.index ?? text.length;
  const found = new Set<number>([0]);
  for (const { 0: stop, index } of text.slice(0, digits).matchAll(/[:;,.?]+\s+|\n\s*| [-–—|] ?|: ?/g)) {
    const at = index + stop.length;
    found.add(at);
    const rule = read(RULE, text, at);
    if (rule !== undefined) found.add(at + rule.length);
  }
  // A question with a number in it may come first: "Which have more than 20? Ann 15, Bob 28".
  const asked = /\?\s+(?=\p{L})/u.exec(text.slice(digits));
  if (asked !== null) found.add(digits + asked.index + asked[0].length);
  // Without a mark: the last words before the first number.
  const before = text.slice(0, digits).split(' ');
  for (let words = 2; words <= 4 && words < before.length; words += 1)
    found.add(digits - before.slice(-words).join(' ').length);
  return [...found].slice(-24);
}

/** What may stand between the first label and its number. */
function separatorsAt(text: string, from: number): readonly string[] {
  const found = rowAt(text, from, undefined);
  return found === undefined ? [] : [found.separator];
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
  // Closed words are in capitals here: "has 12" is no row, though a row may be called A or May.
  if (/^(?!MAY\b)\p{Lu}{2,}(?!\p{L})/u.test(longest)) return undefined;
  const parts = longest.split(/(?= )/);
  for (let words = 1; words <= parts.length; words += 1) {
    const label = parts.slice(0, words).join('');
    const between =
      separator !== undefined && text.startsWith(separator, labelAt + label.length)
        ? separator
        : read(SEPARATOR, text, labelAt + label.length);
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
      cell: Number(cell.replaceAll(/[$,]/g, '')),
      end: cellAt + cell.length + closing,
    };
  }
  return undefined;
}

const SUFFIX = new RegExp(` (${marked(THING)})`, 'uy');
/** "Ann is 6 years older": what stands there counts from another row. */
const COMPARED =
  /\b(?:old|young|tall|short|long|high|low|deep|wide|heavi|light|fast|slow|cheap|hott?|cold|warm|bigg|small|larg|great|rich|poor|bett|far|furth)er$/;

/** The rows from `from` on; as far as they go. */
function rowsOf(prompt: Typed, from: number, first: string): Table {
  const { text } = prompt;
  const names: string[] = [];
  const cells: number[] = [];
  let at = from;
  let unit: string | undefined;
  for (let next = rowAt(text, from, first); next !== undefined; ) {
    names.push(asTyped(prompt, next.labelAt, next.label.length));
    cells.push(next.cell);
    at = next.end;
    const said = unitAt(text, at, unit);
    if (said !== undefined) {
      unit = said;
      at += 1 + said.length;
    }
    const link = read(LINK, text, at)!;
    next = link === '' ? undefined : rowAt(text, at + link.length, first);
  }
  return { names, cells, separator: first, from, end: at + (read(CLOSED, text, at)?.length ?? 0) };
}

/** What the numbers count, behind the first or behind each of them. */
function unitAt(text: string, at: number, known: string | undefined): string | undefined {
  SUFFIX.lastIndex = at;
  const said = SUFFIX.exec(text)?.[1];
  if (said === undefined) return undefined;
  const words = said.split(' ');
  for (let count = words.length; count > 0; count -= 1) {
    const thing = words.slice(0, count).join(' ');
    if (known !== undefined && thing !== known) continue;
    if (/^(?:\s*[.,;|/\n]| AND |$)/.test(text.slice(at + 1 + thing.length)) && !COMPARED.test(thing))
      return thing;
  }
  return undefined;
}
