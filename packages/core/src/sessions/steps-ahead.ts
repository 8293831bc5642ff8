import type { ModelInfo, OutputRequest, TokenId } from '../backend.ts';

/** Steps read at once, at most. Where a text ends among them, the rest were in vain. */
export const MOST_AT_ONCE = 8;
/** Milliseconds: whoever watches a text being written shall not wait for longer than this. */
const LONGEST = 60;
/** So many right guesses pay for a wrong one. */
const PAID = 16;
/** Steps to wait for, at most, before guessing again. */
const MOST_PATIENCE = 64;

/** Steps of so many milliseconds that are read at once where a text is long. */
export const stepsAtOnce = (milliseconds: number): number =>
  Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(LONGEST / milliseconds)));

/** Whether a pass over one token asks what plain decoding asks, and nothing else. */
export const asksForArgmaxAlone = ({ argmax, ...others }: OutputRequest): boolean => {
  if (argmax !== true) return false;
  for (const name in others) if (others[name as keyof typeof others] !== undefined) return false;
  return true;
};

/**
 * Guesses that a text goes on with the argmax, as plain decoding has it: then several steps can run on a device, each reading
 * what the one before has written, and the host waits once for all of them. Whoever feeds another token, or another
 * place, is answered by a step of its own, and guesses become rarer. Only bookkeeping is here.
 */
export class StepsAhead {
  /** As `Session.expectEnd` was told. */
  end = Number.POSITIVE_INFINITY;
  readonly #endTokens: ReadonlySet<TokenId>;
  readonly #contextLength: number;
  readonly #now: () => number;
  /** Tokens of the text from `#first` on, of which all but the last have been fed: each is the argmax after the one before. */
  #read: TokenId[] = [];
  #first = 0;
  /** The place where the next step belongs. */
  #next = -1;
  /** Steps in a row that were what the argmax said, and how many of them are needed. */
  #followed = 0;
  #patience = 1;
  #together = 1;
  #stepTime = 0;

  /** `now` in milliseconds. */
  constructor(
    { endTokens, contextLength }: Pick<ModelInfo, 'endTokens' | 'contextLength'>,
    now: () => number,
  ) {
    this.#endTokens = new Set(endTokens);
    this.#contextLength = contextLength;
    this.#now = now;
  }

  /**
   * The argmax after `token`, fed as the text's token number `place`: it is known, or `run` feeds the token and, after it, each
   * step's argmax, `count` steps in all (at most `most`), and returns all their argmaxes.
   */
  async step(
    place: number,
    token: TokenId,
    run: (count: number) => Promise<ArrayLike<TokenId>>,
    most = MOST_AT_ONCE,
  ): Promise<TokenId> {
    const known = this.#known(place, token);
    if (known !== undefined) return known;
    const start = this.#now();
    const answers = Array.from(await run(this.#due(Math.min(this.#room(place), most))));
    this.#keep(place, token, answers, this.#now() - start);
    return answers[0]!;
  }

  #known(place: number, token: TokenId): TokenId | undefined {
    const at = place - this.#first;
    const guessed = place === this.#next && this.#read[at] === token;
    if (!guessed) this.#miss();
    else {
      this.#followed++;
      this.#next = place + 1;
    }
    return guessed ? this.#read[at + 1] : undefined;
  }

  /** Steps to read at once now, `room` at most. */
  #due(room: number): number {
    if (this.#followed < this.#patience) return 1;
    this.#together = Math.min(2 * this.#together, MOST_AT_ONCE);
    const patient = this.#stepTime > 0 ? stepsAtOnce(this.#stepTime) : MOST_AT_ONCE;
    return Math.max(1, Math.min(this.#together, patient, room));
  }

  /** What the steps from `place` on have said, after `token`; they took so many milliseconds. */
  #keep(place: number, token: TokenId, answers: readonly TokenId[], took: number): void {
    const end = answers.findIndex((answer) => this.#endTokens.has(answer));
    this.#first = place;
    this.#read = [token, ...(end < 0 ? answers : answers.slice(0, end + 1))];
    this.#next = place + 1;
    const stepTime = took / answers.length;
    // a text's first step may have waited for its prompt
    const behindPrompt = this.#followed === 0 && this.#stepTime > 0;
    this.#stepTime = behindPrompt ? Math.min(this.#stepTime, stepTime) : stepTime;
  }

  /** Something else was run: what has been read no longer lies in the cache. */
  forget(): void {
    this.#read = [];
    this.#next = -1;
    this.#followed = 0;
    this.#together = 1;
  }

  /** Whoever goes on behind the end that was named has another in mind. */
  #room(place: number): number {
    const end = this.end > place ? Math.min(this.end, this.#contextLength) : this.#contextLength;
    return end - place;
  }

  #miss(): void {
    const inVain = this.#first + this.#read.length - 1 - this.#next;
    if (this.#next >= 0 && inVain > 0)
      this.#patience = this.#followed >= PAID ? 1 : Math.min(2 * this.#patience, MOST_PATIENCE);
    this.forget();
  }
}
