import {
  type AbortSignalLike,
  cachedText,
  fixedText,
  GREEDY,
  type GuardOptions,
  generate,
  LEAST_PROBABILITY,
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
  /** A letter for each token of the text: accepted by `s`tandard verification or by the `a`dmission, `x` rejected. */
  readonly marks: string;
  /** What the target would have written in the place of each rejected token. */
  readonly written: readonly { readonly before: number; readonly token: TokenId }[];
  /** Rejected tokens to which the target gives less than the floor that stands over every admission. */
  readonly belowFloor: number;
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
  /** Over every admission; the loop's own when absent. */
  readonly guards?: GuardOptions;
  readonly signal?: AbortSignalLike | undefined;
}

/** Tokens offered a round. A run that fills one goes on in the next. */
const OFFERED = 32;

/**
 * Offers a given text as the draft, part by part. After a rejection the text itself goes on, the rejected token
 * with it: every token is judged behind the words of its own author, and a run ends where a rule would have ended
 * it. (Bachmann et al. 2025, figure 3: what strict verification accepts of text that is right, but worded by others.)
 */
export async function readGivenText(
  { problem, tokens: given, mistakeAt }: GivenText,
  { target, session, verify, named = {}, sampling = GREEDY, guards = {}, signal }: ReadOptions,
): Promise<TextReading> {
  session.truncate(0);
  const cache = cachedText(session);
  const before = problem.prompt.length;
  let marks = '';
  const runs: number[] = [];
  const written: { before: number; token: TokenId }[] = [];
  const floor = Math.log(guards.leastProbability ?? LEAST_PROBABILITY);
  let run = 0;
  let belowFloor = 0;
  while (marks.length < given.length) {
    const place = marks.length;
    const prompt = [...problem.prompt, ...given.slice(0, place)];
    const offered = given.slice(place, place + OFFERED);
    const rule = ruleOf(verify, problem, named, sampling);
    const first = await generate({
      model: target.info,
      target: cache,
      prompt,
      draft: { ...fixedText(offered, { promptLength: prompt.length }) },
      rule,
      guards,
      draftLength: offered.length,
      // nothing is put in where a part was accepted whole: the next part follows it
      bonus: false,
      maxTokens: Math.min(offered.length + 1, target.info.contextLength - before - place),
      sampling,
      signal,
    }).next();
    if (first.done) break;
    const { tokens, round } = first.value;
    for (const [at, { id, source }] of tokens.entries()) {
      if (source === 'recovered' || source === 'bonus') {
        if (marks.length === given.length) break;
        written.push({ before: marks.length, token: id });
        // what no admission was asked about has no probability here
        if (rule.admission !== undefined && round.belief.logProb(at) < floor) belowFloor++;
        marks += 'x';
        runs.push(run);
        run = 0;
      } else {
        marks += source === 'standard' ? 's' : 'a';
        run++;
      }
    }
  }
  if (run > 0) runs.push(run);
  return {
    runs,
    marks,
    written,
    belowFloor,
    cut: mistakeAt === undefined ? undefined : !'sa'.includes(marks[mistakeAt] ?? '-'),
  };
}
