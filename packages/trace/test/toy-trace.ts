import { toyPair } from '@judge-decoding/backend-contract';
import {
  buildRule,
  draftSession,
  GREEDY,
  generate,
  type JudgeHead,
  type Model,
  type RuleSpec,
  type SamplingOptions,
} from '@judge-decoding/core';
import { makeTrace, type PieceSource, type Trace, tracedModel, tracedRound, watched } from '../src/index.ts';

export const pair = toyPair({ seed: 5, agreement: 0.7, endTokens: [16], sharpness: 0.4 });

/** A head with made-up weights: its scores are spread over the whole range. */
export const head: JudgeHead = {
  terms: [
    {
      layer: 'last',
      state: 'pre-norm',
      row: 'own',
      weights: Float32Array.from({ length: pair.target.info.hiddenSize }, (_, i) => 3 * Math.sin(1 + 2 * i)),
    },
  ],
  bias: 0,
  threshold: 0.5,
  hiddenSize: pair.target.info.hiddenSize,
  provenance: {
    model: pair.target.info.name,
    fingerprint: pair.target.info.fingerprint,
    dtype: pair.target.info.dtype,
    data: 'made up',
    metrics: {},
    calibration: [],
  },
};

/** Ids as letters; one is half a character, and one special. */
export const pieces: PieceSource = {
  specialTokens: pair.target.info.specialTokens,
  bytesOf: (id) => (id === 7 ? Uint8Array.of(0xc3) : new TextEncoder().encode(` t${id}`)),
  vocabulary: (id) => `<${id}>`,
};

/** One generation of the toy pair, traced. */
export async function toyTrace(
  verify: RuleSpec,
  {
    sampling = GREEDY,
    seed = 0,
    maxTokens = 60,
  }: { sampling?: SamplingOptions; seed?: number; maxTokens?: number } = {},
): Promise<Trace> {
  const { target, draft } = pair as { target: Model; draft: Model };
  const prompt = [3, 1, 4, 1 + seed];
  const sessions = [await target.openSession(), await draft.openSession()] as const;
  const rounds = [];
  let finish = 'length';
  for await (const round of generate({
    model: target.info,
    target: sessions[0],
    draft: draftSession(draft, sessions[1]),
    rule: watched(buildRule(verify, { sampling, head })),
    prompt,
    draftLength: 5,
    maxTokens,
    sampling,
    seed,
  })) {
    rounds.push(tracedRound(round));
    finish = round.finish?.reason ?? finish;
  }
  await Promise.all(sessions.map((session) => session.dispose()));
  return makeTrace(
    {
      target: tracedModel('target', target.info),
      draft: tracedModel('draft', draft.info),
      backend: 'toy',
      threads: 'auto',
      prefill: 'exact',
      verify,
      head: { file: 'head.safetensors', sha256: '', threshold: head.threshold },
      sampling,
      seed,
      stop: [],
      guards: {},
      maxTokens,
      prompt,
      rounds,
      finish,
      text: '',
    },
    pieces,
  );
}
