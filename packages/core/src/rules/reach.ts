/**
 * Which of the target's choices an admission can let in at all, by its own numbers: the likeliest token of a
 * row of `belief` (the lowest id on a tie), and any other.
 */
export interface Reach {
  readonly first: boolean;
  readonly others: boolean;
}

/** What bounds an admission beside its own numbers; Infinity where it is not known. */
export interface ReachWithin {
  readonly vocabSize: number;
  /** The most tokens that a round drafts. */
  readonly draftLength: number;
}

/** Admits nothing. */
export const NOTHING: Reach = { first: false, others: false };
/** Admits the likeliest token at most. */
export const FIRST: Reach = { first: true, others: false };
/** Admits other tokens at most. */
export const OTHERS: Reach = { first: false, others: true };
/** May admit any token. */
export const ANY: Reach = { first: true, others: true };

/** What one of several can reach. */
export const unionOf = (reaches: readonly Reach[]): Reach => ({
  first: reaches.some(({ first }) => first),
  others: reaches.some(({ others }) => others),
});

/** What all of several can reach. */
export const commonTo = (reaches: readonly Reach[]): Reach => ({
  first: reaches.every(({ first }) => first),
  others: reaches.every(({ others }) => others),
});
