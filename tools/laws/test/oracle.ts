import {
  adjustLogits,
  argmax,
  GREEDY,
  type Model,
  type SamplingOptions,
  type TokenId,
} from '@judge-decoding/core';

/** Plain greedy decoding, one row at a time: what strict speculative decoding must reproduce. */
export async function plainText(
  model: Model,
  prompt: readonly TokenId[],
  {
    maxTokens,
    ends = [],
    sampling = GREEDY,
  }: { maxTokens: number; ends?: readonly TokenId[]; sampling?: SamplingOptions },
): Promise<TokenId[]> {
  const session = await model.openSession();
  const text = [...prompt];
  let fed = 0;
  while (text.length < prompt.length + maxTokens && text.length < model.info.contextLength) {
    const { logits } = await session.forward(text.slice(fed), { logits: true });
    fed = text.length;
    const token = argmax(adjustLogits(logits.slice(-model.info.vocabSize), sampling, text));
    text.push(token);
    if (model.info.endTokens.includes(token) || ends.includes(token)) break;
  }
  await session.dispose();
  return text.slice(prompt.length);
}
