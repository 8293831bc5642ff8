import type { TokenId } from '@judge-decoding/core';

/**
 * What a token of a solution is: `ok` while some correct solution continues the text, `wrong` where
 * none does any more, `dead` after that, until the text has taken its mistake back.
 */
export type TokenLabel = 'ok' | 'wrong' | 'dead';

/** Follows one solution token by token. */
export interface TokenReader {
  feed(token: TokenId): TokenLabel;
  /** An independent copy: cheap, for asking what would be. */
  clone(): TokenReader;
}

/** A problem whose truth is known, down to the token. */
export interface TokenProblem {
  /** Unique; nothing that shares an id is ever on both sides of a split. */
  readonly id: string;
  readonly domain: string;
  /** Everything the model reads before it answers. */
  readonly prompt: readonly TokenId[];
  /** A reader at the start of a solution. */
  reader(): TokenReader;
  /** Whether a whole solution (end token included or not) comes to the right answer. */
  grade(solution: readonly TokenId[]): boolean;
}
