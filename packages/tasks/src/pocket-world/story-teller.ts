import { openAdjective, openNoun, openVerb } from './open-words.ts';
import { type Pattern, sayPattern } from './pattern.ts';
import { pick, type Random } from './random.ts';
import { ITEMS, isOne, PACKS, singular } from './things.ts';
import { sentence, type Typing, typedNumber } from './typing.ts';
import { formOf, type Tense } from './verbs.ts';
import { FOLK } from './word-acts.ts';
import type { Cast } from './word-cast.ts';
import { AGAIN, AGAIN_BY } from './word-changes.ts';
import { fringe, IDLE, LEAD, PREPOSITIONS, TAIL } from './word-fringes.ts';

/** What a sentence is filled with. */
export interface Said {
  readonly n: number;
  readonly a?: number | undefined;
  readonly b?: number | undefined;
  readonly item: string;
  /** Whose story goes on, and who else takes part: places in the teller's casts. */
  readonly who: number;
  readonly other?: number;
  readonly first?: boolean;
  /** What is done so many times. */
  readonly act?: string | undefined;
}

const LINKS = [
  ' and',
  ' and then',
  ', then',
  ', and then',
  ', and',
  ' but',
  ' and later',
  ',',
  ',',
  ',',
  '.',
  ' then',
];

/** Puts a story into sentences, as one person would type it. */
export class Teller {
  readonly #sentences: string[] = [];
  /** The latest sentence, as long as something may be joined to it. */
  #open: { text: string; joinable: boolean } | undefined;
  readonly #tense: Tense;
  readonly #tails: number;
  readonly #leads: number;
  readonly #joins: number;
  readonly #mentions: number[];
  /** Whom a sentence without a name is about. */
  #last = -1;
  /** Whether the latest clause may go on with a bare number. */
  #again = false;

  /** In what things come, and who else is there: the same from sentence to sentence. */
  readonly #packs: string;
  readonly #folk: string;

  readonly casts: readonly Cast[];
  readonly typing: Typing;
  readonly random: Random;

  constructor(casts: readonly Cast[], typing: Typing, random: Random) {
    this.casts = casts;
    this.typing = typing;
    this.random = random;
    this.#mentions = casts.map(() => 0);
    this.#packs = pick(random, PACKS);
    this.#folk = pick(random, FOLK);
    this.#tense = pick(random, ['present', 'present', 'present', 'past', 'past', 'past', 'perfect'] as const);
    this.#leads = random() < 0.4 ? 0 : random() * 0.7;
    this.#tails = random() < 0.5 ? 0 : random() * 0.4;
    this.#joins = random() < 0.3 ? 0.7 : 0.2;
  }

  /** Whose story a sentence would go on with that names nobody. */
  get last(): number {
    return this.#last;
  }

  get mayRepeat(): boolean {
    return this.#again && this.#open !== undefined;
  }

  /** Words before the story. */
  title(pattern: Pattern): void {
    const text = this.#plain(pattern);
    this.#sentences.push(sentence(text.slice(0, -1), text.slice(-1), this.typing, this.random));
  }

  /** The latest sentence spoke of another one in the end. */
  goesOnWith(who: number): void {
    this.#last = who;
  }

  /** The same happens once more: only the number is said, and who does it, where that is somebody else. */
  repeat(said: Said): void {
    const { text } = this.#say(said.who === this.#last ? AGAIN : AGAIN_BY, said);
    this.#last = said.who;
    const tail = this.#tail();
    this.#open = {
      text: `${this.#open!.text}${pick(this.random, [' and ', ', ', ', then ', ' and then '])}${text}${this.random() < 0.8 ? tail : ''}`,
      joinable: this.#open!.joinable,
    };
  }

  add(pattern: Pattern, said: Said, repeats = false): { readonly other?: string } {
    const { random, casts } = this;
    const cast = casts[said.who]!;
    const opensWithOwner = pattern[0]?.kind === 'slot' && pattern[0].name === 'o';
    const changed = said.who !== this.#last;
    const lead =
      said.first !== true && random() < this.#leads
        ? this.#lead()
        : said.first === true && random() < 0.08
          ? this.#lead()
          : '';
    const joins = opensWithOwner && !changed && this.#open?.joinable === true && random() < this.#joins;
    const linked = !joins && this.#open !== undefined && random() < 0.12;
    let other: string | undefined;
    const { text } = this.#say(joins ? pattern.slice(1) : pattern, said, (name) => {
      other = name;
    });
    this.#last = said.who;
    const tail = random() < this.#tails && !/\b(each|half)$/.test(text) ? this.#tail() : '';
    if (joins) {
      const link = pick(random, LINKS);
      this.#open = { text: `${this.#open!.text}${link}${text}${tail}`, joinable: random() < 0.75 };
    } else if (linked) {
      const link = pick(random, [', ', ' and ', ', and ', ', then ', '; ']);
      this.#open = { text: `${this.#open!.text}${link}${lead}${text}${tail}`, joinable: opensWithOwner };
    } else {
      this.#close();
      this.#open = { text: lead + text + tail, joinable: opensWithOwner };
    }
    this.#again = repeats && !/\b(each|half)$/.test(text);
    if (said.first !== true && random() < 0.05) {
      this.#close();
      this.#open = { text: this.#say(pick(random, IDLE), said).text, joinable: false };
      this.#again = false;
    }
    return cast.counts(other) ? { other: other! } : {};
  }

  ask(pattern: Pattern, said: Said): void {
    this.#close();
    const lead =
      this.random() < 0.05
        ? pick(this.random, ['now ', 'so ', 'and ', 'then ', 'in the end ', 'tell me, '])
        : '';
    const { text } = this.#say(pattern, said);
    const stop = /^(?:now |so |and )?(?:find|tell|work|calc|give)/.test(text) ? '.' : '?';
    // A question may come with a sentence of its own.
    const parts = text.split('. ');
    for (const part of parts.slice(0, -1))
      this.#sentences.push(sentence(part, '.', this.typing, this.random));
    const last = (/^how/.test(text) && parts.length === 1 ? lead : '') + parts.at(-1)!;
    this.#sentences.push(sentence(last, stop, this.typing, this.random));
  }

  prompt(): string {
    this.#close();
    return this.#sentences.join(' ');
  }

  #close(): void {
    if (this.#open === undefined) return;
    const parts = this.#open.text.split(/\. ?/);
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

  #tail(): string {
    return this.random() < 0.5 ? this.#plain(TAIL) : ` ${this.#fringe()}`;
  }

  #fringe(): string {
    const text = fringe(this.casts[0]!.frame === 'place', this.random);
    return this.typing.lower ? text.toLowerCase() : text;
  }

  #lead(): string {
    return this.random() < 0.8 ? this.#plain(LEAD) : `${this.#fringe()}${this.random() < 0.7 ? ',' : ''} `;
  }

  #phrase(slot: string): string {
    if (slot === 'prep') return pick(this.random, PREPOSITIONS);
    if (slot === 'adj') return openAdjective(this.random);
    return slot === 'noun' ? openNoun(this.random) : this.casts[0]!.pronouns.own;
  }

  #say(pattern: Pattern, said: Said, met: (other: string) => void = () => {}): { readonly text: string } {
    const { random, casts, typing } = this;
    const cast = casts[said.who]!;
    const second = casts[said.other ?? -1];
    const several = casts.length > 1;
    let counted = '';
    let other: string | undefined;
    const packs = this.#packs;
    const thing = pick(random, ITEMS);
    const noun = openNoun(random);
    // Of several, only who was spoken of last is "she".
    const named = () => {
      const known = this.#mentions[said.who]! > 0 && (!several || this.#last === said.who);
      return known && random() < (several ? 0.3 : 0.45) ? undefined : cast.owner;
    };
    const number = (value: number) => {
      counted = typedNumber(value, typing);
      return counted;
    };
    const slot = (slotName: string): string => {
      switch (slotName) {
        case 'o': {
          const text =
            several && (this.#last !== said.who || random() < 0.6)
              ? (cast.owner ?? cast.pronouns.subject)
              : cast.subject(this.#mentions[said.who]!, random);
          this.#mentions[said.who]! += 1;
          return text;
        }
        case 'O':
          return named() === undefined ? cast.pronouns.own : possessive(cast.owner!);
        case 'io':
          return named() === undefined ? cast.pronouns.object : cast.owner!;
        case 'o2':
          return second?.owner ?? second?.pronouns.object ?? '';
        case 'O2':
          return second?.owner === undefined ? (second?.pronouns.own ?? '') : possessive(second.owner);
        case 'p':
          return cast.pronouns.own;
        case 'x':
          while (other === undefined || casts.some(({ owner }) => owner === other))
            other = cast.other(random);
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
        case 's':
          return cast.pronouns.subject;
        case 'act':
          return formOf(said.act ?? 'have', this.#tense, cast.plain, random);
        case 'act0':
          return said.act ?? 'have';
        case 'adj':
          return openAdjective(random);
        case 'folk':
          return this.#folk;
        case 'folk1':
          return singular(this.#folk);
        case 'noun':
          return random() < 0.5 ? noun : openNoun(random);
        case 'vb':
          return openVerb(random);
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
      {
        slot,
        tense: this.#tense,
        plain: (slotName) =>
          slotName === 'o' || slotName === 's'
            ? cast.plain
            : /^(?:[nabik]|folk|adj)$/.test(slotName) && !isOne(counted),
      },
      random,
    );
    return {
      text: text.replace(/\b([Aa])n? (?=(\w+))/g, (_, a: string, next: string) =>
        VOWEL.test(next) ? `${a}n ` : `${a} `,
      ),
    };
  }
}

/** "an apple", "an hour", and "a unit". */
const VOWEL = /^(?!(?:one|us|uni|eu))(?:[aeiou]|hour|11\b|18\b|8)/i;

const possessive = (name: string): string => `${name}'s`;
