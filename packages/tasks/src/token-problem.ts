import type { TokenId } from '@judge-decoding/core';

/** A problem in the tokens of one tokenizer, and whether an answer to it is right. */
export interface TaskProblem {
  /** Unique; nothing that shares an id is ever on both sides of a split. */
  readonly id: string;
  /** What it is about: problems of one domain are counted together. */
  readonly domain: string;
  /** Everything the model reads before it answers. */
  readonly prompt: readonly TokenId[];
  /** Where an answer ends besides its end token: texts that a completion must not run past. */
  readonly stop?: readonly string[];
  /** Tokens that an answer may have at most, where the task says so. */
  readonly maxTokens?: number;
  /**
   * Whether a whole answer (end token included or not) is right; nothing where no program can tell
   * (an essay). Answers of a talk of several turns come joined, in the order of the turns.
   */
  grade(solution: readonly TokenId[]): boolean | undefined | Promise<boolean | undefined>;
  /** The prompt of the next turn, after the answers so far; nothing after the last turn. */
  followUp?(answers: readonly (readonly TokenId[])[]): readonly TokenId[] | undefined;
  /** A reader at the start of an answer, where the truth is known down to the token. */
  reader?(): TokenReader;
}

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
export interface TokenProblem extends TaskProblem {
  reader(): TokenReader;
  grade(solution: readonly TokenId[]): boolean;
}
