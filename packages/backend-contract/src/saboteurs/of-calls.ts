import {
  type ForwardOutputs,
  JudgeDecodingError,
  type OutputRequest,
  type Session,
  type TokenId,
} from '@judge-decoding/core';
import { toyBackendOver } from '../toy/backend.ts';
import { emptyRow, type ToyCache, type ToyNet } from '../toy/net.ts';
import { faultyModels, faultySessions, type Saboteur } from './saboteur.ts';

/** Faults in what calls refuse, remember and free. */
export const callSaboteurs: readonly Saboteur[] = [
  {
    name: 'accepts-nothing-to-read',
    fault: 'a pass over no tokens returns empty arrays',
    breaks: ['forward/empty-refused', 'batch/all-or-nothing'],
    backend: () =>
      faultySessions((session) => ({
        async forward(tokens, request) {
          return tokens.length === 0 ? { argmax: new Int32Array(0) } : session.forward(tokens, request);
        },
      })),
  },
  {
    name: 'accepts-bad-tokens',
    fault: 'reads an id outside the vocabulary as some other token',
    breaks: ['forward/bad-token', 'batch/all-or-nothing'],
    backend: () =>
      faultySessions((session, { info }) => ({
        forward: (tokens, request) =>
          session.forward(
            tokens.map((token) => Math.abs(Math.trunc(token || 0)) % info.vocabSize),
            request,
          ),
      })),
  },
  {
    name: 'moves-cache-on-error',
    fault: 'has read the good tokens by the time it refuses the bad one',
    breaks: ['forward/bad-token'],
    backend: () =>
      faultySessions((session, { info }) => readsBeforeRefusing(session, (token) => token < info.vocabSize)),
  },
  {
    name: 'clamps-bad-requests',
    fault: 'makes a request that cannot be into one that can',
    breaks: ['forward/bad-request'],
    backend: () =>
      faultySessions((session, { info }) => ({
        forward: (tokens, request) =>
          session.forward(
            tokens,
            request.top === undefined
              ? request
              : { ...request, top: Math.max(1, Math.min(info.vocabSize, Math.floor(request.top))) },
          ),
      })),
  },
  {
    name: 'fills-before-refusing',
    fault: 'past the context limit it has read what fits by the time it refuses',
    breaks: ['forward/limit', 'batch/all-or-nothing'],
    backend: () =>
      faultySessions((session, { info }) =>
        readsBeforeRefusing(session, (_, index) => session.length + index < info.contextLength),
      ),
  },
  {
    name: 'allows-overlap',
    fault: 'queues overlapping calls in place of refusing them',
    breaks: ['forward/one-at-a-time'],
    backend: () =>
      faultySessions((session) => {
        let last: Promise<unknown> = Promise.resolve();
        return {
          forward(tokens, request): Promise<Partial<ForwardOutputs>> {
            const next = last.then(() => session.forward(tokens, request));
            last = next.catch(() => undefined);
            return next;
          },
        };
      }),
  },
  {
    name: 'reuses-buffers',
    fault: 'returns views of one buffer per session',
    breaks: ['forward/owns-its-buffers'],
    backend: () =>
      faultySessions((session) => {
        const buffer = new Float32Array(1 << 14);
        return {
          async forward(tokens, request): Promise<Partial<ForwardOutputs>> {
            const outputs: Partial<ForwardOutputs> = await session.forward(tokens, request);
            if (!outputs.logits) return outputs;
            buffer.set(outputs.logits);
            return { ...outputs, logits: buffer.subarray(0, outputs.logits.length) };
          },
        };
      }),
  },
  {
    name: 'allows-any-truncate',
    fault: 'cuts to the nearest length there is',
    breaks: ['truncate/range'],
    backend: () =>
      faultySessions((session) => ({
        truncate: (length) =>
          session.truncate(Math.max(0, Math.min(session.length, Math.trunc(length) || 0))),
      })),
  },
  {
    name: 'keeps-truncated-state',
    fault: 'what was cut away is still read, and what follows comes after it',
    breaks: [
      'open/isolation',
      'forward/limit',
      'forward/owns-its-buffers',
      'truncate/forgets',
      'truncate/again-and-again',
      'truncate/to-zero',
      'propose/ends-at-end-token',
      'propose/forgets',
      'speculative/equals-plain',
      'speculative/rollback',
      'judge/same-decisions',
      'verify/feeds',
    ],
    backend: () => toyBackendOver((net) => withCache(net, countingCache)),
  },
  {
    name: 'appends-after-truncate',
    fault:
      'what follows a truncation does not overwrite what was cut away, so it is read from the second token on',
    breaks: [
      'truncate/forgets',
      'truncate/again-and-again',
      'truncate/to-zero',
      'propose/forgets',
      'speculative/equals-plain',
      'speculative/rollback',
      'judge/same-decisions',
      'verify/feeds',
    ],
    backend: () => toyBackendOver((net) => withCache(net, (cache) => stubbornCache(net, cache, () => true))),
  },
  {
    name: 'keeps-the-first-token',
    fault: 'the first row a session ever read is never overwritten',
    breaks: ['truncate/to-zero'],
    backend: () =>
      toyBackendOver((net) =>
        withCache(net, (cache) => stubbornCache(net, cache, (position) => position === 0)),
      ),
  },
  {
    name: 'works-after-dispose',
    fault: 'a disposed session goes on',
    breaks: ['dispose/final', 'batch/all-or-nothing'],
    backend: () => faultySessions(() => ({ dispose: async () => undefined })),
  },
  {
    name: 'leaves-sessions-open',
    fault: 'disposing a model leaves its sessions working',
    breaks: ['dispose/model-closes-sessions'],
    backend: () => faultyModels(() => ({ dispose: async () => undefined })),
  },
  leaksMemory(),
  {
    name: 'batch-in-its-own-order',
    fault: 'results of a pass over several sessions come last session first',
    breaks: ['batch/equals-single', 'batch/outputs'],
    backend: () =>
      faultyModels(() => ({
        forward: async (passes, _, sound) => [...(await sound(passes))].reverse(),
      })),
  },
  {
    name: 'batch-chosen-is-off',
    fault: 'in a pass over several sessions, chosen is reckoned from the rows of all of them in a line',
    breaks: ['batch/outputs'],
    backend: () =>
      faultyModels(() => ({
        async forward(passes, _, sound) {
          const results = await sound(passes);
          const line = results.flatMap(({ chosen = [] }) => Array.from(chosen));
          return results.map((result) =>
            result.chosen ? { ...result, chosen: result.chosen.map((__, row) => line[row]!) } : result,
          );
        },
      })),
  },
  {
    name: 'batch-one-by-one',
    fault: 'some sessions have moved by the time another is refused',
    breaks: ['batch/all-or-nothing'],
    backend: () =>
      faultyModels(() => ({
        async forward(passes, _, sound) {
          const results: Partial<ForwardOutputs>[] = [];
          for (const pass of passes) results.push(...(await sound([pass])));
          return results.length > 0 ? results : sound([]);
        },
      })),
  },
];

/** Feeds the leading tokens that `good` likes and then refuses as the sound session does. */
function readsBeforeRefusing(session: Session, good: (token: TokenId, index: number) => boolean) {
  return {
    async forward(tokens: readonly TokenId[], request: OutputRequest): Promise<Partial<ForwardOutputs>> {
      try {
        return await session.forward(tokens, request);
      } catch (error) {
        const bad = tokens.findIndex((token, index) => !good(token, index));
        if (bad > 0 && !JudgeDecodingError.is(error, 'busy')) await session.forward(tokens.slice(0, bad), {});
        throw error;
      }
    },
  };
}

function leaksMemory(): Saboteur {
  let bytes = 0;
  return {
    name: 'leaks-memory',
    fault: 'a disposed session keeps its cache',
    breaks: ['dispose/frees'],
    memoryInUse: () => bytes,
    backend: () =>
      faultySessions(() => {
        bytes += 1 << 20;
        return {};
      }),
  };
}

function withCache(net: ToyNet, change: (cache: ToyCache) => ToyCache): ToyNet {
  return { ...net, openCache: () => change(net.openCache()) };
}

/** Goes by how many tokens it has read, not by the position it is told. */
function countingCache(cache: ToyCache): ToyCache {
  let count = 0;
  return {
    read(_, token, row) {
      cache.read(count, token, row);
      count += 1;
    },
  };
}

/** A row that `keeps` says so about is written once: what is read there later is gone after its own row. */
function stubbornCache(net: ToyNet, cache: ToyCache, keeps: (position: number) => boolean): ToyCache {
  const first: TokenId[] = [];
  const scratch = emptyRow(net);
  return {
    read(position, token, row) {
      cache.read(position, token, row);
      const stale = first[position];
      if (stale === undefined) first[position] = token;
      else if (keeps(position)) cache.read(position, stale, scratch);
    },
  };
}
