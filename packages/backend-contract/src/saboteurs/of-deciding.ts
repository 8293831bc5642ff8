import { hostDistributions, type VerifyRequest } from '@judge-decoding/core';
import { faultySessions, type Saboteur } from './saboteur.ts';

/** Faults in rounds that the device decides. */
export const decidingSaboteurs: readonly Saboteur[] = [
  {
    name: 'verify-ignores-uniforms',
    fault: 'accepts with numbers of its own',
    breaks: ['verify/equals-core'],
    backend: () =>
      changedRound(({ uniforms, ...request }) => ({
        ...request,
        uniforms: { ...uniforms, accept: uniforms.accept.map((uniform) => (uniform + 0.5) % 1) },
      })),
  },
  {
    name: 'verify-takes-the-draft-as-certain',
    fault: 'the draft’s distributions are not looked at',
    breaks: ['verify/equals-core', 'verify/refused'],
    backend: () => changedRound(({ draft, ...request }) => request),
  },
  {
    name: 'verify-penalises-the-text-only',
    fault: 'penalties do not see the tokens drafted before',
    breaks: ['verify/equals-core'],
    backend: () =>
      changedRound(({ options, ...request }) => ({
        ...request,
        options: { ...options, repetitionPenalty: 1, presencePenalty: 0, frequencyPenalty: 0 },
      })),
  },
  {
    name: 'keeps-other-distributions',
    fault: 'what a draft keeps is not what it was drawn from',
    breaks: ['verify/kept'],
    backend: () =>
      faultySessions((session, { info }) => ({
        async propose(tokens, request) {
          const proposed = await session.propose(tokens, request);
          if (proposed.kept === undefined) return proposed;
          const rows = proposed.tokens.length;
          const flat = new Float64Array(rows * info.vocabSize).fill(1 / info.vocabSize);
          return { ...proposed, kept: hostDistributions(flat, rows) };
        },
      })),
  },
  {
    name: 'verify-does-not-read-the-last',
    fault: 'the last drafted token is not in the cache afterwards',
    breaks: ['verify/feeds'],
    backend: () =>
      faultySessions((session) => ({
        async verify(tokens, request) {
          const verified = await session.verify!(tokens, request);
          session.truncate(session.length - 1);
          return verified;
        },
      })),
  },
  {
    name: 'verify-takes-any-history',
    fault: 'decides a round behind a text that is not the session’s',
    breaks: ['verify/refused'],
    backend: () =>
      faultySessions((session) => ({
        verify: (tokens, request) =>
          session.verify!(tokens, { ...request, history: [...request.history.slice(0, -1), tokens[0]!] }),
      })),
  },
];

function changedRound(change: (request: VerifyRequest) => VerifyRequest) {
  return faultySessions((session) => ({
    verify: (tokens, request) => session.verify!(tokens, change(request)),
  }));
}
