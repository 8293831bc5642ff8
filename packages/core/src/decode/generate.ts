import type { TokenId } from '../backend.ts';
import type { Draft } from '../drafts/draft.ts';
import { probabilityOf } from '../judge/judge-head.ts';
import type { Round, Rule, TokenSource } from '../rules/rule.ts';
import { uniformsOf } from '../sampling/random.ts';
import { throwIfAborted } from './abort.ts';
import type { CachedText } from './cached-text.ts';
import { commit, type Finish } from './commit.ts';
import type { GenerateOptions } from './options.ts';
import { type Plan, plan } from './plan.ts';
import { byModel, type ModelReadBacks, readBacksSince, record, type Stats } from './stats.ts';
import { targetPass } from './target-pass.ts';
import { verify } from './verify.ts';

/** A committed token, and who let it in. */
export interface CommittedToken {
  readonly id: TokenId;
  readonly source: TokenSource;
  /** The judge's score in [0, 1], for accepted tokens where there is a judge. */
  readonly score?: number;
}

/** What one round did. */
export interface RoundResult {
  readonly tokens: readonly CommittedToken[];
  /** Judge scores of all drafted tokens, empty without a judge. */
  readonly scores: readonly number[];
  /** All that the rule could see. */
  readonly round: Round;
  /** The generation's statistics so far, for those who stop in the middle. */
  readonly stats: Stats;
  readonly finish?: Finish;
}

/** A finished generation. */
export interface Generation {
  readonly tokens: readonly TokenId[];
  /** Who let each of them in, in the same order. */
  readonly sources: readonly TokenSource[];
  readonly finish: Finish;
  readonly stats: Stats;
  /** For the next turn: holds the text but its last token. */
  readonly target: CachedText;
}

/**
 * Decodes round by round: draft, verify in one target pass, commit, roll back. Before the first
 * round both models read the prompt but its last token: that token opens the first round, and none
 * comes from the prefill. Without a draft source every round commits one token: plain decoding.
 *
 * Errors: `invalid-option`, `mismatch` (a head or a draft of another model), `context-full` (a
 * prompt that leaves no room), `aborted`. The sessions stay usable after each of them.
 */
export async function* generate(
  options: GenerateOptions,
): AsyncGenerator<RoundResult, Generation, undefined> {
  const planned = plan(options);
  const { cache, draft, rule, guards, draftLength, stopped, limits, now } = planned;
  const { prompt, seed = 0, signal } = options;
  const text: TokenId[] = [...prompt];
  const from: TokenSource[] = [];
  const lap = stopwatch(now);
  let { stats } = planned;

  cache.session.expectEnd?.(planned.longest);
  await cache.follow(text, options.model.prefillChunk, signal);
  let prefill = lap();

  for (;;) {
    throwIfAborted(signal);
    lap(); // what the consumer did since the last round is not ours
    const readBefore = readBacksOf(planned);
    const uniform = uniformsOf(seed, text.length);

    const count = draft ? Math.min(draftLength.next(), planned.roomFor(text)) : 0;
    const proposed = count > 0 ? await draft!.propose(planned.ask(text, count, uniform)) : NO_DRAFT;
    const drafting = lap();

    const { round, decidedBy } = await targetPass(planned, text, proposed, options.model.vocabSize, uniform);
    const verifying = lap();

    const verdict = verify(round, decidedBy, guards);
    const { tokens, sources, finish, ...kept } = commit(round.draft, verdict, limits(text), stopped);
    text.push(...tokens);
    from.push(...sources);
    cache.truncate(text.length - 1);
    if (count > 0) draftLength.observe(round.draft.length, verdict.sources.length);

    const scores = scoresOf(round, rule);
    const decided = scores.slice(0, verdict.sources.length + 1);
    const times = { prefill, draft: drafting, verify: verifying, rest: lap() };
    const readBacks = readSince(readBacksOf(planned), readBefore);
    stats = record(stats, {
      drafted: round.draft.length,
      sources,
      scores: decided,
      times,
      readBacks,
      ...kept,
    });
    prefill = 0;
    yield { tokens: label(tokens, sources, scores), scores, round, stats, ...(finish ? { finish } : {}) };
    if (finish) {
      const written = text.slice(prompt.length);
      return { tokens: written, sources: from, finish, stats: planned.close(stats), target: cache };
    }
  }
}

const NO_DRAFT: Draft = { tokens: [] };

const readBacksOf = ({ cache, draft }: Plan): ModelReadBacks =>
  byModel(cache.session.readBacks, draft?.readBacks);

function readSince(now: ModelReadBacks, before: ModelReadBacks): ModelReadBacks | undefined {
  const since = byModel(readBacksSince(now.target, before.target), readBacksSince(now.draft, before.draft));
  return since.target || since.draft ? since : undefined;
}

/** Milliseconds since it was last asked. */
function stopwatch(now: () => number): () => number {
  let last = now();
  return () => {
    const since = last;
    last = now();
    return last - since;
  };
}

/** Runs a generation to its end. */
export async function complete(options: GenerateOptions): Promise<Generation> {
  const rounds = generate(options);
  for (;;) {
    const { done, value } = await rounds.next();
    if (done) return value;
  }
}

function scoresOf(round: Round, { admission }: Rule): readonly number[] {
  const logit = admission?.logit;
  return logit ? round.draft.map((_, index) => probabilityOf(logit(round, index))) : [];
}

function label(
  tokens: readonly TokenId[],
  sources: readonly TokenSource[],
  scores: readonly number[],
): readonly CommittedToken[] {
  return tokens.map((id, i) => {
    const source = sources[i]!;
    const score = source === 'recovered' || source === 'bonus' ? undefined : scores[i];
    return score === undefined ? { id, source } : { id, source, score };
  });
}
