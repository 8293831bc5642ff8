import {
  drawToken,
  type Proposed,
  type ProposeRequest,
  processLogits,
  type TokenId,
} from '@judge-decoding/core';
import { faultySessions, type Saboteur } from './saboteur.ts';

/** Faults in propose. */
export const draftingSaboteurs: readonly Saboteur[] = [
  {
    name: 'propose-feeds-last-token',
    fault: 'the last token drawn is fed as well',
    breaks: [
      'propose/greedy-equals-forward',
      'propose/sampled-equals-core',
      'propose/ends-at-end-token',
      'propose/limit',
      'speculative/self-draft',
    ],
    backend: () =>
      faultySessions((session) => ({
        async propose(tokens, request) {
          const proposed = await session.propose(tokens, request);
          await session.forward(proposed.tokens.slice(-1), {});
          return proposed;
        },
      })),
  },
  {
    name: 'propose-second-best',
    fault: 'the last token of a longer draft is not the most likely one',
    breaks: ['propose/greedy-equals-forward', 'propose/ends-at-end-token', 'speculative/self-draft'],
    backend: () =>
      faultySessions((session, { info }) => ({
        async propose(tokens, request) {
          const proposed = await session.propose(tokens, request);
          const last = proposed.tokens.length - 1;
          if (last < 3 || request.sampling) return proposed;
          const other = (proposed.tokens[last]! + 1) % info.vocabSize;
          return { ...proposed, tokens: [...proposed.tokens.slice(0, last), other] };
        },
      })),
  },
  {
    name: 'propose-ignores-uniforms',
    fault: 'draws with numbers of its own',
    breaks: ['propose/sampled-equals-core'],
    backend: () =>
      changedRequest(({ sampling, ...request }) =>
        sampling
          ? {
              ...request,
              sampling: { ...sampling, uniforms: sampling.uniforms.map((uniform) => (uniform + 0.5) % 1) },
            }
          : request,
      ),
  },
  {
    name: 'propose-penalises-the-prompt-only',
    fault: 'penalties do not see the tokens drafted before',
    breaks: ['propose/sampled-equals-core', 'verify/equals-core', 'verify/kept'],
    backend: () =>
      faultySessions((session, { info }) => ({
        async propose(tokens, request): Promise<Proposed> {
          const { sampling } = request;
          if (!sampling || sampling.uniforms.length < request.count) return session.propose(tokens, request);
          const drafted: TokenId[] = [];
          const rows: number[] = [];
          const probs: number[] = [];
          let fed = tokens;
          while (drafted.length < request.count) {
            const { logits } = await session.forward(fed, { logits: true });
            const row = logits.slice(-info.vocabSize);
            const processed = processLogits(row, sampling.options, sampling.history);
            rows.push(...row);
            probs.push(...processed);
            fed = [drawToken(processed, sampling.uniforms[drafted.length]!)];
            drafted.push(fed[0]!);
          }
          return {
            tokens: drafted,
            probs: Float64Array.from(probs),
            ...(request.logits ? { logits: Float32Array.from(rows) } : {}),
          };
        },
      })),
  },
  {
    name: 'propose-repeats-logits',
    fault: 'the logits returned are the first row’s, for every row',
    breaks: ['propose/logits', 'propose/sampled-equals-core'],
    backend: () =>
      faultySessions((session, { info }) => ({
        async propose(tokens, request) {
          const proposed = await session.propose(tokens, request);
          const { logits } = proposed;
          return logits
            ? { ...proposed, logits: logits.map((_, index) => logits[index % info.vocabSize]!) }
            : proposed;
        },
      })),
  },
  {
    name: 'propose-passes-end-tokens',
    fault: 'goes on drafting after an end token',
    breaks: ['propose/ends-at-end-token', 'propose/sampled-equals-core'],
    backend: () => changedRequest(({ endTokens, ...request }) => request),
  },
  {
    name: 'propose-keeps-a-draft',
    fault: 'one drafted token survives the truncation after it',
    breaks: ['propose/forgets', 'propose/limit'],
    backend: () =>
      faultySessions((session) => {
        let hidden = 0;
        let drafted = false;
        return {
          length: () => session.length - hidden,
          async propose(tokens, request) {
            const proposed = await session.propose(tokens, request);
            drafted = true;
            return proposed;
          },
          truncate(length) {
            const survivor = drafted && length > 0 && session.length > length + hidden ? 1 : 0;
            session.truncate(length > 0 ? length + hidden + survivor : length);
            hidden = length > 0 ? hidden + survivor : 0;
            drafted = false;
          },
        };
      }),
  },
  {
    name: 'propose-always-drafts',
    fault: 'a draft of no tokens is one of one token',
    breaks: ['propose/refused'],
    backend: () =>
      changedRequest((request) => ({ ...request, count: Math.max(1, Math.ceil(request.count)) })),
  },
  {
    name: 'propose-all-or-nothing',
    fault: 'near the context limit it drafts nothing, although some would fit',
    breaks: ['propose/limit'],
    backend: () =>
      faultySessions((session, { info }) => ({
        async propose(tokens, request) {
          const needed = session.length + tokens.length + request.count - 1;
          // Asking for what cannot fit makes the sound session refuse.
          const asked = needed > info.contextLength ? Array<TokenId>(info.contextLength + 1).fill(1) : tokens;
          return session.propose(tokens.length > 0 ? asked : tokens, request);
        },
      })),
  },
];

function changedRequest(change: (request: ProposeRequest) => ProposeRequest) {
  return faultySessions((session) => ({
    propose: (tokens, request) => session.propose(tokens, change(request)),
  }));
}
