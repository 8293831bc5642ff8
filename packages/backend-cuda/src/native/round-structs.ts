import type { Verified, VerifyLaw } from '@judge-decoding/core';
import type { EngineDraft, EngineDraftOptions, EngineRound, EngineShape, EngineShaping } from '../engine.ts';
import { LAW } from './abi.ts';
import type { CallMemory } from './call-memory.ts';
import type { Calls } from './calls.ts';
import { Structs } from './structs.ts';

type Addresses = Pick<Calls, 'address'>;

const LAWS: Readonly<Record<VerifyLaw['kind'], number>> = {
  exact: LAW.JC_EXACT,
  speculative: LAW.JC_SPECULATIVE,
  block: LAW.JC_BLOCK,
};

function shapingStruct(calls: Addresses, shaping: EngineShaping): Structs {
  return new Structs('jc_shaping').set({
    temperature: shaping.temperature,
    top_p: shaping.topP,
    min_p: shaping.minP,
    repetition: shaping.repetition,
    presence: shaping.presence,
    frequency: shaping.frequency,
    // more than there are tokens is all of them
    top_k: Math.min(shaping.topK, 2 ** 31 - 1),
    change_count: shaping.tokens.length,
    tokens: calls.address(shaping.tokens),
    bias: calls.address(shaping.bias),
    counts: calls.address(shaping.counts),
    repeated: calls.address(shaping.repeated),
  });
}

/** `jc_propose`, how to read it afterwards, and what must live as long as it is used. */
export function draftStructs(
  calls: Addresses,
  memory: CallMemory,
  { count, endTokens, logits, sampled }: EngineDraftOptions,
  { tokens: vocabulary }: Pick<EngineShape, 'tokens'>,
) {
  const drafted = memory.ints(count);
  const rows = new Float32Array(logits ? count * vocabulary : 0);
  const probs = new Float64Array(sampled === undefined || sampled.keep ? 0 : count * vocabulary);
  const shaping = sampled === undefined ? undefined : shapingStruct(calls, sampled.shaping);
  const propose = new Structs('jc_propose').set({
    count,
    end_token_count: endTokens.length,
    end_tokens: memory.given(endTokens),
    drafted: drafted.address,
    logits: calls.address(rows),
    keep: sampled?.keep ? 1 : 0,
    shaping: shaping === undefined ? 0 : calls.address(shaping.bytes),
    uniforms: sampled === undefined ? 0 : calls.address(sampled.uniforms),
    probs: calls.address(probs),
  });
  const draft = (): EngineDraft => {
    const length = propose.number('drafted_count');
    return {
      tokens: drafted.take().subarray(0, length),
      logits: logits ? rows.slice(0, length * vocabulary) : undefined,
      probs: probs.length > 0 ? probs.slice(0, length * vocabulary) : undefined,
    };
  };
  return { propose, draft, used: [endTokens, sampled, shaping] as const };
}

/** `jc_verify` likewise; `kept` is the session whose draft kept its distributions, or 0. */
export function roundStructs(
  calls: Addresses,
  rows: number,
  { law, shaping: given, accept, recover, bonus, draft }: EngineRound,
  kept: number,
) {
  const shaping = shapingStruct(calls, given);
  const [accepted, recovered] = [new Int32Array(rows - 1), new Int32Array(rows - 1)];
  const [argmax, chosen] = [new Int32Array(rows), new Float64Array(rows - 1)];
  const verify = new Structs('jc_verify').set({
    law: LAWS[law.kind],
    lenience: law.kind === 'speculative' ? law.lenience : 1,
    bonus_uniform: bonus,
    shaping: calls.address(shaping.bytes),
    accept: calls.address(accept),
    recover: calls.address(recover),
    draft: kept,
    draft_probs: draft instanceof Float64Array ? calls.address(draft) : 0,
    accepted: calls.address(accepted),
    recovered: calls.address(recovered),
    argmax: calls.address(argmax),
    chosen: calls.address(chosen),
  });
  const verified = (): Omit<Verified, 'outputs'> => ({
    accepted: Uint8Array.from(accepted),
    recovered,
    argmax,
    chosen,
    bonus: verify.number('bonus'),
  });
  return { verify, verified, used: [shaping, given, accept, recover] as const };
}
