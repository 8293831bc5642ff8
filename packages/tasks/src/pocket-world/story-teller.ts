import { openNoun } from './open-words.ts';
import { type Pattern, sayPattern } from './pattern.ts';
import { pick, type Random } from './random.ts';
import { ITEMS, isOne, PACKS, singular } from './things.ts';
import { sentence, type Typing, typedNumber } from './typing.ts';
import type { Tense } from './verbs.ts';
import type { Cast } from './word-cast.ts';
import { IDLE, LEAD, OPEN_LEADS, OPEN_TAILS, PREPOSITIONS, TAIL } from './word-fringes.ts';

/** What a sentence is filled with. */
export interface Said {
  readonly n: number;
  readonly a?: number | undefined;
  readonly b?: number | undefined;
  readonly item: string;
  readonly other?: string;
  readonly first?: boolean;
}

/** Puts a story into sentences, as one person would type it. */
export class Teller {
  readonly #sentences: string[] = [];
  /** The latest sentence, as long as something may be joined to it. */
  #open: { text: string; joinable: boolean } | undefined;
  readonly #tense: Tense;
  readonly #tails: number;
  readonly #leads: number;
  #mentions = 0;

  readonly cast: Cast;
  readonly typing: Typing;
  readonly random: Random;

  constructor(cast: Cast, typing: Typing, random: Random) {
    this.cast = cast;
    this.typing = typing;
    this.random = random;
    this.#tense = pick(random, ['present', 'present', 'present', 'past', 'past', 'perfect'] as const);
    this.#leads = random() < 0.4 ? 0 : random() * 0.8;
    this.#tails = random() < 0.5 ? 0 : random() * 0.4;
  }

  add(pattern: Pattern, said: Said): { readonly other?: string } {
    const { random, cast } = this;
    const opensWithOwner = pattern[0]?.kind === 'slot' && pattern[0].name === 'o';
    const lead =
      said.first !== true && random() < this.#leads
        ? this.#lead()
        : said.first === true && random() < 0.08
          ? this.#lead()
          : '';
    const joins = opensWithOwner && this.#open?.joinable === true && random() < 0.2;
    let other: string | undefined;
    const { text } = this.#say(joins ? pattern.slice(1) : pattern, said, (name) => {
      other = name;
    });
    const tail =
      random() < this.#tails && !/\b(each|half)$/.test(text)
        ? this.#plain(random() < 0.5 ? TAIL : pick(random, OPEN_TAILS.slice(0, 3)))
        : '';
    if (joins) {
      const link = pick(random, [' and', ' and then', ', then', ', and then', ', and', ' but', ' and later']);
      this.#open = { text: `${this.#open!.text}${link}${text}${tail}`, joinable: random() < 0.3 };
    } else {
      this.#close();
      this.#open = { text: lead + text + tail, joinable: opensWithOwner };
    }
    if (said.first !== true && random() < 0.03) {
      this.#close();
      this.#open = { text: this.#say(pick(random, IDLE), said, () => {}).text, joinable: false };
    }
    return cast.counts(other) ? { other: other! } : {};
  }

  ask(pattern: Pattern, said: Said): void {
    this.#close();
    const { text } = this.#say(pattern, said, () => {});
    const stop = /^(?:now |so |and )?(?:find|tell|work|calc|give)/.test(text) ? '.' : '?';
    // A question may come with a sentence of its own.
    const parts = text.split('. ');
    for (const part of parts.slice(0, -1))
      this.#sentences.push(sentence(part, '.', this.typing, this.random));
    this.#sentences.push(sentence(parts.at(-1)!, stop, this.typing, this.random));
  }

  prompt(): string {
    this.#close();
    return this.#sentences.join(' ');
  }

  #close(): void {
    if (this.#open === undefined) return;
    const parts = this.#open.text.split('. ');
    for (const part of parts) this.#sentences.push(sentence(part, '.', this.typing, this.random));
    this.#open = undefined;
  }

  #plain(pattern: Pattern): string {
    return sayPattern(
      pattern,
      { tense: this.#tense, plain: () => false, slot: (name) => this.#phrase(name) },
      this.random,
    );
  }

  #lead(): string {
    return this.#plain(this.random() < 0.75 ? LEAD : pick(this.random, OPEN_LEADS));
  }

  #phrase(slot: string): string {
    if (slot === 'prep') return pick(this.random, PREPOSITIONS);
    return slot === 'noun' ? openNoun(this.random) : this.cast.pronouns.own;
  }

  #say(pattern: Pattern, said: Said, met: (other: string) => void): { readonly text: string } {
    const { random, cast, typing } = this;
    let counted = '';
    let other = said.other;
    const packs = pick(random, PACKS);
    const thing = pick(random, ITEMS);
    const name = () => (this.#mentions > 0 && random() < 0.45 ? undefined : cast.owner);
    const number = (value: number) => {
      counted = typedNumber(value, typing);
      return counted;
    };
    const slot = (slotName: string): string => {
      switch (slotName) {
        case 'o': {
          const text = cast.subject(this.#mentions, random);
          this.#mentions += 1;
          return text;
        }
        case 'O':
          return name() === undefined ? cast.pronouns.own : possessive(cast.owner!);
        case 'io':
          return name() === undefined ? cast.pronouns.object : cast.owner!;
        case 'p':
          return cast.pronouns.own;
        case 'x':
          other ??= cast.other(random);
          met(other);
          return other;
        case 'n':
          return number(said.n);
        case 'a':
          return number(said.a ?? 0);
        case 'b':
          return number(said.b ?? 0);
        case 'i':
          return isOne(counted)
            ? singular(said.item)
            : cast.shortItem(said.item, said.first === true, random);
        case 'i1':
          return singular(said.item);
        case 'k':
          return packs;
        case 'k1':
          return singular(packs);
        case 't':
          return thing;
        case 't1':
          return singular(thing);
        case 'c':
          return cast.container;
        case 'does':
          return this.#tense === 'past' ? 'did' : cast.plain ? 'do' : 'does';
        case 'has':
          return cast.plain ? 'have' : 'has';
        case 'is':
          return cast.plain ? 'are' : 'is';
        default:
          throw new Error(`There is no slot \`${slotName}\`.`);
      }
    };
    const text = sayPattern(
      pattern,
      { slot, tense: this.#tense, plain: (slotName) => slotName === 'o' && cast.plain },
      random,
    );
    return { text };
  }
}

const possessive = (name: string): string => `${name}'s`;
