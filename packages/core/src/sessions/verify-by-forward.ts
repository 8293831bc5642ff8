import type {
  ForwardOutputs,
  KeptDistributions,
  ModelInfo,
  OutputRequest,
  TokenId,
  Verified,
  VerifyRequest,
} from '../backend.ts';
import { baseOf } from '../rules/laws.ts';
import type { Round } from '../rules/rule.ts';
import type { Uniform } from '../sampling/random.ts';
import { givenRows, oneHotRows, processedRows } from '../sampling/rows.ts';

/** A pass over `tokens`, behind what was read before. */
export interface VerifySteps {
  forward(tokens: readonly TokenId[], request: OutputRequest): Promise<Partial<ForwardOutputs>>;
  readonly info: Pick<ModelInfo, 'vocabSize'>;
}

/**
 * `Session.verify` from logits on the host, by core's own bases: what a device that decides rounds itself is
 * held against.
 */
export async function verifyByForward(
  { forward, info: { vocabSize } }: VerifySteps,
  tokens: readonly TokenId[],
  { law, options, history, draft: kept, uniforms, outputs: asked }: VerifyRequest,
): Promise<Verified> {
  const { logits, ...others } = await forward(tokens, { ...asked, logits: true });
  const draft = tokens.slice(1);
  const target = processedRows(logits!, tokens.length, options, history, draft);
  const drafted =
    kept === undefined ? oneHotRows(draft, vocabSize) : givenRows(await kept.probs(), draft.length, draft);
  const uniform: Uniform = (position, purpose) => {
    const index = position - history.length;
    if (purpose === 'accept') return uniforms.accept[index]!;
    return purpose === 'bonus' ? uniforms.bonus : uniforms.recovered[index]!;
  };
  const round: Round = {
    text: history,
    draft,
    target,
    belief: target,
    draftTarget: drafted,
    draftBelief: drafted,
    dot: () => Number.NaN,
    uniform,
  };
  return {
    ...decide(round),
    argmax: Int32Array.from(tokens, (_, row) => target.argmax(row)),
    chosen: Float64Array.from(draft, (_, row) => target.logProb(row)),
    outputs: asked.logits ? { ...others, logits: logits! } : others,
  };

  function decide(of: Round): Pick<Verified, 'accepted' | 'recovered' | 'bonus'> {
    const accepted = new Uint8Array(draft.length);
    const recovered = new Int32Array(draft.length);
    const base = baseOf(law);
    if (base.kind === 'joint') {
      const { accepted: count, next } = base.decide(of);
      accepted.fill(1, 0, count);
      if (count < draft.length) recovered[count] = next();
      return { accepted, recovered, bonus: count === draft.length ? next() : 0 };
    }
    for (const index of draft.keys()) {
      accepted[index] = base.accepts(of, index) ? 1 : 0;
      recovered[index] = base.recovered(of, index);
    }
    return { accepted, recovered, bonus: base.bonus(of) };
  }
}

/** Distributions that are on the host anyway. [rows, vocabSize] */
export function hostDistributions(probs: Float64Array, rows: number): KeptDistributions {
  return { rows, probs: async () => probs };
}
