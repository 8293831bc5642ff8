import {
  type AbortSignalLike,
  buildRule,
  type CachedText,
  cachedText,
  type DraftSource,
  draftSession,
  GREEDY,
  generate,
  headFor,
  JudgeDecodingError,
  ngramLookup,
  type RoundResult,
  writeHead,
} from '@judge-decoding/core';
import {
  makeTrace,
  pieceOf,
  type Trace,
  type TracedRound,
  tokensIn,
  tracedModel,
  tracedRound,
  watched,
} from '@judge-decoding/trace';
import type { Models } from './models.ts';
import type { RunEnd, RunRequest, RunRound, RunStart } from './protocol.ts';

/** Sessions that stay open between runs: what two texts share is read once. */
export interface Sessions {
  readonly target: CachedText;
  readonly draft: DraftSource;
}

/**
 * On the processor each verified row costs about a millisecond, and what a draft itself is less sure of is seldom let
 * in: drafts end there. On a GPU rows cost next to nothing. Measured by `in-page` of tools/bench.
 */
const LEAST_PROBABILITY_ON_WASM = 0.55;

export async function openSessions({ target, draft }: Models): Promise<Sessions> {
  const ends = target.info.device === 'wasm' ? { leastProbability: LEAST_PROBABILITY_ON_WASM } : {};
  return {
    target: cachedText(await target.openSession()),
    draft: draft === undefined ? ngramLookup() : draftSession(draft, await draft.openSession(), ends),
  };
}

/** One generation, round by round. What was decoded until an abort is kept in the answer. */
export async function run(
  models: Models,
  sessions: Sessions,
  request: RunRequest,
  {
    post,
    signal,
    now,
    breathe,
  }: {
    readonly post: (event: RunStart | RunRound) => void;
    readonly signal: AbortSignalLike;
    readonly now: () => number;
    /** Lets messages in between rounds. */
    readonly breathe: () => Promise<void>;
  },
): Promise<RunEnd> {
  const { tokenizer, target, head } = models;
  const prompt = promptOf(models, request.problem);
  const text = [...prompt, ...(request.after ?? [])];
  const rule = watched(buildRule(request.verify, { sampling: GREEDY, head }));
  const known = new Set<number>();
  const newPieces = (ids: readonly number[]) => {
    const fresh = ids.filter((id) => !known.has(id));
    for (const id of fresh) known.add(id);
    return Object.fromEntries(fresh.map((id) => [id, pieceOf(id, tokenizer)]));
  };
  post({ prompt, pieces: newPieces(text) });

  const plain = request.draftLength === 0;
  const rounds: TracedRound[] = [];
  let last: RoundResult | undefined;
  let finish = 'interrupted';
  const decoding = generate({
    model: target.info,
    target: sessions.target,
    prompt: text,
    ...(plain ? {} : { draft: sessions.draft, draftLength: request.draftLength }),
    rule,
    maxTokens: request.maxTokens,
    signal,
    now,
  });
  try {
    for await (const round of decoding) {
      last = round;
      const traced = tracedRound(round);
      rounds.push(traced);
      finish = round.finish?.reason ?? finish;
      post({ round: traced, pieces: newPieces(tokensIn(traced)), at: elapsedOf(round) });
      await breathe();
    }
  } catch (error) {
    if (!JudgeDecodingError.is(error, 'aborted') || last === undefined) throw error;
  }
  const ids = [...(request.after ?? []), ...rounds.flatMap(({ tokens }) => tokens.map(({ id }) => id))];
  const written = tokenizer.decode(ids);
  return {
    finish,
    text: written,
    stats: last!.stats,
    elapsed: elapsedOf(last!),
    trace: await traceOf(models, request, text, rounds, { finish, text: written }),
  };
}

/** As a conversation where the model has a template for one, else as it is. */
export function promptOf({ tokenizer }: Models, problem: string): readonly number[] {
  const prompt = tokenizer.hasChatTemplate
    ? tokenizer.encodeChat([{ role: 'user', content: problem }])
    : tokenizer.encode(problem, { begin: true });
  if (prompt.length > 0) return prompt;
  throw new JudgeDecodingError('invalid-input', 'Expected a problem, got nothing. Write one, or draw one.');
}

const elapsedOf = ({ stats: { times } }: RoundResult): number => times.draft + times.verify + times.rest;

async function traceOf(
  { target, draft, tokenizer, head, folders }: Models,
  { verify, draftLength, maxTokens }: RunRequest,
  prompt: readonly number[],
  rounds: readonly TracedRound[],
  end: { readonly finish: string; readonly text: string },
): Promise<Trace> {
  return makeTrace(
    {
      target: tracedModel(folders.target, target.info),
      draft:
        draftLength === 0 ? 'none' : draft === undefined ? 'ngram' : tracedModel(folders.draft, draft.info),
      backend: 'webgpu',
      threads: 'auto',
      prefill: 'exact',
      verify,
      ...(head === undefined
        ? {}
        : {
            head: {
              file: folders.head,
              sha256: await digest(writeHead(head)),
              threshold: headFor(head, target.info).threshold,
            },
          }),
      sampling: GREEDY,
      seed: 0,
      stop: [],
      guards: {},
      maxTokens,
      prompt,
      rounds,
      ...end,
    },
    tokenizer,
  );
}

async function digest(bytes: Uint8Array): Promise<string> {
  // a page that came over plain http from elsewhere has no digests; such a trace names no head it could be held to
  if (globalThis.crypto.subtle === undefined) return '';
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
