import {
  type AbortSignalLike,
  type Costs,
  type DraftSource,
  draftSession,
  type Finish,
  GREEDY,
  generate,
  JudgeDecodingError,
  type MeasureCostsOptions,
  type Model,
  measureCosts,
  merge,
  NO_STATS,
  ngramLookup,
  type RoundResult,
  repeatedToken,
  type SamplingOptions,
  type Session,
  type Stats,
  type TokenId,
} from '@judge-decoding/core';
import type { TaskProblem } from '@judge-decoding/tasks';
import type { Arm } from '../arms/arm.ts';
import { type Named, ruleOf } from '../arms/rule-of.ts';
import { likeliestChoice } from './likeliest-choice.ts';
import { markOf } from './marks.ts';
import { type OutsideDecoder, outsideTimed } from './outside.ts';
import { sharedReadings } from './shared-readings.ts';

/** A target and what drafts for it, with one session each, for one generation after another. */
export interface Decoder {
  decode(arm: Arm, problem: TaskProblem, options?: DecodeOptions): Promise<Timed>;
  readonly target: Model;
  readonly targetSession: Session;
  /** What passes cost, measured on the sessions that decode. */
  costs(options: MeasureCostsOptions): Promise<Costs>;
  dispose(): Promise<void>;
}

/** One answer with its times, in milliseconds. Several turns are one answer, their tokens joined. */
export interface Timed {
  readonly tokens: readonly TokenId[];
  readonly finish: Finish;
  readonly stats: Stats;
  /** Prefill included. */
  readonly milliseconds: number;
  /** Until the first committed token. */
  readonly firstToken: number;
  /** Of each round: how many tokens it committed, and how long it took. */
  readonly rounds: readonly (readonly [tokens: number, milliseconds: number])[];
  /** Who let each token in: a letter a token. */
  readonly marks: string;
  /** Tokens of each turn. */
  readonly turns: readonly number[];
}

/** What one generation is given: a seed of its own, and what gives it up (code `aborted`). */
export interface DecodeOptions {
  readonly seed?: number;
  readonly signal?: AbortSignalLike | undefined;
}

/** Tokens of an answer where nothing else is asked for. */
export const MAX_TOKENS = 420;

/** Models and settings that all generations of a run share. */
export interface DecoderOptions {
  readonly target: Model;
  /** A model, lookup in the text so far, or nothing: then only plain and synthetic arms can be run. */
  readonly draft: Model | 'ngram' | 'none';
  readonly named?: Named;
  readonly maxTokens?: number;
  readonly sampling?: SamplingOptions;
  /** Programs of others that are open, by name. */
  readonly outside?: Readonly<Record<string, OutsideDecoder>> | undefined;
  /** For problems that end at a text. */
  readonly bytesOf?: ((token: TokenId) => Uint8Array) | undefined;
  readonly allowOtherWeights?: boolean | undefined;
  /** Reads every text of a problem once, whichever arm comes to it: see `sharedReadings`. */
  readonly shareReadings?: boolean | undefined;
  /** Milliseconds. */
  readonly now: () => number;
}

/**
 * Every generation starts from empty caches, so that no arm profits from the one before it; but for
 * `shareReadings`, where texts are the same and times mean nothing.
 *
 * @throws JudgeDecodingError `not-found` where an arm names a program that the run was not given, `unsupported` where
 * readings cannot be shared.
 */
export async function openDecoder(options: DecoderOptions): Promise<Decoder> {
  const shared = options.shareReadings
    ? {
        target: sharedReadings(options.target),
        draft: typeof options.draft === 'string' ? options.draft : sharedReadings(options.draft),
      }
    : undefined;
  const target = shared?.target.model ?? options.target;
  const draft = shared === undefined || typeof shared.draft === 'string' ? options.draft : shared.draft.model;
  let current = '';
  const turnTo = ({ id }: TaskProblem) => {
    if (shared === undefined || id === current) return;
    current = id;
    for (const model of Object.values(shared)) if (typeof model !== 'string') model.forget();
  };
  const { named = {}, maxTokens = MAX_TOKENS, sampling = GREEDY, now, bytesOf, outside = {} } = options;
  const targetSession = await target.openSession();
  const draftModel = typeof draft === 'string' ? undefined : draft;
  const draftsSession = await draftModel?.openSession();
  const programOf = (name: string): OutsideDecoder => {
    const found = outside[name];
    if (found !== undefined) return found;
    throw new JudgeDecodingError('not-found', `No program \`${name}\` was given to the run.`);
  };
  const sourceFor = (arm: Arm): DraftSource | undefined => {
    if (arm.decode !== 'speculative') return undefined;
    if (draftModel !== undefined) return draftSession(draftModel, draftsSession!);
    if (draft === 'ngram') return ngramLookup();
    return arm.verify.rule === 'synthetic' ? repeatedToken() : undefined;
  };

  async function turn(arm: Arm, problem: TaskProblem, prompt: readonly TokenId[], asked: DecodeOptions) {
    if (arm.decode === 'outside') {
      const most = Math.min(maxTokens, problem.maxTokens ?? maxTokens);
      return outsideTimed(await programOf(arm.program).decode({ prompt, maxTokens: most }), most);
    }
    targetSession.truncate(0);
    draftsSession?.truncate(0);
    const byDraft = arm.decode === 'plain' && arm.model === 'draft';
    const model = byDraft ? draftModel! : target;
    // what is accepted by chance has no end of its own
    const endless = arm.decode === 'speculative' && arm.verify.rule === 'synthetic';
    const strings = bytesOf === undefined || endless ? [] : (problem.stop ?? []);
    const rounds = generate({
      model: endless ? { ...model.info, endTokens: [] } : model.info,
      target: byDraft ? draftsSession! : targetSession,
      prompt,
      maxTokens: Math.min(maxTokens, problem.maxTokens ?? maxTokens),
      sampling,
      seed: asked.seed ?? 0,
      signal: asked.signal,
      now,
      allowOtherWeights: options.allowOtherWeights,
      ...(strings.length === 0 ? {} : { stop: { strings, bytesOf: bytesOf! } }),
      ...(arm.decode !== 'speculative'
        ? {}
        : {
            draft: sourceFor(arm),
            rule: ruleOf(arm.verify, problem, named, sampling),
            draftLength: arm.draftLength,
            guards: arm.guards,
            bonus: arm.bonus !== 'off',
          }),
    });
    return timed(rounds, now);
  }

  return {
    target,
    targetSession,
    async decode(arm, problem, asked = {}) {
      turnTo(problem);
      if (arm.decode === 'plain' && arm.choose === true) return choose(target, targetSession, problem, now);
      const first = await turn(arm, problem, problem.prompt, asked);
      if (problem.followUp === undefined) return first;
      const answers = [first];
      for (;;) {
        const prompt = problem.followUp(answers.map(({ tokens }) => tokens));
        if (prompt === undefined) return joined(answers);
        answers.push(await turn(arm, problem, prompt, asked));
      }
    },
    costs(asked) {
      targetSession.truncate(0);
      draftsSession?.truncate(0);
      return measureCosts(
        { model: target, session: targetSession },
        draftModel === undefined ? undefined : { model: draftModel, session: draftsSession! },
        now,
        asked,
      );
    },
    async dispose() {
      await targetSession.dispose();
      await draftsSession?.dispose();
    },
  };
}

/** An answer that was chosen, as a row of its own: one pass for each choice. */
async function choose(
  model: Model,
  session: Session,
  problem: TaskProblem,
  now: () => number,
): Promise<Timed> {
  const started = now();
  const { tokens } = await likeliestChoice({ model, session, problem });
  const milliseconds = now() - started;
  const count = tokens.length;
  return {
    tokens,
    finish: { reason: 'length' },
    stats: { ...NO_STATS, generations: 1, rounds: count, bonus: count, committed: count },
    milliseconds,
    firstToken: milliseconds,
    rounds: [[count, milliseconds]],
    marks: 'b'.repeat(count),
    turns: [count],
  };
}

async function timed(generation: ReturnType<typeof generate>, now: () => number): Promise<Timed> {
  const started = now();
  const rounds: (readonly [number, number])[] = [];
  let marks = '';
  let firstToken = Number.NaN;
  let last = started;
  for (;;) {
    const next = await generation.next();
    const at = now();
    if (next.done) {
      const { tokens, finish, stats } = next.value;
      const milliseconds = at - started;
      if (Number.isNaN(firstToken)) firstToken = milliseconds;
      return { tokens, finish, stats, milliseconds, firstToken, rounds, marks, turns: [tokens.length] };
    }
    const { tokens }: RoundResult = next.value;
    if (rounds.length === 0) firstToken = at - started;
    rounds.push([tokens.length, at - last]);
    for (const { source } of tokens) marks += markOf(source);
    last = at;
  }
}

/** Turns are added up: the time until the first token is the first turn's. */
const joined = (turns: readonly Timed[]): Timed => ({
  tokens: turns.flatMap(({ tokens }) => tokens),
  finish: turns.at(-1)!.finish,
  stats: turns.map(({ stats }) => stats).reduce(merge, NO_STATS),
  milliseconds: turns.reduce((sum, one) => sum + one.milliseconds, 0),
  firstToken: turns[0]!.firstToken,
  rounds: turns.flatMap(({ rounds }) => rounds),
  marks: turns.map(({ marks }) => marks).join(''),
  turns: turns.map(({ tokens }) => tokens.length),
});
