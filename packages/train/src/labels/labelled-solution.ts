import { JudgeDecodingError, type TokenId } from '@judge-decoding/core';

/** A solution that a model wrote, with what the recogniser says of each of its tokens. */
export interface LabelledSolution {
  /** Id of the problem. */
  readonly problem: string;
  readonly domain: string;
  /** Name of the source it came from: 'draft-greedy' … */
  readonly source: string;
  readonly prompt: readonly TokenId[];
  readonly solution: readonly TokenId[];
  /** One letter a token of the solution: o (ok), w (wrong), d (dead: after a mistake), - (nothing is said). */
  readonly labels: string;
  /** Of labelled tokens of the solution itself: of how many continuations how many said correct, where several were asked. */
  readonly votes?: readonly (readonly [position: number, correct: number, of: number])[];
  /** Tokens that might have stood in the solution instead, each judged after the tokens before it. */
  readonly swaps?: readonly Swap[];
}

/** Another token in one place of a solution, and whether it would have been correct there. */
export interface Swap {
  /** Index in the solution of the token that it stands for. */
  readonly position: number;
  readonly token: TokenId;
  readonly correct: boolean;
  /** Of how many continuations how many said that it is correct, where several were asked. */
  readonly votes?: readonly [correct: number, of: number];
  /** How much likelier the text is with it, nats a token, where that is what the label rests on. */
  readonly score?: number;
}

/** What becomes of the tokens after the first mistake. */
export type AfterError =
  /** They carry no label: nobody can say what is right after a mistake. */
  | 'mask'
  /** They are wrong, all of them (as in AutoJudge's replication). */
  | 'negative'
  /** Masked until the text has taken its mistake back, and labelled from there on. */
  | 'until-recovery';

/** 1 correct, 0 wrong, -1 no label; one a token. */
export function targetsOf(labels: string, afterError: AfterError): Int8Array {
  const targets = new Int8Array(labels.length).fill(-1);
  const first = labels.indexOf('w');
  // a mistake may have several tokens: all of them are wrong
  let end = first;
  while (end >= 0 && labels[end] === 'w') end++;
  for (let i = 0; i < labels.length; i++) {
    const after = first >= 0 && i >= end;
    if (after && afterError === 'mask') break;
    if (after && afterError === 'negative') targets[i] = 0;
    else if (labels[i] !== 'd' && labels[i] !== '-') targets[i] = labels[i] === 'o' ? 1 : 0;
  }
  return targets;
}

/** One line of JSON as a solution; anything else is an error of code `invalid-file` that says where. */
export function parseSolution(line: string, where: string): LabelledSolution {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw bad(where, 'is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null) throw bad(where, 'is no object');
  const { problem, domain, source, prompt, solution, labels, votes, swaps } = value as Record<
    string,
    unknown
  >;
  for (const [name, text] of Object.entries({ problem, domain, source, labels })) {
    if (typeof text !== 'string') throw bad(where, `has no text \`${name}\``);
  }
  for (const [name, tokens] of Object.entries({ prompt, solution })) {
    if (
      !Array.isArray(tokens) ||
      tokens.length === 0 ||
      !tokens.every((id) => Number.isInteger(id) && id >= 0)
    )
      throw bad(where, `has no list of token ids \`${name}\``);
  }
  const letters = labels as string;
  const { length } = solution as readonly TokenId[];
  if (letters.length !== length) throw bad(where, `has ${letters.length} labels for ${length} tokens`);
  if (!/^[o-]*(w[dwo-]*)?$/.test(letters))
    throw bad(
      where,
      `has the labels \`${letters.slice(0, 40)}\`: letters are o, w, d and -, and the first after o is w`,
    );
  if (swaps !== undefined && !(Array.isArray(swaps) && swaps.every((swap) => isSwap(swap, length))))
    throw bad(where, 'has `swaps` that are no list of {position, token, correct} in the solution');
  if (votes !== undefined && !(Array.isArray(votes) && votes.every((vote) => isVote(vote, length))))
    throw bad(where, 'has `votes` that are no list of [position, correct, of] in the solution');
  return {
    problem: problem as string,
    domain: domain as string,
    source: source as string,
    prompt: prompt as readonly TokenId[],
    solution: solution as readonly TokenId[],
    labels: letters,
    ...(votes === undefined ? {} : { votes: votes as NonNullable<LabelledSolution['votes']> }),
    ...(swaps === undefined ? {} : { swaps: swaps as readonly Swap[] }),
  };
}

const whole = (number: unknown): boolean => Number.isInteger(number) && (number as number) >= 0;

const isVote = (value: unknown, length: number): boolean =>
  Array.isArray(value) &&
  value.length === 3 &&
  value.every(whole) &&
  value[0] < length &&
  value[1] <= value[2];

function isSwap(value: unknown, length: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { position, token, correct } = value as Record<string, unknown>;
  return whole(position) && (position as number) < length && whole(token) && typeof correct === 'boolean';
}

function bad(where: string, what: string, cause?: unknown): JudgeDecodingError {
  return new JudgeDecodingError('invalid-file', `Expected a labelled solution at ${where}, but it ${what}.`, {
    cause,
  });
}
