import type { OutputRequest, Session, TokenId, Verified, VerifyLaw, VerifyRequest } from '../backend.ts';
import type { Draft } from '../drafts/draft.ts';
import type { Rule } from '../rules/rule.ts';
import type { Uniform } from '../sampling/random.ts';
import type { Rows } from '../sampling/rows.ts';
import { adjustsLogits, type SamplingOptions } from '../sampling/sampling.ts';

/** How the target's device decides rounds by itself. */
export interface DeviceRounds {
  readonly law: VerifyLaw;
  /** What every pass returns beside the decisions. */
  readonly outputs: OutputRequest;
}

type Asked = readonly (keyof OutputRequest)[];

/** What an admission may read of a round that a device decided while sampling. */
const READABLE: Asked = ['judge', 'argmax', 'chosen'];
/** What a base says it needs and a decided round has, or has no need of. A trace asks for more. */
const OF_BASE: Asked = ['logits', 'argmax', 'chosen'];

const within = (request: OutputRequest, known: Asked): boolean =>
  (Object.keys(request) as Asked).every((name) => known.includes(name));

/**
 * Whether rounds can be decided where the logits are: the session can, the base is a law, and what the
 * admission and its guards look at does not need a distribution on the host. `beliefs` is what they need.
 */
export function deviceRounds(
  { base, admission }: Rule,
  beliefs: OutputRequest,
  sampling: SamplingOptions,
  { verify }: Pick<Session, 'verify'>,
): DeviceRounds | undefined {
  const sampled = sampling.temperature > 0;
  const { law, needs } = base;
  if (verify === undefined || law === undefined || !(sampled || adjustsLogits(sampling))) return undefined;
  if (!within(needs.target, OF_BASE)) return undefined;
  if (needs.draft !== (law.kind === 'exact' ? 'nothing' : 'distribution')) return undefined;
  // greedy: admissions read the raw softmax, which the pass returns as ever
  if (!sampled) return { law, outputs: beliefs };
  if ((admission?.needs.draft ?? 'nothing') !== 'nothing') return undefined;
  if (!within(beliefs, READABLE)) return undefined;
  return { law, outputs: beliefs.judge ? { judge: beliefs.judge } : {} };
}

/** What the device is asked about one round. */
export function verifyRequest(
  law: VerifyLaw,
  outputs: OutputRequest,
  text: readonly TokenId[],
  { tokens, kept }: Draft,
  options: SamplingOptions,
  uniform: Uniform,
): VerifyRequest {
  const each = (purpose: 'accept' | 'recovered') =>
    Float64Array.from(tokens, (_, index) => uniform(text.length + index, purpose));
  return {
    ...{ law, options, outputs, history: text },
    ...(kept === undefined ? {} : { draft: kept }),
    uniforms: {
      accept: each('accept'),
      recovered: each('recovered'),
      bonus: uniform(text.length + tokens.length, 'bonus'),
    },
  };
}

/** The target's rows, of which only what the device said can be read. */
export function verifiedRows({ argmax, chosen }: Verified): Rows {
  const stayed = (): never => {
    throw new TypeError('A distribution that stayed on the device cannot be read here.');
  };
  return {
    argmax: (row) => argmax[row]!,
    logProb: (row) => chosen[row]!,
    top: stayed,
    entropy: stayed,
    probs: stayed,
  };
}
