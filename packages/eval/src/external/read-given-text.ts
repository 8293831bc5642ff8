import {
  type AbortSignalLike,
  type DraftSource,
  fixedText,
  GREEDY,
  generate,
  type Model,
  type SamplingOptions,
  type Session,
  type TokenId,
} from '@judge-decoding/core';
import type { TaskProblem } from '@judge-decoding/tasks';
import type { Verification } from '../arms/arm.ts';
import { type Named, ruleOf } from '../arms/rule-of.ts';

/** A text that somebody else wrote: a person, or another model. */
export interface GivenText {
  readonly problem: TaskProblem;
  /** Without end token. */
  readonly tokens: readonly TokenId[];
  /** Index of the token in which it first goes wrong, where that is known. */
  readonly mistakeAt?: number;
}

/** What a rule did with a given text. */
export interface TextReading {
  /** Tokens of the text accepted in a row, up to each rejection. */
  readonly runs: readonly number[];
  /**
   * A letter for each token of the text: accepted by `s`tandard verification or by the `a`dmission,
   * `x` rejected, `-` never offered, since the target's words led past it.
   */
  readonly marks: string;
  /** What the target wrote itself, put in before the token at that index of the text. */
  readonly written: readonly { readonly before: number; readonly token: TokenId }[];
  /** Whether the mistaken token was kept out; nothing where there is none. */
  readonly cut: boolean | undefined;
}

/** Who reads a given text, and how it is verified. `session` is one of the target’s, and is used up. */
export interface ReadOptions {
  readonly target: Model;
  readonly session: Session;
  readonly verify: Verification;
  readonly named?: Named;
  readonly sampling?: SamplingOptions;
  readonly signal?: AbortSignalLike | undefined;
}

/** Tokens offered a round. A run that fills one goes on in the next. */
const OFFERED = 32;

/**
 * Offers a given text as the draft, part by part. After a rejection the target
 * writes a token and the text is taken up again where it fits. (Bachmann et al. 2025, figure 3: what
 * strict verification accepts of text that is right, but worded by others.)
 */
export async function readGivenText(
  { problem, tokens: given, mistakeAt }: GivenText,
  { target, session, verify, named = {}, sampling = GREEDY, signal }: ReadOptions,
): Promise<TextReading> {
  const source = fixedText(given, { promptLength: problem.prompt.length });
  let place = 0;
  const following: DraftSource = {
    ...source,
    async propose(request) {
      // all that is left of the text: how much that is tells where it is taken up
      const { tokens } = await source.propose({ ...request, count: given.length + 1 });
      place = given.length - tokens.length;
      return { tokens: tokens.slice(0, request.count) };
    },
  };
  session.truncate(0);
  const marks: string[] = Array<string>(given.length).fill('-');
  const runs: number[] = [];
  const written: { before: number; token: TokenId }[] = [];
  const rounds = generate({
    model: target.info,
    target: session,
    prompt: problem.prompt,
    draft: following,
    rule: ruleOf(verify, problem, named, sampling),
    draftLength: Math.min(OFFERED, given.length),
    // nothing is put in where a part was accepted whole: the next part follows it
    bonus: false,
    // the target may word more than the text does
    maxTokens: Math.min(2 * given.length + 32, target.info.contextLength - problem.prompt.length),
    sampling,
    signal,
  });
  let run = 0;
  for await (const { tokens, round } of rounds) {
    if (round.draft.length === 0) break;
    let accepted = 0;
    for (const { id, source: by } of tokens) {
      if (by === 'recovered' || by === 'bonus') written.push({ before: place + accepted, token: id });
      else marks[place + accepted++] = by === 'standard' ? 's' : 'a';
    }
    run += accepted;
    const isOver = place + accepted >= given.length;
    if (accepted < round.draft.length || isOver) {
      if (!isOver) marks[place + accepted] = marks[place + accepted] === '-' ? 'x' : marks[place + accepted]!;
      runs.push(run);
      run = 0;
    }
    if (isOver) break;
  }
  if (run > 0) runs.push(run);
  return {
    runs,
    marks: marks.join(''),
    written,
    cut: mistakeAt === undefined ? undefined : !'sa'.includes(marks[mistakeAt] ?? '-'),
  };
}
