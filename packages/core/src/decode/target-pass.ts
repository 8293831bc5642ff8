import type { TokenId } from '../backend.ts';
import type { Draft } from '../drafts/draft.ts';
import { decidedBase } from '../rules/laws.ts';
import type { Round, Rule } from '../rules/rule.ts';
import type { Uniform } from '../sampling/random.ts';
import { GREEDY } from '../sampling/sampling.ts';
import { verifiedRows, verifyRequest } from './device-round.ts';
import { observe } from './observe.ts';
import type { Plan } from './plan.ts';

/**
 * The target reads the text's last token and the draft. Where its device decides rounds, the rule that
 * comes back has the device's answers in its base's place.
 */
export async function targetPass(
  { cache, request, device, sampling, rule }: Plan,
  text: readonly TokenId[],
  draft: Draft,
  vocabSize: number,
  uniform: Uniform,
): Promise<{ readonly round: Round; readonly decidedBy: Rule }> {
  const fed = [text.at(-1)!, ...draft.tokens];
  if (device === undefined) {
    const outputs = await cache.session.forward(fed, request);
    cache.fed(fed);
    return { round: observe(text, draft, outputs, request, sampling, vocabSize, uniform), decidedBy: rule };
  }
  const asked = verifyRequest(device.law, request, text, draft, sampling, uniform);
  const verified = await cache.session.verify!(fed, asked);
  cache.fed(fed);
  const target = verifiedRows(verified);
  const raw = observe(text, draft, verified.outputs, request, GREEDY, vocabSize, uniform);
  return {
    round: { ...raw, target, belief: sampling.temperature > 0 ? target : raw.belief },
    decidedBy: { ...rule, base: decidedBase(rule.base, verified) },
  };
}
