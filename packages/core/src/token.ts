/** Index into the vocabulary. */
export type TokenId = number;
