import { characters, codePointCount } from './sequences.ts';

/** A stretch of a text by code points, as `find(sub, start, end)` takes it. */
export interface Window {
  /** Its text. */
  readonly text: string;
  /** Code points before it. */
  readonly before: number;
  /** False where `start` lies behind the text's end: then not even the empty text is found. */
  readonly isInside: boolean;
}

export function windowOf(text: string, start: number | undefined, end: number | undefined): Window {
  const length = codePointCount(text);
  const clamp = (value: number) => (value < 0 ? Math.max(0, value + length) : value);
  const from = clamp(start ?? 0);
  const to = Math.min(clamp(end ?? length), length);
  const isInside = from <= to;
  if (from === 0 && to === length) return { text, before: 0, isInside };
  return { text: isInside ? characters(text).slice(from, to).join('') : '', before: from, isInside };
}

/** Where `sought` is, in code points; -1 where it is not. */
export function find({ text, before, isInside }: Window, sought: string, fromEnd: boolean): number {
  if (!isInside) return -1;
  const at = fromEnd ? text.lastIndexOf(sought) : text.indexOf(sought);
  return at < 0 ? -1 : before + codePointCount(text.slice(0, at));
}

export function countOf({ text, isInside }: Window, sought: string): number {
  if (!isInside) return 0;
  if (sought === '') return codePointCount(text) + 1;
  return text.split(sought).length - 1;
}

/** `str.replace`; at most `limit` times where it is not negative. */
export function replace(text: string, old: string, written: string, limit: number): string {
  if (old === '') {
    const parts = ['', ...characters(text)];
    const most = limit < 0 ? parts.length : Math.min(limit, parts.length);
    const made = parts.map((part, i) => part + (i < most ? written : '')).join('');
    return made;
  }
  if (limit < 0) return text.replaceAll(old, () => written);
  return splitAt(text, old, limit).join(written);
}

/** `str.split(separator, limit)`; without bound where `limit` is negative. */
export function splitAt(text: string, separator: string, limit: number): string[] {
  const parts = text.split(separator);
  if (limit < 0 || parts.length - 1 <= limit) return parts;
  return [...parts.slice(0, limit), parts.slice(limit).join(separator)];
}

/** `str.rsplit(separator, limit)`; where separators overlap, the last ones count. */
export function splitAtLast(text: string, separator: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (limit < 0 || parts.length < limit) {
    const at = rest.lastIndexOf(separator);
    if (at < 0) break;
    parts.unshift(rest.slice(at + separator.length));
    rest = rest.slice(0, at);
  }
  return [rest, ...parts];
}
