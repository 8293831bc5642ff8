/** The version that this package writes and reads; every row carries it. */
export const DATA_SET_VERSION = 1;

/**
 * A part of a text, in UTF-16 code units as JavaScript counts them (for text without emoji and the
 * like the same as Python's indices). `start` is in it, `end` is not.
 */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A mistaken part of an answer. */
export interface Mistake extends Span {
  /** The text takes the mistake back at the end of this span: what follows is right again. */
  readonly recovered?: boolean;
}

/** What an annotator said of a row's `wrong` answer. */
export type Decision =
  /** It has a mistake, at `mistakes`. */
  | 'mistake'
  /** It is correct as it is, whatever a grader said. */
  | 'correct'
  /** Not decided. */
  | 'skip'
  /** Something is the matter with the question or the answer: neither is used. */
  | 'flag';

/** One annotator's word on a row. A later one of the same annotator replaces it. */
export interface Annotation {
  readonly annotator: string;
  readonly decision: Decision;
  /** Given where the decision is `mistake`: at least one span, ascending, apart. */
  readonly mistakes?: readonly Mistake[];
  readonly note?: string;
  /** How long the decision took. */
  readonly seconds?: number;
  /** ISO 8601. */
  readonly at?: string;
  /** The annotator had a head's suggestion shown before deciding: it may have swayed them. */
  readonly suggested?: boolean;
}

/** Who wrote what: a model's name and settings, a person, a data set. */
export interface Provenance {
  readonly question?: string;
  readonly correct?: string;
  readonly wrong?: string;
}

/** Where one tokenizer cuts `wrong`: for showing tokens without having the tokenizer. */
export interface Cuts {
  /** The tokenizer's fingerprint. */
  readonly tokenizer: string;
  /** Where each token begins, ascending from 0, in UTF-16 code units. */
  readonly starts: readonly number[];
}

/** What a head thinks of `wrong`, for annotators who ask for it. */
export interface Suggestion {
  /** The head's file and data, as people read it. */
  readonly head: string;
  /** Tokens that score no more are what the head would stop. */
  readonly threshold: number;
  /** P(correct) of every token of `cuts`. */
  readonly scores: readonly number[];
}

/**
 * A tuple of TokenCourt (Bachmann et al. 2025, section 4): a question, an answer that is right, one
 * that is not, and where it goes wrong. One JSON object a line; fields that are not listed here are
 * kept as they are.
 */
export interface DataSetRow {
  readonly version: typeof DATA_SET_VERSION;
  /** Unique in the data set. */
  readonly id: string;
  /** The problem that the question is; data are split by it, never by row or token. The id when absent. */
  readonly problem?: string;
  /** What the question is about: heads are tested on domains that they were not trained on. */
  readonly domain: string;
  readonly question: string;
  /** How it was put to the model, where that is more than the question as a user’s message. */
  readonly messages?: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[];
  /** An answer that is right: all of its tokens are. At least one of `correct` and `wrong` is there. */
  readonly correct?: string;
  /** An answer that is wrong, or not known to be right. */
  readonly wrong?: string;
  /** Where `wrong` is wrong: ascending, apart, none empty. Absent while nobody has marked it. */
  readonly mistakes?: readonly Mistake[];
  readonly provenance: Provenance;
  readonly annotations?: readonly Annotation[];
  readonly cuts?: Cuts;
  readonly suggestion?: Suggestion;
}

/** The problem that a row's tokens are counted under. */
export const problemOf = ({ id, problem }: DataSetRow): string => problem ?? id;

/** How a row's question was put to the model. */
export const messagesOf = ({ messages, question }: DataSetRow): NonNullable<DataSetRow['messages']> =>
  messages ?? [{ role: 'user', content: question }];

/** A row as a line of the file, its end included. */
export const rowLine = (row: DataSetRow): string => `${JSON.stringify(row)}\n`;
