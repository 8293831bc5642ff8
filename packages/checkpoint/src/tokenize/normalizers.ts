import { byteCharacters } from '../byte-characters.ts';
import { isObject } from '../json-file.ts';
import { type Edit, editsOf, type NormalText } from './normal-text.ts';
import { precompiledMap } from './precompiled-map.ts';
import { toRegExp } from './regex.ts';
import { ACCENT, NEWER_COMPOSED } from './unicode.ts';
import type { Refuse } from './unsupported.ts';

export type Normalizer = (piece: NormalText) => NormalText;

const encoder = new TextEncoder();

type Json = Readonly<Record<string, unknown>>;

const KNOWN =
  'Supported are Prepend, Replace, Strip, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Nmt, Precompiled, ByteLevel and sequences of them.';

/** A tokenizer.json's `normalizer`. */
export function normalizer(step: unknown, refuse: Refuse): Normalizer {
  if (step === undefined || step === null) return (piece) => piece;
  if (!isObject(step)) throw refuse('normalizer', step, KNOWN);
  switch (step.type) {
    case 'Sequence': {
      const steps = Array.isArray(step.normalizers) ? step.normalizers : [];
      const each = steps.map((inner: unknown) => normalizer(inner, refuse));
      return (piece) => each.reduce((done, next) => next(done), piece);
    }
    case 'Prepend': {
      const { prepend } = step;
      if (typeof prepend !== 'string') throw refuse('normalizer.prepend', prepend, 'Expected a string.');
      return (piece) => (piece.text === '' ? piece : piece.edit([{ from: 0, to: 0, text: prepend }]));
    }
    case 'Replace':
      return replace(step, refuse);
    case 'Strip':
      return strip(step.strip_left !== false, step.strip_right !== false);
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return composed(step.type);
    case 'Lowercase':
      return each(/[^\p{ASCII}]|[A-Z]/gu, (character) => character.toLowerCase());
    case 'StripAccents':
      return each(new RegExp(ACCENT, 'gv'), () => '');
    case 'Nmt':
      return each(/[^ -~]/gu, nmt);
    case 'Precompiled':
      return precompiled(step.precompiled_charsmap, refuse);
    case 'ByteLevel':
      return (piece) => bytesAsCharacters(piece);
    default:
      throw refuse('normalizer.type', step.type, KNOWN);
  }
}

/** Control characters that go, and spaces of other kinds that become one: [first, last] each. */
const NMT_REMOVED = [
  [0x01, 0x08],
  [0x0b, 0x0b],
  [0x0e, 0x1f],
  [0x7f, 0x7f],
  [0x8f, 0x8f],
  [0x9f, 0x9f],
] as const;
const NMT_SPACES = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x1680, 0x1680],
  [0x200b, 0x200f],
  [0x2028, 0x2029],
  [0x2581, 0x2581],
  [0xfeff, 0xfeff],
  [0xfffd, 0xfffd],
] as const;

function nmt(character: string): string {
  const code = character.charCodeAt(0);
  const within = (ranges: readonly (readonly [number, number])[]) =>
    ranges.some(([first, last]) => code >= first && code <= last);
  if (within(NMT_REMOVED)) return '';
  return within(NMT_SPACES) ? ' ' : character;
}

const each =
  (pattern: RegExp, written: (character: string) => string): Normalizer =>
  (piece) =>
    piece.edit(editsOf(piece.text, pattern, written));

function replace(step: Json, refuse: Refuse): Normalizer {
  const { content } = step;
  if (typeof content !== 'string') throw refuse('normalizer.content', content, 'Expected a string.');
  const pattern = patternOf(step.pattern, refuse, 'normalizer.pattern');
  return (piece) => {
    const edits = editsOf(piece.text, pattern, () => content);
    // what takes the place of several characters counts as coming from the last of them
    return piece.edit(edits.map((edit) => ({ ...edit, at: Math.max(edit.from, edit.to - 1) })));
  };
}

/** A pattern that is a string or a regular expression, with the flag `g`. */
export function patternOf(pattern: unknown, refuse: Refuse, field: string): RegExp {
  if (isObject(pattern) && typeof pattern.String === 'string') {
    return new RegExp(pattern.String.replace(/[\^$\\.*+?()[\]{}|/]/gu, '\\$&'), 'gu');
  }
  if (isObject(pattern) && typeof pattern.Regex === 'string') {
    return toRegExp(pattern.Regex, refuse, `${field}.Regex`);
  }
  throw refuse(field, pattern, 'Expected `String` or `Regex`.');
}

function strip(left: boolean, right: boolean): Normalizer {
  const start = /^\p{White_Space}+/u;
  const end = /\p{White_Space}+$/u;
  return (piece) => {
    const { text } = piece;
    const from = left ? (start.exec(text)?.[0].length ?? 0) : 0;
    if (from === text.length) return piece.slice(from, from);
    const to = right ? text.length - (end.exec(text)?.[0].length ?? 0) : text.length;
    return piece.slice(from, to);
  };
}

/** A character with the marks behind it, and a Hangul syllable's parts: what is composed by itself. */
const CLUSTERS =
  /[^\p{M}\u1160-\u11ff\u3131-\u318e\uff9e-\uffdc]?[\p{M}\u1160-\u11ff\u3131-\u318e\uff9e-\uffdc]*/gu;
const UNKNOWN = new RegExp(NEWER_COMPOSED, 'v');
const AROUND_UNKNOWN = new RegExp(`(${NEWER_COMPOSED})`, 'v');

function composed(form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): Normalizer {
  const normalized = (cluster: string) =>
    UNKNOWN.test(cluster)
      ? cluster
          .split(AROUND_UNKNOWN)
          .map((part, i) => (i % 2 === 0 ? part.normalize(form) : part))
          .join('')
      : cluster.normalize(form);
  return (piece) =>
    piece.text.normalize(form) === piece.text ? piece : piece.edit(editsOf(piece.text, CLUSTERS, normalized));
}

/** Longest cluster of characters that a rule may replace as a whole, in bytes. */
const LONGEST_CLUSTER = 5;

function precompiled(charsmap: unknown, refuse: Refuse): Normalizer {
  const map = precompiledMap(charsmap, refuse);
  if (map === undefined) return (piece) => piece;
  const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
  return (piece) => {
    const edits: Edit[] = [];
    const tryAt = (from: number, text: string): boolean => {
      const written = map(text);
      if (written !== undefined) edits.push({ from, to: from + text.length, text: written });
      return written !== undefined;
    };
    for (const { segment, index } of graphemes.segment(piece.text)) {
      if (encoder.encode(segment).length <= LONGEST_CLUSTER && tryAt(index, segment)) continue;
      let at = index;
      for (const character of segment) {
        tryAt(at, character);
        at += character.length;
      }
    }
    return piece.edit(fromTheStart(piece.text, edits));
  };
}

/** What this step takes away at a text's start leaves the text starting there, as in its original. */
function fromTheStart(text: string, edits: readonly Edit[]): readonly Edit[] {
  const [first, second, ...rest] = edits;
  if (first === undefined || first.from > 0 || first.text !== '') return edits;
  if (second !== undefined && second.from === first.to) {
    return fromTheStart(text, [{ from: 0, to: second.to, text: second.text }, ...rest]);
  }
  const kept = String.fromCodePoint(text.codePointAt(first.to) ?? 0);
  return first.to === text.length
    ? edits
    : [{ from: 0, to: first.to + kept.length, text: kept }, ...edits.slice(1)];
}

/** Every byte of a text's UTF-8 as the character that stands for it. */
export function bytesAsCharacters(piece: NormalText): NormalText {
  let out = '';
  for (const byte of encoder.encode(piece.text)) out += byteCharacters[byte];
  return piece.rewrite(out);
}
