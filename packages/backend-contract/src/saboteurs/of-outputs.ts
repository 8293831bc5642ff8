import type { ForwardOutputs, HeadTerm, HiddenState } from '@judge-decoding/core';
import { entropyOf } from '../row-math.ts';
import { attentionNet } from '../toy/attention-net.ts';
import { toyBackendOver } from '../toy/backend.ts';
import { faultyOutputs, faultyRows, faultySessions, type Saboteur } from './saboteur.ts';

/** Faults in what a pass returns. */
export const outputSaboteurs: readonly Saboteur[] = [
  {
    name: 'drops-first-row',
    fault: 'where argmax alone is asked, the row of the first token is missing',
    breaks: [
      'forward/rows',
      'forward/only-asked',
      'speculative/equals-plain',
      'speculative/self-draft',
      'speculative/rollback',
      'verify/feeds',
    ],
    backend: () =>
      faultyOutputs(({ argmax }, _, request) =>
        Object.keys(request).length > 1 ? {} : { argmax: argmax.slice(1) },
      ),
  },
  {
    name: 'returns-extra-outputs',
    fault: 'returns argmax whether asked or not',
    breaks: ['forward/only-asked', 'verify/feeds'],
    backend: () =>
      faultySessions((session) => ({
        forward: (tokens, request) => session.forward(tokens, { ...request, argmax: true }),
      })),
  },
  {
    name: 'leaks-padding',
    fault: 'logits carry the padding rows of the output matrix',
    breaks: ['forward/only-asked', 'propose/logits', 'propose/sampled-equals-core'],
    backend: () =>
      faultyOutputs(({ logits }) => {
        const padded = new Float32Array(logits.length + 5);
        padded.set(logits);
        return { logits: padded };
      }),
  },
  {
    name: 'last-id-on-tie',
    fault: 'argmax is the highest id among equals',
    breaks: ['forward/argmax-is-argmax-of-logits'],
    backend: () =>
      faultyOutputs(({ argmax, logits }, _, __, { info }) => ({
        argmax: argmax.map((best, row) => {
          const scores = logits.subarray(row * info.vocabSize, (row + 1) * info.vocabSize);
          return scores.lastIndexOf(scores[best]!);
        }),
      })),
  },
  {
    name: 'wrong-chosen-offset',
    fault: 'chosen is about the token that row j itself has read',
    breaks: ['forward/chosen'],
    backend: () =>
      faultyOutputs(({ logits, chosen, top }, tokens, _, { info }) => ({
        chosen: chosen.map((__, row) => logits[row * info.vocabSize + tokens[row]!]! - top.logSumExp[row]!),
      })),
  },
  {
    name: 'normalises-over-the-top',
    fault: 'the normaliser and the entropy are those of the top tokens alone',
    breaks: ['forward/top'],
    backend: () =>
      faultyOutputs(({ top }) => ({
        top: {
          ...top,
          entropy: top.entropy.map((_, row) =>
            entropyOf(top.logProbs.subarray(row * top.count, (row + 1) * top.count), 0),
          ),
        },
      })),
  },
  {
    name: 'forgets-the-largest',
    fault: 'the normaliser is that of the logits less the largest, as a softmax computes it',
    breaks: ['forward/top', 'forward/raw-logits'],
    backend: () =>
      faultyOutputs(({ top, logits }, _, __, { info }) => ({
        top: {
          ...top,
          logSumExp: top.logSumExp.map(
            (value, row) => value - logits[row * info.vocabSize + top.ids[row * top.count]!]!,
          ),
        },
      })),
  },
  {
    name: 'top-in-any-order',
    fault: 'the most likely tokens come in the order of their ids',
    breaks: ['forward/top'],
    backend: () =>
      faultyOutputs(({ top }) => {
        const order = Array.from(top.ids.keys()).sort((left, right) => {
          const row = Math.floor(left / top.count) - Math.floor(right / top.count);
          return row || top.ids[left]! - top.ids[right]!;
        });
        return {
          top: {
            ...top,
            ids: Int32Array.from(order, (index) => top.ids[index]!),
            logProbs: Float32Array.from(order, (index) => top.logProbs[index]!),
          },
        };
      }),
  },
  {
    name: 'post-norm-for-pre-norm',
    fault: 'every hidden state is the post-norm one, that of a layer which is not offered, too',
    breaks: [
      'forward/hidden',
      'forward/layers',
      'forward/judge',
      'numeric/golden-hidden',
      'judge/same-decisions',
    ],
    backend: () =>
      faultySessions((session) => ({
        forward: (tokens, request) =>
          session.forward(
            tokens,
            request.hidden ? { ...request, hidden: request.hidden.map(postNorm) } : request,
          ),
      })),
  },
  {
    name: 'hidden-in-its-own-order',
    fault: 'hidden states come pre-norm first, whatever was asked first',
    breaks: ['forward/hidden'],
    backend: () =>
      faultySessions((session) => ({
        forward: (tokens, request) =>
          session.forward(
            tokens,
            request.hidden ? { ...request, hidden: [...request.hidden].sort().reverse() } : request,
          ),
      })),
  },
  {
    name: 'judges-post-norm',
    fault: 'terms over the pre-norm state are computed over the post-norm one',
    breaks: ['forward/judge', 'judge/same-decisions', 'numeric/golden-judge', 'verify/feeds'],
    backend: () => withTerms((term) => ({ ...term, state: 'post-norm' })),
  },
  {
    name: 'judge-reads-previous-row',
    fault: 'shifts the terms of heads that read the previous row, which is the loop’s business',
    breaks: ['forward/judge', 'judge/same-decisions'],
    backend: () =>
      faultyOutputs(({ judge }, _, { judge: terms = [] }) => ({
        judge: judge.map((dot, index) => {
          const previous = index - terms.length;
          return terms[index % terms.length]!.row === 'previous' && previous >= 0 ? judge[previous]! : dot;
        }),
      })),
  },
  {
    name: 'judges-with-the-first-term',
    fault: 'every column is the first term’s dot product',
    breaks: ['forward/judge', 'judge/same-decisions', 'numeric/golden-judge'],
    backend: () =>
      faultyOutputs(({ judge }, _, { judge: terms = [] }) => ({
        judge: judge.map((__, index) => judge[index - (index % terms.length)]!),
      })),
  },
  {
    name: 'scale-shared-across-rows',
    fault: 'one 4-bit quantisation scale for all rows of a pass',
    breaks: [
      'forward/causal',
      'forward/chunking',
      'forward/exact',
      'numeric/golden-logits',
      'speculative/equals-plain',
      'speculative/self-draft',
      'verify/feeds',
    ],
    backend: () =>
      faultyRows((rows) => {
        if (rows.length === 1) return;
        const scale = Math.max(...rows.flatMap(({ logits }) => Array.from(logits, Math.abs))) / 7;
        for (const { logits } of rows) {
          logits.forEach((logit, id) => {
            logits[id] = Math.round(logit / scale) * scale;
          });
        }
      }),
  },
  {
    name: 'long-passes-are-wrong',
    fault: 'passes of 24 rows or more read their second token as another',
    breaks: ['forward/chunking', 'forward/exact', 'judge/same-decisions'],
    backend: () =>
      faultySessions((session) => ({
        forward: (tokens, request) =>
          session.forward(tokens.length < 24 ? tokens : [tokens[0]!, 1, ...tokens.slice(2)], request),
      })),
  },
  {
    name: 'not-as-exact-as-it-says',
    fault: 'a row alone has other last bits than a row among others, and the model calls itself exact',
    breaks: ['forward/exact'],
    backend: () =>
      faultyRows((rows) => {
        if (rows.length > 1) return;
        for (const { logits } of rows)
          logits.forEach((logit, id) => {
            logits[id] = logit * (1 + 2e-7);
          });
      }),
  },
  {
    name: 'never-twice-the-same',
    fault: 'the last bits depend on how many passes there were',
    breaks: ['forward/causal', 'forward/exact', 'forward/repeatable'],
    backend() {
      let passes = 0;
      return faultyOutputs(({ logits }) => {
        passes += 1;
        return { logits: logits.map((logit) => logit * (1 + 1e-6 * (passes % 7))) };
      });
    },
  },
  {
    name: 'other-weights',
    fault: 'loads the weights of another model',
    breaks: ['numeric/golden-logits', 'numeric/golden-hidden', 'numeric/golden-text', 'numeric/golden-judge'],
    backend: () =>
      toyBackendOver(({ vocabSize: vocab, hiddenSize: hidden }) =>
        attentionNet({ seed: 99, vocab, hidden, sharpness: 0.7, agreement: 1, noiseSeed: 1, ties: true }),
      ),
  },
];

const postNorm = (): HiddenState => 'post-norm';

function withTerms(change: (term: HeadTerm) => HeadTerm) {
  return faultySessions((session) => ({
    forward: (tokens, request): Promise<Partial<ForwardOutputs>> =>
      session.forward(tokens, request.judge ? { ...request, judge: request.judge.map(change) } : request),
  }));
}
