import { marked } from './open-words.ts';
import { pick, type Random } from './random.ts';
import { formOf, type Tense, verbPattern } from './verbs.ts';

/**
 * How a sentence of a problem may be put, for writing and for reading alike:
 * `{slot}` stands for something named elsewhere, `(a|b|)` for one of several (the last of these may be
 * left out), `<buy|find>` for a verb in the form that its sentence needs.
 */
export type Pattern = readonly Part[];

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'slot'; readonly name: string }
  | { readonly kind: 'verb'; readonly verbs: readonly string[] }
  | { readonly kind: 'one-of'; readonly options: readonly Pattern[] };

/** What is often shortened. */
const shortened = (source: string): string =>
  source.replace(/\bwhat is\b/g, "(what is|what is|what is|what's)").replace(/\bit is\b/g, "(it is|it's)");

/** Reads the notation; it is written by us, so a fault in it is a bug and throws. */
export function parsePattern(written: string): Pattern {
  const source = shortened(written);
  let at = 0;
  const sequence = (closing: string): Pattern => {
    const parts: Part[] = [];
    let text = '';
    const flush = () => {
      if (text !== '') parts.push({ kind: 'text', text });
      text = '';
    };
    while (at < source.length && !closing.includes(source[at]!)) {
      const character = source[at]!;
      at += 1;
      if (character === '(') {
        flush();
        const options: Pattern[] = [];
        do {
          options.push(sequence('|)'));
          at += 1;
        } while (source[at - 1] === '|');
        if (source[at - 1] !== ')') throw new Error(`Expected \`)\` in the pattern \`${source}\`.`);
        parts.push({ kind: 'one-of', options });
      } else if (character === '{' || character === '<') {
        flush();
        const end = source.indexOf(character === '{' ? '}' : '>', at);
        if (end < 0) throw new Error(`Expected \`${character}\` to be closed in the pattern \`${source}\`.`);
        const inside = source.slice(at, end);
        at = end + 1;
        parts.push(
          character === '{' ? { kind: 'slot', name: inside } : { kind: 'verb', verbs: inside.split('|') },
        );
      } else {
        text += character;
      }
    }
    flush();
    return parts;
  };
  const pattern = sequence('');
  if (at < source.length) throw new Error(`Expected the pattern \`${source}\` to end at ${at}.`);
  return pattern;
}

export interface Saying {
  /** What to write for a slot. */
  readonly slot: (name: string) => string;
  readonly tense: Tense;
  /** Whether what stands in a slot takes the verb without an s, as "I" does. */
  readonly plain: (slot: string) => boolean;
  /** Whether the sentence asks somebody to do it, so that its verb takes no s. */
  readonly imperative?: boolean;
}

/** Puts a sentence one way; every way of a fork is as likely as the others. */
export function sayPattern(pattern: Pattern, saying: Saying, random: Random): string {
  let plain = saying.imperative === true;
  const say = (parts: Pattern): string => {
    let said = '';
    for (const part of parts) {
      if (part.kind === 'text') said += part.text;
      else if (part.kind === 'one-of') said += say(pick(random, part.options));
      else if (part.kind === 'slot') {
        plain = saying.plain(part.name);
        said += saying.slot(part.name);
      } else said += formOf(pick(random, part.verbs), saying.tense, plain, random);
    }
    return said;
  };
  return say(pattern);
}

/** A full stop inside a pattern may be left out, or be another stop. */
const escaped = (text: string): string =>
  text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replaceAll('\\. ', '[.!;,]? ');

/** A pattern as a regular expression, anchored where it is tried, and the slots that its groups hold. */
export interface Matcher {
  readonly slots: readonly string[];
  /** Made when it is first needed: compiling all of them takes seconds, and a prompt needs few. */
  regexp(): RegExp;
  /** False where the pattern has words that a text (in lower case) does not have. */
  mayFit(text: string): boolean;
}

/** Whether every word of a pattern, or of one way of each of its forks, occurs in a text somewhere. */
const mayFit = (pattern: Pattern, text: string): boolean =>
  pattern.every((part) => {
    if (part.kind === 'text') return wordsOf(part.text).every((word) => text.includes(word));
    return part.kind !== 'one-of' || part.options.some((option) => mayFit(option, text));
  });

const knownWords = new Map<string, readonly string[]>();
function wordsOf(text: string): readonly string[] {
  const words = knownWords.get(text) ?? text.toLowerCase().match(/\p{L}+/gu) ?? [];
  knownWords.set(text, words);
  return words;
}

/** What begins alike is tried in this order: a regular expression is content with the first that fits. */
const longestFirst = (options: readonly Pattern[]): readonly Pattern[] =>
  [...options].sort((one, other) => lengthOf(other) - lengthOf(one));

function lengthOf(pattern: Pattern): number {
  let length = 0;
  for (const part of pattern) {
    if (part.kind === 'text') length += part.text.length;
    else if (part.kind === 'one-of') length += Math.max(...part.options.map(lengthOf));
    else length += 6;
  }
  return length;
}

/** `slot` gives the source of what a slot may hold, without groups that capture. */
export function compilePattern(pattern: Pattern, slot: (name: string) => string): Matcher {
  const slots = slotsOf(pattern);
  const source = (parts: Pattern): string =>
    parts
      .map((part) => {
        if (part.kind === 'text') return marked(escaped(part.text.toLowerCase()));
        if (part.kind === 'verb') return marked(`(?:${part.verbs.map(verbPattern).join('|')})`);
        if (part.kind === 'one-of') return `(?:${longestFirst(part.options).map(source).join('|')})`;
        return `(${marked(slot(part.name))})`;
      })
      .join('');
  let regexp: RegExp | undefined;
  return {
    slots,
    regexp() {
      regexp ??= new RegExp(`${source(pattern)}(?:(?<![\\p{L}\\p{N}])|(?![\\p{L}\\p{N}]))`, 'yu');
      return regexp;
    },
    mayFit: (text) => mayFit(pattern, text),
  };
}

/** In the order of the groups. */
const slotsOf = (pattern: Pattern): string[] =>
  pattern.flatMap((part) => {
    if (part.kind === 'slot') return [part.name];
    return part.kind === 'one-of' ? longestFirst(part.options).flatMap(slotsOf) : [];
  });

/** Where something that a slot took lies in the text. */
export interface Taken {
  readonly text: string;
  readonly from: number;
}

/** The last text is asked for again and again. */
let lowered = { text: '', lower: '' };
function lowerCase(text: string): string {
  if (lowered.text !== text) lowered = { text, lower: text.toLowerCase() };
  return lowered.lower;
}

export interface Match {
  readonly end: number;
  readonly slots: Readonly<Record<string, readonly Taken[]>>;
}

/** `text` is as `typed` makes it; what slots took comes back in lower case. */
export function matchPattern(matcher: Matcher, text: string, from: number): Match | undefined {
  if (!matcher.mayFit(lowerCase(text))) return undefined;
  const regexp = matcher.regexp();
  const { slots } = matcher;
  regexp.lastIndex = from;
  const found = regexp.exec(text);
  if (found === null) return undefined;
  const taken: Record<string, Taken[]> = {};
  let at = from;
  for (const [index, name] of slots.entries()) {
    const said = found[index + 1];
    if (said === undefined) continue;
    at = Math.max(at, text.indexOf(said, at));
    taken[name] ??= [];
    taken[name].push({ text: said.toLowerCase(), from: at });
  }
  return { end: regexp.lastIndex, slots: taken };
}
