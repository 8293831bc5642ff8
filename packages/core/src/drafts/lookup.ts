import type { TokenId } from '../backend.ts';
import { invalidOption } from '../errors.ts';
import type { DraftSource } from './draft.ts';

/**
 * N-gram lookup: proposes what followed the most recent earlier occurrence of the text's last
 * tokens, longest match first. Needs no model; q is one-hot. (Saxena 2023, prompt lookup decoding.)
 */
export function ngramLookup({ longest = 3, shortest = 1 } = {}): DraftSource {
  if (!Number.isInteger(shortest) || shortest < 1)
    throw invalidOption('shortest', 'a whole number of at least 1', shortest);
  if (!Number.isInteger(longest) || longest < shortest)
    throw invalidOption('longest', `a whole number of at least ${shortest}`, longest);
  return {
    name: 'n-gram lookup',
    hasDistribution: false,
    async propose({ text, count }) {
      for (let n = Math.min(longest, text.length - 1); n >= shortest; n--) {
        const end = lastOccurrence(text, n);
        if (end >= 0) return { tokens: text.slice(end, end + count) };
      }
      return { tokens: [] };
    },
  };
}

/** Where the most recent earlier copy of the last n tokens ends, or -1. */
function lastOccurrence(text: readonly TokenId[], n: number): number {
  const tail = text.length - n;
  for (let start = tail - 1; start >= 0; start--) {
    let same = 0;
    while (same < n && text[start + same] === text[tail + same]) same++;
    if (same === n) return start + n;
  }
  return -1;
}

/**
 * Proposes a given text (a person's answer, another model's), as in the paper's motivating
 * experiment. After a rejection it looks for its place again: the nearest spot where the last
 * `match` committed tokens occur in the given text, and else it goes on behind the rejected token,
 * as if that had been replaced.
 */
export function fixedText(
  given: readonly TokenId[],
  { promptLength, match = 3 }: { readonly promptLength: number; readonly match?: number },
): DraftSource {
  if (!Number.isInteger(match) || match < 1)
    throw invalidOption('match', 'a whole number of at least 1', match);
  // `place` is the index in `given` of the token expected at text position `seen`
  let place = 0;
  let seen = promptLength;
  return {
    name: 'fixed text',
    hasDistribution: false,
    async propose({ text, count }) {
      if (text.length < seen) [place, seen] = [0, promptLength];
      while (seen < text.length) {
        const token = text[seen]!;
        seen++;
        if (token === given[place]) place++;
        else place = resynchronise(given, text.slice(0, seen), place, match);
      }
      return { tokens: given.slice(place, place + count) };
    },
  };
}

/** The place in `given` nearest to `place` that follows the text's last `match` tokens, else one further on. */
function resynchronise(
  given: readonly TokenId[],
  text: readonly TokenId[],
  place: number,
  match: number,
): number {
  const tail = text.slice(-match);
  const follows = (end: number) =>
    end >= match && end <= given.length && tail.every((token, i) => given[end - match + i] === token);
  for (let distance = 0; distance <= given.length; distance++) {
    if (follows(place + distance)) return place + distance;
    if (follows(place - distance)) return place - distance;
  }
  return Math.min(place + 1, given.length);
}
