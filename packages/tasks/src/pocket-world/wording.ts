import type { Random } from './random.ts';

/**
 * Whose habits a text follows. Every style can say everything; they differ in how often they take each way of a
 * fork. That is what makes exact verification reject good text. Models are trained on texts of `target` and of
 * `draft`; the others are authors that neither has met: `other` prefers ways that are neither's favourite, `even`
 * prefers none, and `contrary` always takes the way that the target's author takes least.
 */
export type Style = 'draft' | 'target' | 'other' | 'even' | 'contrary';

/** Every style. */
export const STYLES = ['target', 'draft', 'other', 'even', 'contrary'] as const satisfies readonly Style[];

/** What may be said: literal text, one thing after another, or one of several. */
export type Wording = string | number | readonly Wording[] | Fork;

export interface Fork {
  readonly kind: 'fork';
  /** In the order in which the target prefers them. */
  readonly options: readonly Wording[];
  /** The option that the draft prefers; the others follow in rotation. */
  readonly draftFavourite: number;
}

/** A fork at which the draft prefers what the target says least often. */
export const fork = (...options: readonly Wording[]): Fork => ({
  kind: 'fork',
  options,
  draftFavourite: options.length - 1,
});

/** A fork at which both styles prefer the first way. */
export const agreed = (...options: readonly Wording[]): Fork => ({
  kind: 'fork',
  options,
  draftFavourite: 0,
});

const isFork = (wording: Wording): wording is Fork => typeof wording === 'object' && !Array.isArray(wording);

export function matchWording<T>(
  wording: Wording,
  cases: {
    readonly text: (text: string) => T;
    readonly sequence: (parts: readonly Wording[]) => T;
    readonly fork: (fork: Fork) => T;
  },
): T {
  if (isFork(wording)) return cases.fork(wording);
  if (typeof wording === 'object') return cases.sequence(wording);
  return cases.text(String(wording));
}

/**
 * The share of an option falls with the square of its rank: 1, 1/4, 1/9, … before normalisation. What the
 * draft prefers is then rare in the target's text, as a mistake is, so that rareness alone does not
 * tell good from bad.
 */
const shareOf = (rank: number): number => 1 / (rank + 1) ** 2;

/** One way of a fork, with the frequencies of `style`. */
export function drawOption({ options, draftFavourite }: Fork, style: Style, random: Random): Wording {
  if (style === 'contrary') return options.at(-1)!;
  if (style === 'even') return options[Math.floor(random() * options.length)]!;
  let total = 0;
  for (let rank = 0; rank < options.length; rank += 1) total += shareOf(rank);
  let left = random() * total;
  let rank = 0;
  while (rank < options.length - 1) {
    left -= shareOf(rank);
    if (left < 0) break;
    rank += 1;
  }
  return options[(rank + FAVOURITES[style](options.length, draftFavourite)) % options.length]!;
}

/** Which way a style takes most; the others follow in rotation. */
const FAVOURITES: Readonly<
  Record<'target' | 'draft' | 'other', (options: number, draftFavourite: number) => number>
> = {
  target: () => 0,
  draft: (_, draftFavourite) => draftFavourite,
  other: (options) => Math.floor(options / 2),
};

/** Says it one way, with the frequencies of `style`. */
export function say(wording: Wording, style: Style, random: Random): string {
  return matchWording(wording, {
    text: (text) => text,
    sequence: (parts) => {
      let said = '';
      for (const part of parts) said += say(part, style, random);
      return said;
    },
    fork: (options) => say(drawOption(options, style, random), style, random),
  });
}
