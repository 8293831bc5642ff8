import {
  type AbortSignalLike,
  JudgeDecodingError,
  type Model,
  type ModelInfo,
  type TokenId,
  throwIfAborted,
} from '@judge-decoding/core';
import type { TaskProblem } from '@judge-decoding/tasks';
import type { Lane } from './batched-model.ts';

/** Both of a pair, as far as contexts go: what one writes the other has to read. */
export interface Contexts {
  readonly target: { readonly info: Pick<ModelInfo, 'contextLength'> };
  readonly draft: { readonly info: Pick<ModelInfo, 'contextLength'> };
}

/** Tokens that an answer may have in both contexts; below 1 where the prompt leaves none. */
export const roomFor = (prompt: readonly TokenId[], { target, draft }: Contexts): number =>
  Math.min(target.info.contextLength, draft.info.contextLength) - prompt.length - 1;

/** As many as an answer may have. */
export function mostTokens(
  { id, prompt, maxTokens: own = Number.POSITIVE_INFINITY }: TaskProblem,
  maxTokens: number,
  pair: { readonly target: Model; readonly draft: Model },
): number {
  const room = roomFor(prompt, pair);
  if (room >= 1) return Math.min(maxTokens, own, room);
  throw new JudgeDecodingError(
    'invalid-input',
    `Expected \`${id}\` to leave room for an answer in the contexts of both models, but it has ${prompt.length} tokens, ${1 - room} too many. Leave it out.`,
  );
}

/** Fills a lane with the first `length` tokens of a text; what it has of them already stays. */
export async function fillTo(
  lane: Lane,
  text: readonly TokenId[],
  length: number,
  common: number,
  { prefillChunk }: Pick<ModelInfo, 'prefillChunk'>,
): Promise<void> {
  lane.truncate(Math.min(lane.length, common, length));
  for (let from = lane.length; from < length; from = lane.length)
    await lane.forward(text.slice(from, Math.min(from + prefillChunk, length)), {});
}

export interface ContinueOptions {
  readonly info: ModelInfo;
  /** Tokens at most. */
  readonly maxTokens: number;
  /** A text that the continuation is likely to repeat: it is then read several tokens at a time. */
  readonly like?: readonly TokenId[];
  /** Whether nothing that follows can change the answer. */
  readonly isOut?: ((tokens: readonly TokenId[]) => boolean) | undefined;
  readonly signal?: AbortSignalLike | undefined;
}

/** Tokens guessed at a time, where the text so far has been guessed right. */
const GUESS = 8;
/** Where so many tokens in a row stand in the likely text, what follows them there is the guess. */
const KEY = 2;

/**
 * The greedy continuation after `first`, which is fed to the lane: without `first`, ending with an end
 * token, at `maxTokens`, or where the answer is out. The lane holds all of it but the last token.
 * Guesses from a likely text only save passes: a guess stands where it is the model's own choice.
 */
export async function continueGreedily(
  lane: Lane,
  first: TokenId,
  { info, maxTokens, like = [], isOut, signal }: ContinueOptions,
): Promise<readonly TokenId[]> {
  const ends = new Set(info.endTokens);
  const written: TokenId[] = [first];
  const places = placesOf(like);
  const room = Math.min(maxTokens, info.contextLength - lane.length - 1);
  while (written.length - 1 < room && isOut?.(written) !== true) {
    throwIfAborted(signal);
    const left = room - (written.length - 1);
    const guess = guessAfter(written, like, places).slice(0, left - 1);
    const { argmax } = await lane.forward([written.at(-1)!, ...guess], { argmax: true });
    let right = 0;
    while (right < guess.length && guess[right] === argmax[right] && !ends.has(guess[right]!)) right++;
    const before = lane.length - guess.length;
    for (let i = 0; i <= right; i++) {
      const token = argmax[i]!;
      written.push(token);
      if (ends.has(token) || isOut?.(written) === true) {
        lane.truncate(before + i);
        return written.slice(1);
      }
    }
    lane.truncate(before + right);
  }
  return written.slice(1);
}

/** Where pairs of tokens stand in a text: behind the last of each. */
function placesOf(text: readonly TokenId[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (let end = KEY; end <= text.length; end++) places.set(text.slice(end - KEY, end).join(), end);
  return places;
}

function guessAfter(
  written: readonly TokenId[],
  like: readonly TokenId[],
  places: ReadonlyMap<string, number>,
): readonly TokenId[] {
  if (written.length < KEY) return [];
  const at = places.get(written.slice(-KEY).join());
  return at === undefined ? [] : like.slice(at, at + GUESS);
}
