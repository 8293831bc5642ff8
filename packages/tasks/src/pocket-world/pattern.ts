import { LETTERS, marked } from './open-words.ts';
import { pick, type Random } from './random.ts';
import { withoutWords } from './typing.ts';
import { formOf, saysVerb, type Tense, verbsPattern } from './verbs.ts';

/**
 * How a sentence of a problem may be put, for writing and for reading alike:
 * `{slot}` stands for something named elsewhere, `(a|b|)` for one of several (the last of these may be
 * left out), `<buy|find>` for a verb in the form that its sentence needs. What `~` stands before is read and never
 * written: careless or rare.
 */
export type Pattern = readonly Part[];

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'slot'; readonly name: string }
  | { readonly kind: 'verb'; readonly verbs: readonly string[] }
  | { readonly kind: 'one-of'; readonly options: readonly Pattern[]; readonly unsaid?: readonly Pattern[] };

/** What is often shortened. */
const shortened = (source: string): string =>
  source
    .replaceAll('(what|which) (is|was)', "(what is|what is|which is|what was|which was|what's|whats)")
    .replaceAll('(what|which) is', "(what is|what is|which is|what's|whats)")
    .replace(/\bwhat is\b(?![|])/g, "(what is|what is|what is|what's|whats)")
    .replace(/\bit is\b/g, "(it is|it's)");

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
        const unsaid: Pattern[] = [];
        do {
          if (source[at] === '~') {
            at += 1;
            unsaid.push(sequence('|)'));
          } else options.push(sequence('|)'));
          at += 1;
        } while (source[at - 1] === '|');
        if (source[at - 1] !== ')') throw new Error(`Expected \`)\` in the pattern \`${source}\`.`);
        parts.push({ kind: 'one-of', options, ...(unsaid.length === 0 ? {} : { unsaid }) });
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

/** Puts a sentence one way; every way of a fork that agrees with its subject and tense is as likely as the others. */
export function sayPattern(pattern: Pattern, saying: Saying, random: Random): string {
  let plain = saying.imperative === true;
  let latest = '';
  const say = (parts: Pattern): string => {
    let said = '';
    for (const [at, part] of parts.entries()) {
      if (part.kind === 'text') said += part.text;
      else if (part.kind === 'one-of') {
        const asked = subjectBehind(parts, at, saying);
        const agreeing = part.options.filter((option) =>
          agrees(option, saying.tense, asked ?? plain, asked === undefined && /^i$/i.test(latest)),
        );
        said += say(pick(random, agreeing.length === 0 ? part.options : agreeing));
      } else if (part.kind === 'slot') {
        plain = saying.plain(part.name);
        latest = saying.slot(part.name);
        said += latest;
      } else {
        const form = formOf(pick(random, part.verbs), saying.tense, plain, random);
        said += /^i$/i.test(latest) ? form.replace(/^are\b/, 'am').replace(/^were\b/, 'was') : form;
      }
    }
    return said;
  };
  return say(pattern);
}

/** Whether the subject of a verb that comes before it takes no s: "do they", "does {o}". Nothing where none follows. */
function subjectBehind(parts: Pattern, at: number, saying: Saying): boolean | undefined {
  const [space, subject] = [parts[at + 1], parts[at + 2]];
  if (space?.kind !== 'text' || space.text !== ' ') return undefined;
  if (subject?.kind === 'slot' && /^(o|o2|n|a|b)$/.test(subject.name)) return saying.plain(subject.name);
  return subject?.kind === 'one-of' &&
    subject.options.some((option) => /they|the (two|three)/.test(JSON.stringify(option)))
    ? true
    : undefined;
}

const FORMS: Readonly<Record<string, readonly [past: boolean, plain: boolean | undefined]>> = {
  is: [false, false],
  has: [false, false],
  does: [false, false],
  goes: [false, false],
  gets: [false, false],
  holds: [false, false],
  are: [false, true],
  have: [false, true],
  do: [false, true],
  go: [false, true],
  get: [false, true],
  was: [true, false],
  were: [true, true],
  had: [true, undefined],
  did: [true, undefined],
  went: [true, undefined],
  got: [true, undefined],
  held: [true, undefined],
};

/** Whether an option that begins with a form of "be", "have" or "do" fits; all others do. */
function agrees(option: Pattern, tense: Tense, plain: boolean, i: boolean): boolean {
  const [first] = option;
  if (first?.kind !== 'text') return true;
  const word = /^ ?(\w+)/.exec(first.text)?.[1] ?? '';
  if (word === 'am') return i && tense === 'present';
  const form = FORMS[word];
  if (form === undefined) return true;
  const [past, of] = form;
  if (past !== (tense === 'past' || tense === 'perfect')) return false;
  if (i && (word === 'are' || word === 'were')) return false;
  return of === undefined || of === plain || (i && word === 'was');
}

/** The words of a text, as `fitting` asks for them. */
export const wordsIn = (text: string): ReadonlySet<string> =>
  new Set(text.toLowerCase().match(/\p{L}+/gu) ?? []);

/**
 * What is left of a pattern where only these words may come: ways that need another word go, and the pattern
 * with them where none is left. A prompt has few words, so what is compiled for it is small.
 */
export function fitting(pattern: Pattern, words: ReadonlySet<string>): Pattern | undefined {
  const left: Part[] = [];
  for (const part of pattern) {
    if (part.kind === 'text') {
      // A letter or two may belong to a contraction: "what's".
      if ((part.text.toLowerCase().match(/\p{L}{3,}/gu) ?? []).some((word) => !words.has(word)))
        return undefined;
      left.push(part);
    } else if (part.kind === 'verb') {
      const verbs = part.verbs.filter((verb) => saysVerb(verb, words));
      if (verbs.length === 0) return undefined;
      left.push({ kind: 'verb', verbs });
    } else if (part.kind === 'one-of') {
      const options = [...part.options, ...(part.unsaid ?? [])].flatMap((option) => {
        const fits = fitting(option, words);
        return fits === undefined ? [] : [fits];
      });
      if (options.length === 0) return undefined;
      left.push({ kind: 'one-of', options });
    } else left.push(part);
  }
  return left;
}

/** A full stop inside a pattern may be left out, or be another stop. */
const escaped = (text: string): string =>
  text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replaceAll('\\. ', '[.!;,]? ');

/** A pattern as a regular expression, anchored where it is tried, and the slots that its groups hold. */
export interface Matcher {
  readonly regexp: RegExp;
  readonly slots: readonly string[];
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
  const slots: string[] = [];
  const source = (parts: Pattern): string =>
    parts
      .map((part) => {
        // "a" and "an" are one word.
        if (part.kind === 'text') return marked(escaped(part.text.toLowerCase())).replace(/\bA\b/g, 'AN?');
        if (part.kind === 'verb') return marked(verbsPattern(part.verbs));
        if (part.kind === 'one-of')
          return `(?:${longestFirst([...part.options, ...(part.unsaid ?? [])])
            .map(source)
            .join('|')})`;
        slots.push(part.name);
        return `(${marked(slot(part.name))})`;
      })
      .join('');
  return { regexp: new RegExp(`${source(pattern)}(?:(?<![${LETTERS}0-9])|(?![${LETTERS}0-9]))`, 'y'), slots };
}

/** Matchers for those patterns that these words can say, with what they mean; each way of saying it once. */
export function compileFitting<T>(
  candidates: readonly {
    readonly pattern: Pattern;
    readonly meaning: T;
    readonly slot: (name: string) => string;
  }[],
  words: ReadonlySet<string>,
): { readonly matcher: Matcher; readonly meaning: T }[] {
  const found: { matcher: Matcher; meaning: T }[] = [];
  const had = new Set<string>();
  for (const { pattern, meaning, slot } of candidates) {
    const left = fitting(pattern, words);
    if (left === undefined) continue;
    const matcher = compilePattern(left, (name) => withoutWords(slot(name), words));
    const key = `${matcher.regexp.source} ${JSON.stringify(meaning)}`;
    if (had.has(key)) continue;
    had.add(key);
    found.push({ matcher, meaning });
  }
  return found;
}

/** Where something that a slot took lies in the text. */
export interface Taken {
  readonly text: string;
  readonly from: number;
}

export interface Match {
  readonly end: number;
  readonly slots: Readonly<Record<string, readonly Taken[]>>;
}

/** `text` is as `typed` makes it; what slots took comes back in lower case. */
export function matchPattern({ regexp, slots }: Matcher, text: string, from: number): Match | undefined {
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
