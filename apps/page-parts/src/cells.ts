import { bytesOfPiece, type TokenPiece } from '@judge-decoding/trace';

/** One token of a text or a draft, and who let it in (or that nobody did). */
export interface ShownToken {
  readonly id: number;
  /** `standard`, `judge` and other admissions, `recovered`, `bonus`, `forced`, `rejected`, `suspected`, `discarded`. */
  readonly source: string;
  readonly score?: number | null | undefined;
  readonly piece: TokenPiece | undefined;
}

/** What is shown as one: a token, or the several tokens that one character is made of. */
export interface Cell {
  /** Empty for special tokens. */
  readonly text: string;
  /** Of the list that was given: the first, and how many. */
  readonly start: number;
  readonly count: number;
  readonly source: string;
  /** The name of a special token. */
  readonly special?: string;
  /** Bytes that are no whole character, at the end of a text that goes on, or for good: a sign stands for them. */
  readonly broken?: true;
}

/** What marks a cell whose tokens come from several sources: the one a reader should know of. */
const LOUDEST = ['forced', 'rejected', 'recovered', 'bonus'];

/** Stands where bytes are no character. */
const BROKEN = '⋯';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lossy = new TextDecoder('utf-8', { ignoreBOM: true });

function decode(bytes: readonly number[]): string | undefined {
  try {
    return strict.decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}

/** Whether these bytes are UTF-8, or may yet become it: only the last character is short of bytes. */
function canGoOn(bytes: readonly number[]): boolean {
  try {
    // a stream waits for the rest of a character that has begun, and refuses all else
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes), {
      stream: true,
    });
    return true;
  } catch {
    return false;
  }
}

/**
 * Tokens as cells: a character that several tokens make up is one cell and never shown in halves, and so is
 * what a reader sees as one sign (a letter and its accent, a family of emoji).
 */
export function cellsOf(tokens: readonly ShownToken[]): readonly Cell[] {
  const whole: Cell[] = [];
  let start = 0;
  let bytes: number[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const { piece } = tokens[index]!;
    if (typeof piece === 'object' && 'special' in piece) {
      flush(index);
      whole.push({ ...cell(index, 1, ''), special: piece.special });
      start = index + 1;
      continue;
    }
    const own = bytesOfPiece(piece);
    // what was waiting for its rest waits in vain
    if (bytes.length > 0 && !canGoOn([...bytes, ...own])) flush(index);
    bytes.push(...own);
    const text = decode(bytes);
    if (text !== undefined) {
      whole.push(cell(start, index + 1 - start, text));
      start = index + 1;
      bytes = [];
    } else if (!canGoOn(bytes)) flush(index + 1);
  }
  flush(tokens.length);
  return joinedSigns(whole, (from, count, text) => cell(from, count, text));

  function flush(end: number): void {
    if (end > start) {
      const text = lossy.decode(Uint8Array.from(bytes)).replace(/\uFFFD+/g, BROKEN);
      whole.push({ ...cell(start, end - start, text), broken: true });
    }
    start = end;
    bytes = [];
  }
  function cell(from: number, count: number, text: string): Cell {
    const sources = tokens.slice(from, from + count).map(({ source }) => source);
    const marked =
      LOUDEST.find((loud) => sources.includes(loud)) ?? sources.find((one) => one !== 'standard');
    return { text, start: from, count, source: marked ?? 'standard' };
  }
}

const signs = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function joinedSigns(
  cells: readonly Cell[],
  join: (start: number, count: number, text: string) => Cell,
): readonly Cell[] {
  const joined: Cell[] = [];
  for (const next of cells) {
    const last = joined.at(-1);
    if (last !== undefined && last.text !== '' && next.text !== '' && isOneSign(last.text, next.text))
      joined[joined.length - 1] = join(last.start, last.count + next.count, last.text + next.text);
    else joined.push(next);
  }
  return joined;
}

/** Whether the end of one text and the beginning of the next are a single sign. Plain letters never are. */
function isOneSign(left: string, right: string): boolean {
  if (right.charCodeAt(0) < 0x300) return false;
  const tail = left.slice(-16);
  const segments = [...signs.segment(tail + right)];
  return !segments.some(({ index }) => index === tail.length);
}
