import type { TokenId } from '@judge-decoding/core';
import type { AddedToken } from '../tokenizer-json.ts';
import { NormalText } from './normal-text.ts';
import type { Normalizer } from './normalizers.ts';
import { SPACE, WORD_OR_JOINER } from './unicode.ts';

/**
 * Where special tokens written in a text are read as such: nowhere (a user's text), everywhere, or
 * wherever none of their characters comes from a place that this says true of (a template's text,
 * with what users wrote in it).
 */
export type Plain = 'everywhere' | 'nowhere' | ((origin: number) => boolean);

/** A part of a text: a token of its own, or what the model makes tokens of. */
export type Section = { readonly id: TokenId } | { readonly piece: NormalText };

const WORD_CHARACTER = new RegExp(`^${WORD_OR_JOINER}$`, 'v');
const SPACE_CHARACTER = new RegExp(`^${SPACE}$`, 'v');
/** Every space is one UTF-16 unit. */
const isSpace = (unit: string | undefined) => unit !== undefined && SPACE_CHARACTER.test(unit);

/** Whether a word goes on over one of the ends. */
function isInWord(text: string, from: number, to: number): boolean {
  const before = [...text.slice(Math.max(0, from - 2), from)].at(-1);
  const [after] = text.slice(to, to + 2);
  return [before, after].some((character) => character !== undefined && WORD_CHARACTER.test(character));
}

/**
 * Finds added tokens as Hugging Face's tokenizers do: those that are not `normalized` in the text as
 * it is, then the others, themselves normalised, in what the normalizer makes of the rest. Leftmost
 * first, of several there the longest. `lstrip` and `rstrip` take the spaces beside a token with it,
 * `single_word` leaves those inside words alone.
 */
export function addedTokens(added: readonly AddedToken[], normalize: Normalizer) {
  const asWritten = new Finder(
    added.filter(({ normalized }) => !normalized).map((token) => [token.content, token]),
  );
  const normalised = new Finder(
    added
      .filter(({ normalized }) => normalized)
      .map((token) => [normalize(new NormalText(token.content)).text, token]),
  );
  return {
    sections(text: string, plain: Plain): Section[] {
      return asWritten
        .sections(new NormalText(text), plain)
        .flatMap((section) =>
          'id' in section ? [section] : normalised.sections(normalize(section.piece), plain),
        );
    },
  };
}

class Finder {
  /** By the first UTF-16 unit: how long tokens are that begin so, longest first. */
  readonly #lengths = new Map<number, number[]>();
  readonly #tokens = new Map<string, AddedToken>();

  constructor(tokens: readonly (readonly [content: string, token: AddedToken])[]) {
    for (const [content, token] of tokens) {
      if (content === '' || this.#tokens.has(content)) continue;
      this.#tokens.set(content, token);
      const unit = content.charCodeAt(0);
      const lengths = this.#lengths.get(unit) ?? [];
      if (!lengths.includes(content.length)) lengths.push(content.length);
      this.#lengths.set(unit, lengths);
    }
    for (const lengths of this.#lengths.values()) lengths.sort((a, b) => b - a);
  }

  sections(piece: NormalText, plain: Plain): Section[] {
    if (this.#tokens.size === 0) return piece.text === '' ? [] : [{ piece }];
    const { text } = piece;
    const out: Section[] = [];
    let done = 0;
    const keep = (to: number) => {
      if (to > done) out.push({ piece: piece.slice(done, to) });
    };
    for (let at = 0; at < text.length; ) {
      const found = this.#at(piece, at, plain);
      if (found === undefined) {
        at++;
        continue;
      }
      const { token, length } = found;
      let [from, to] = [at, at + length];
      at = to;
      if (token.special && plain === 'everywhere') continue;
      if (token.singleWord && isInWord(text, from, to)) continue;
      while (token.lstrip && from > done && isSpace(text[from - 1])) from--;
      while (token.rstrip && isSpace(text[to])) to++;
      // what the token before has taken with it is not there twice
      if (token.lstrip) from = Math.max(from, done);
      if (from >= to) continue;
      keep(from);
      out.push({ id: token.id });
      done = to;
    }
    keep(text.length);
    return out;
  }

  /** The longest token that begins here, of those that may be read. */
  #at(
    piece: NormalText,
    at: number,
    plain: Plain,
  ): { readonly token: AddedToken; readonly length: number } | undefined {
    const { text } = piece;
    for (const length of this.#lengths.get(text.charCodeAt(at)) ?? []) {
      // at a text's end there may be less
      if (at + length > text.length) continue;
      const token = this.#tokens.get(text.slice(at, at + length));
      if (token === undefined) continue;
      const isMarked =
        token.special && typeof plain === 'function' && isWithin(piece, at, at + length, plain);
      if (!isMarked) return { token, length };
    }
    return undefined;
  }
}

function isWithin(piece: NormalText, from: number, to: number, plain: (origin: number) => boolean): boolean {
  for (let at = from; at < to; at++) if (plain(piece.origin(at))) return true;
  return false;
}
