/** Tokens of the context that are kept free for an answer, learned from those before. */
export interface AnswerRoom {
  /** At least so many should be free when a question is asked. */
  readonly tokens: number;
  /** Notes an answer, and whether the end of the context cut it. */
  observe(tokens: number, wasCut: boolean): void;
}

/** Before anything is known. Enough for most answers of small models. */
const FIRST = 512;
/** A longer answer may come. */
const MORE = 1.25;
/** How long an answer would have been that was cut is not known: twice as much is tried. */
const MORE_AFTER_CUT = 2;

/**
 * At first a third of the context, at most 512 tokens; more where answers were longer, never more than
 * half of the context, and never more than `maxTokens`.
 */
export function answerRoom({
  contextLength,
  maxTokens = Number.POSITIVE_INFINITY,
}: {
  readonly contextLength: number;
  readonly maxTokens?: number | undefined;
}): AnswerRoom {
  const most = Math.min(maxTokens, contextLength >> 1);
  let tokens = Math.min(FIRST, Math.floor(contextLength / 3), most);
  return {
    get tokens() {
      return tokens;
    },
    observe(length, wasCut) {
      const wanted = Math.ceil(length * (wasCut ? MORE_AFTER_CUT : MORE));
      tokens = Math.max(tokens, Math.min(wanted, most));
    },
  };
}
