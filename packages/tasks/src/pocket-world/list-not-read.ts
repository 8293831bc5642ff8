import { marked } from './open-words.ts';

/** Asks how words are spelt, and not how many there are. */
export const SPELT = /\bhow many (?:letters|vowels|consonants|characters|syllables)\b/i;

/** Another order than reversing and then sorting. */
export const REVERSE_SORT = /\breverse[ -]sort\b/i;

/** A word that the list reader goes by is no part of an entry: "from A to Z", "zebra alphabetically", "what is Max". */
export const belongsToSentence = (entry: string): boolean =>
  entry.includes(' ') &&
  (/(?<!\p{L})\p{Lu}{2}/u.test(marked(entry.toLowerCase())) || OF_SENTENCES.test(entry));
const OF_SENTENCES = /\b(?:alphabet\w*|comes?|words?|names?|backwards|reversed|sorted|please|thanks)\b/i;
