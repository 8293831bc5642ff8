import type { ModelInfo, TokenId } from '@judge-decoding/core';
import type { Lane } from './batched-model.ts';

/** What the draft would have written in each place of an answer, from `from` on. [answer.length - from] */
export async function draftChoices(
  lane: Lane,
  prompt: readonly TokenId[],
  answer: readonly TokenId[],
  from: number,
  /** Tokens of prompt and answer that the lane may have read before. */
  common: number,
  { prefillChunk }: Pick<ModelInfo, 'prefillChunk'>,
): Promise<Int32Array> {
  const text = [...prompt, ...answer];
  const start = prompt.length + from - 1;
  lane.truncate(Math.min(lane.length, common, start));
  const chosen = new Int32Array(answer.length - from);
  for (let at = lane.length; at < text.length - 1; at = lane.length) {
    // what comes before the first choice is only read
    const end = Math.min(at + prefillChunk, at < start ? start : text.length - 1);
    if (end <= start) {
      await lane.forward(text.slice(at, end), {});
      continue;
    }
    const { argmax } = await lane.forward(text.slice(at, end), { argmax: true });
    chosen.set(argmax, at - start);
  }
  return chosen;
}
