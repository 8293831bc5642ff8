import { readable } from './automaton.ts';
import { pick, type Random } from './random.ts';
import { RETRACTION, slipOf } from './step.ts';
import { ITEMS, NAMES } from './things.ts';
import type { Wording } from './wording.ts';

const WORD = /(?<= )(\d+|[A-Za-z]+)/g;

/** Words that are easily taken for each other. */
const CONFUSED: readonly (readonly string[])[] = [
  NAMES,
  ITEMS,
  ['stays', 'fits', 'goes'],
  ['kept', 'removed'],
  ['first', 'last'],
  ['largest', 'smallest'],
  ['ascending', 'descending'],
  ['above', 'below'],
  ['even', 'odd'],
  ['more', 'less'],
];

const TRIES = 6;

/**
 * The line with one wrong number, name or word that is taken back at once: "makes 41, no, 42". Nothing
 * when chance finds no word that would be wrong.
 */
export function withRetraction(
  wording: Wording,
  line: string,
  prompt: string,
  random: Random,
): string | undefined {
  const words = [...line.matchAll(WORD)].filter(
    ([word]) => isNumber(word) || CONFUSED.some((group) => group.includes(word)),
  );
  if (words.length === 0) return undefined;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const { 0: word, index } = pick(random, words);
    const other = instead(word, line, prompt, random);
    const text = line.slice(0, index) + other;
    const read = readable(wording, text);
    if (read < index || read === text.length) continue;
    // Numbers are often stopped at the wrong digit; a word is always said to its end.
    const said = isNumber(word) && random() < 0.5 ? text.slice(0, read + 1) : text;
    return said + RETRACTION + line.slice(index - 1);
  }
  return undefined;
}

const isNumber = (word: string): boolean => /^\d/.test(word);

function instead(word: string, line: string, prompt: string, random: Random): string {
  if (!isNumber(word)) {
    const group = CONFUSED.find((words) => words.includes(word)) ?? [word];
    // One name is mistaken for another of the same question; a name may also be a thing there, in small letters.
    const others = group === NAMES ? group.filter((name) => prompt.includes(name)) : group;
    return others.length === 0 ? word : pick(random, others);
  }
  if (random() < 0.5) return String(slipOf(Number(word), random));
  return pick(random, `${prompt} ${line}`.match(/\d+/g) ?? [word]);
}
