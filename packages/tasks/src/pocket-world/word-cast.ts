import { openName, openNoun, openThing } from './open-words.ts';
import { pick, type Random } from './random.ts';
import { MEN, OTHERS, PLACES, ROLES, WOMEN } from './things.ts';
import type { Typing } from './typing.ts';
import type { Frame } from './word-phrases.ts';

/** Where names and things come from: the world's own, or words made up for training. */
export interface Vocabulary {
  readonly name: (random: Random) => string;
  readonly item: (random: Random) => string;
}

export const WORLD: Vocabulary = { name: openName, item: openThing };

interface Pronouns {
  readonly subject: string;
  readonly object: string;
  readonly own: string;
}

const SHE: Pronouns = { subject: 'she', object: 'her', own: 'her' };
const HE: Pronouns = { subject: 'he', object: 'him', own: 'his' };
const IT: Pronouns = { subject: 'it', object: 'it', own: 'its' };
const I: Pronouns = { subject: 'I', object: 'me', own: 'my' };
const YOU: Pronouns = { subject: 'you', object: 'you', own: 'your' };
const WE: Pronouns = { subject: 'we', object: 'us', own: 'our' };

/** What belongs to somebody, and has things of its own. */
const GROUPS = 'class team band dog shop family club cat farm school bakery crew sister brother stall'.split(
  ' ',
);

export const CONTAINERS = [
  'box',
  'bag',
  'basket',
  'album',
  'drawer',
  'jar',
  'room',
  'bucket',
  'backpack',
  'collection',
  'shop',
  'garden',
  'kitchen',
];

/** Who and what a story is about, as it is typed. */
export interface Cast {
  readonly frame: Frame;
  /** What solutions call the owner; nothing for "I" and "we". */
  readonly owner?: string;
  readonly item: string;
  readonly pronouns: Pronouns;
  /** Whether the owner takes verbs without an s. */
  readonly plain: boolean;
  readonly container: string;
  subject(mentions: number, random: Random): string;
  other(random: Random): string;
  /** Whether solutions may name this other one. */
  counts(other: string | undefined): boolean;
  /** "pens" for "red pens", sometimes, once they have been named. */
  shortItem(item: string, first: boolean, random: Random): string;
}

/** "pens" for "red pens", "pieces" for "pieces of cake". */
export const short = (item: string): string => item.split(' of ')[0]!.split(' ').at(-1)!;

/** What a role is called once it is known: "a farmer" becomes "the farmer". */
export const known = (role: string): string => role.replace(/^an? /, 'the ');

export function drawCast(frame: Frame, typing: Typing, vocabulary: Vocabulary, random: Random): Cast {
  const typed = (text: string) => (typing.lower ? text.toLowerCase() : text);
  const item = vocabulary.item(random);
  const shared = {
    frame,
    item,
    container: pick(random, CONTAINERS),
    counts: (other: string | undefined) => other !== undefined,
    shortItem: (text: string, first: boolean, turn: Random) => (!first && turn() < 0.4 ? short(text) : text),
  };
  if (frame === 'place') {
    const place = random() < 0.85 ? pick(random, PLACES) : openNoun(random);
    return {
      ...shared,
      owner: `the ${place}`,
      pronouns: IT,
      plain: false,
      subject: (mentions, turn) => (mentions > 0 || turn() < 0.5 ? `the ${place}` : `a ${place}`),
      other: (turn) => typed(vocabulary.name(turn)),
    };
  }
  const way = random();
  if (way < 0.1) {
    const pronouns = pick(random, [I, I, I, WE, YOU]);
    return {
      ...shared,
      pronouns: { ...pronouns, subject: typed(pronouns.subject) },
      plain: true,
      subject: () => typed(pronouns.subject),
      other: (turn) =>
        typed(
          turn() < 0.7
            ? vocabulary.name(turn)
            : pick(
                turn,
                OTHERS.filter((one) => /^(a|the|my|grand|mom|dad)/.test(one)),
              ),
        ),
    };
  }
  const role = way < 0.2;
  const named = role
    ? pick(random, ROLES)
    : way < 0.24
      ? `${vocabulary.name(random).split(' ').at(-1)}'s ${pick(random, GROUPS)}`
      : vocabulary.name(random);
  const owner = typed(known(named));
  const pronouns = pronounsOf(named, random);
  const other = (turn: Random): string => {
    for (;;) {
      const one = typed(
        turn() < 0.75
          ? vocabulary.name(turn)
          : pick(
              turn,
              OTHERS.filter(
                (text) =>
                  !text.startsWith('my ') && !(/^(her|his) /.test(text) && !text.startsWith(pronouns.own)),
              ),
            ),
      );
      if (one !== owner) return one;
    }
  };
  return {
    ...shared,
    owner,
    pronouns,
    plain: false,
    subject: (mentions, turn) => (mentions === 0 ? typed(named) : turn() < 0.5 ? owner : pronouns.subject),
    other,
  };
}

function pronounsOf(name: string, random: Random): Pronouns {
  if (WOMEN.includes(name) || /(sister|mother|aunt|grandma|girl|woman|queen)$/.test(name)) return SHE;
  if (MEN.includes(name) || /(brother|father|uncle|grandpa|boy|man|king)$/.test(name)) return HE;
  if (
    /(shop|store|bakery|library|school|factory|company|museum|team|club|class|zoo|restaurant|hotel|farm|family|band|crew|stall|dog|cat)$/.test(
      name,
    )
  )
    return IT;
  return pick(random, [SHE, HE]);
}
