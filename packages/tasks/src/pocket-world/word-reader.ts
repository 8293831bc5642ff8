import { clauseStarts, endsWord, type Found, placeOf, type Read, readings, type Typed } from './clauses.ts';
import { WORD_LEAD } from './only-read.ts';
import { marked } from './open-words.ts';
import { type Matcher, matchPattern, wordsIn } from './pattern.ts';
import type { Task } from './task.ts';
import { MONEY } from './things.ts';
import { NUMBER } from './typing.ts';
import { asksBefore, asksElse } from './word-asked-else.ts';
import { beginning, formsOfHolder, formsOfItem, type Known, withSign } from './word-beginning.ts';
import { short as shortOf } from './word-cast.ts';
import { apply } from './word-clause-meaning.ts';
import {
  type Candidates,
  type Clause,
  COUNTED,
  candidatesFor,
  firstSentences,
  HOLDERS,
} from './word-clauses.ts';
import { LEAD, OPEN_LEADS, OPEN_TAILS, SAID_LEADS, SAID_TAILS, TAIL } from './word-fringes.ts';
import { fringe, idleAt, openings, VERB_FORMS } from './word-idle.ts';
import { wordTask } from './word-task.ts';

/** What the words of one prompt can say. */
class Sayings {
  readonly words: ReadonlySet<string>;
  readonly #leads: readonly Matcher[];
  readonly #tails: readonly Matcher[];
  readonly #candidates = new Map<string, Candidates>();

  constructor(text: string) {
    this.words = wordsIn(text);
    this.#leads = fringe([LEAD, WORD_LEAD, SAID_LEADS, ...OPEN_LEADS], this.words);
    this.#tails = fringe([TAIL, SAID_TAILS, ...OPEN_TAILS], this.words);
  }

  /** Where a clause may begin: with what leads to it skipped or not. */
  starting(text: string, at: number): readonly number[] {
    return past(this.#leads, text, at, false);
  }

  /** Where a clause may end: with up to two phrases that follow it or without. */
  ending(text: string, at: number): readonly number[] {
    const once = past(this.#tails, text, at, true);
    if (once.length === 1) return once;
    return [...new Set(once.flatMap((end) => past(this.#tails, text, end, true)))].sort((a, b) => b - a);
  }

  candidates({ frame, price, act, age, item }: Known): Candidates {
    const topic = { frame, price, act: act !== undefined, age, money: MONEY.includes(shortOf(item)) };
    const key = JSON.stringify(topic);
    const found = this.#candidates.get(key) ?? candidatesFor(topic, this.words);
    this.#candidates.set(key, found);
    return found;
  }
}

type Fail = (place: number, why: 'words' | 'numbers') => void;

/** Reads a word problem. */
export function readWordProblem(prompt: Typed): Read<Task> {
  let furthest = 0;
  let why: 'words' | 'numbers' = 'words';
  const fail: Fail = (place, reason) => {
    if (place > furthest || (place === furthest && reason === 'numbers')) {
      furthest = place;
      why = reason;
    }
  };
  const sayings = new Sayings(prompt.text);
  const firsts = firstSentences(sayings.words);
  for (const opening of openings(prompt.text, sayings.words)) {
    for (const begin of sayings.starting(prompt.text, opening)) {
      for (const match of readings(firsts, prompt.text, begin)) {
        const story = beginning(prompt, match);
        if (story === undefined) continue;
        if (!Number.isFinite(story.values[0])) {
          fail(opening, 'numbers');
          continue;
        }
        let behind = withSign(prompt, match.end, formsOfItem(story.item), COUNTED);
        for (const [at, holder] of story.holders.entries())
          behind = withSign(behind, 0, formsOfHolder(holder), HOLDERS[at]!);
        const task = new Follower(sayings, fail, prompt.original).follow(behind, story);
        if (task !== undefined) return { ok: true, task };
      }
    }
  }
  return { ok: false, place: furthest, why };
}

function past(matchers: readonly Matcher[], text: string, at: number, whole: boolean): readonly number[] {
  const ends = new Set([at]);
  for (const matcher of matchers) {
    const match = matchPattern(matcher, text, at);
    if (match === undefined || match.end <= at || (whole && !endsWord(text, match.end))) continue;
    if (!tellsMore(text, at, match.end)) ends.add(match.end);
  }
  return [...ends].sort((one, other) => other - one);
}

/** "Before giving 10" and "after buying Ann 5" say more than when: a verb of the story in -ing, and a number behind it. */
const tellsMore = (text: string, from: number, end: number): boolean =>
  NUMBERED.test(text.slice(end)) &&
  (
    text
      .slice(from, end)
      .toLowerCase()
      .match(/\p{L}+ing\b/gu) ?? []
  ).some((word) => VERB_FORMS.has(word));
const NUMBERED = new RegExp(
  `^[ ,]*(?:(?:another|just|only|exactly|about|\\p{L}+) )?(?:${marked(NUMBER)})`,
  'iu',
);

/** Everything behind the first sentence. */
class Follower {
  readonly #failed = new Set<string>();
  readonly #sayings: Sayings;
  readonly #fail: Fail;
  readonly #original: string;

  constructor(sayings: Sayings, fail: Fail, original: string) {
    this.#sayings = sayings;
    this.#fail = fail;
    this.#original = original;
  }

  follow(prompt: Typed, told: Known): Task | undefined {
    for (const end of this.#sayings.ending(prompt.text, 0)) {
      const task = this.#go(prompt, end, told);
      if (task !== undefined) return task;
    }
    return undefined;
  }

  #go(prompt: Typed, from: number, told: Known): Task | undefined {
    const { text } = prompt;
    const state = JSON.stringify([
      text.length - from,
      told.values,
      told.last,
      told.again,
      told.questions,
      told.parts,
      told.mixed,
    ]);
    if (this.#failed.has(state)) return undefined;
    if (/^[\s.,;:!?]*$/.test(text.slice(from))) {
      const { holders, item, moves, questions } = told;
      const task = wordTask({ holders, item, moves, questions }, this.#original);
      if (task !== undefined) return task;
      this.#fail(placeOf(prompt, from), questions.length > 0 ? 'numbers' : 'words');
    }
    for (const next of this.#next(text, from, told)) {
      const one = apply(prompt, told, next);
      if (one === 'numbers') this.#fail(placeOf(prompt, from), 'numbers');
      if (typeof one === 'string') continue;
      const entered = one.holders.length > told.holders.length;
      const asks = one.questions.length > told.questions.length;
      for (const end of this.#sayings.ending(text, next.end)) {
        if (asks && asksElse(text.slice(from, end), told)) continue;
        if (asks && asksBefore(this.#original.slice(0, placeOf(prompt, from)), text.slice(from, end)))
          continue;
        const task = entered
          ? this.follow(
              withSign(prompt, end, formsOfHolder(one.holders.at(-1)!), HOLDERS[one.holders.length - 1]!),
              one,
            )
          : this.#go(prompt, end, one);
        if (task !== undefined) return task;
      }
    }
    this.#failed.add(state);
    this.#fail(placeOf(prompt, from), 'words');
    return undefined;
  }

  #next(text: string, from: number, told: Known): readonly Found<Clause>[] {
    const { whole, joined } = this.#sayings.candidates(told);
    const found: Found<Clause>[] = [];
    for (const start of clauseStarts(text, from)) {
      for (const at of this.#sayings.starting(text, start)) {
        found.push(...readings(whole, text, at));
        // "and gives 3 to Leo", ", then buys 5", "Buys 4."
        if (at > from) found.push(...readings(joined, text, at));
      }
    }
    const idle = idleAt(text, from);
    if (idle !== undefined) found.push({ meaning: { kind: 'idle' }, end: idle, slots: {} });
    return found.sort((one, other) => other.end - one.end);
  }
}
