import type { ForwardOutputs, TokenId } from '@judge-decoding/core';
import type { ModelCall, SentRequest } from './protocol.ts';

/** A right guess saves a hop, a tenth of a step or so; a wrong one may cost a step. So many pay for one. */
const PAID = 16;
/** Plain steps to wait for, at most, before guessing again: then wrong guesses cost next to nothing. */
const MOST_PATIENCE = 64;
/** Milliseconds. A hop is a small part of longer steps than this, and to wait for one would be felt. */
const LONGEST_STEP = 10;

/** One token for one session, the argmax wanted: what plain decoding asks again and again. */
export interface PlainStep {
  readonly session: number;
  /** Tokens in the session before it. */
  readonly length: number;
  readonly token: TokenId;
  readonly request: SentRequest;
  /** Where the text ends at the latest. */
  readonly end?: number;
}

/** A step's outputs, and the milliseconds it ran. */
export interface StepAnswer {
  readonly outputs: Partial<ForwardOutputs>;
  readonly took: number;
}

export interface ReadAheadOptions {
  readonly contextLength: number;
  readonly endTokens: readonly TokenId[];
}

/**
 * Guesses the next question: the text goes on with the argmax. In plain decoding that is so, and the
 * step can run while its question is still on the way. Whoever samples, or reads a given text, does
 * not follow the argmax; whoever looks up drafts does for a while. Therefore a step is read ahead
 * only after steps that were guessed right, the more of them the more guesses were wrong before.
 * Only bookkeeping is here: the owner runs the steps, one question or step at a time.
 */
export class ReadAhead {
  readonly #contextLength: number;
  readonly #endTokens: ReadonlySet<TokenId>;
  /** What plain decoding would ask next. */
  #next: PlainStep | undefined;
  /** What `next` answers, where it has been read. */
  #answer: StepAnswer | undefined;
  /** Questions in a row that were the step expected. */
  #followed = 0;
  /** How many of them are needed before a step is read ahead. */
  #patience = 1;
  /** Steps in a row that had been read when they were asked for. */
  #gained = 0;

  constructor({ contextLength, endTokens }: ReadAheadOptions) {
    this.#contextLength = contextLength;
    this.#endTokens = new Set(endTokens);
  }

  /**
   * A question has come, `step` where it is a plain step. Returns its answer if just that step has
   * been read; otherwise what has been read is forgotten.
   */
  asked(step: PlainStep | undefined): StepAnswer | undefined {
    const [next, answer] = [this.#next, this.#answer];
    this.#next = undefined;
    this.#answer = undefined;
    if (step !== undefined && next !== undefined && same(step, next)) {
      this.#followed += 1;
      if (answer !== undefined) this.#gained += 1;
      return answer;
    }
    if (answer !== undefined) {
      this.#patience = this.#gained >= PAID ? 1 : Math.min(2 * this.#patience, MOST_PATIENCE);
    }
    this.#followed = 0;
    this.#gained = 0;
    return undefined;
  }

  /** `step` has its answer. Returns the step to read now, if one is worth it. */
  answered(step: PlainStep, { outputs, took }: StepAnswer): PlainStep | undefined {
    const token = outputs.argmax![0]!;
    const next = { ...step, length: step.length + 1, token };
    this.#next = next;
    const worthwhile =
      this.#followed >= this.#patience &&
      took <= LONGEST_STEP &&
      next.length < this.#contextLength &&
      next.length !== step.end &&
      !this.#endTokens.has(token);
    return worthwhile ? next : undefined;
  }

  /** The step that `answered` returned has been read. */
  read(answer: StepAnswer): void {
    this.#answer = answer;
  }
}

/** The plain step that a call is, if it is one. */
export function plainStep(call: ModelCall): PlainStep | undefined {
  if (call.kind !== 'forward' || call.passes.length !== 1 || !call.request.argmax) return undefined;
  const { session, length, tokens, end } = call.passes[0]!;
  if (tokens.length !== 1) return undefined;
  return {
    session,
    length,
    token: tokens[0]!,
    request: call.request,
    ...(end === undefined ? {} : { end }),
  };
}

const same = (one: PlainStep, other: PlainStep): boolean =>
  one.session === other.session &&
  one.length === other.length &&
  one.token === other.token &&
  wording(one.request) === wording(other.request);

/** A request in words; the weights of a head term came with its first request only. */
const wording = ({ judge, ...rest }: SentRequest): string =>
  JSON.stringify([rest, judge?.map(({ id }) => id)]);
