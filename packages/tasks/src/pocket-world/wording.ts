import type { Random } from './random.ts';

/**
 * Whose habits a text follows. Both styles can say everything; they differ in how often they take
 * each way of a fork. That is what makes exact verification reject good text.
 */
export type Style = 'draft' | 'target';

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

function drawOption({ options, draftFavourite }: Fork, style: Style, random: Random): Wording {
  let total = 0;
  for (let rank = 0; rank < options.length; rank += 1) total += shareOf(rank);
  let left = random() * total;
  let rank = 0;
  while (rank < options.length - 1) {
    left -= shareOf(rank);
    if (left < 0) break;
    rank += 1;
  }
  const shift = style === 'draft' ? draftFavourite : 0;
  return options[(rank + shift) % options.length]!;
}

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
