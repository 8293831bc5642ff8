import type { ModelInfo, OutputRequest, TokenId } from '../backend.ts';
import type { DraftRequest, DraftSource } from '../drafts/draft.ts';
import { type DraftLength, fixedLength } from '../drafts/draft-length.ts';
import { invalidOption, JudgeDecodingError } from '../errors.ts';
import { checkHead } from '../judge/judge-head.ts';
import { type Guards, guardsFor, UNGUARDED } from '../rules/guards.ts';
import { forModel, type Rule, unite } from '../rules/rule.ts';
import { strict } from '../rules/strict.ts';
import type { Uniform } from '../sampling/random.ts';
import {
  adjustsLogits,
  checkSampling,
  GREEDY,
  penalises,
  type SamplingOptions,
} from '../sampling/sampling.ts';
import { type CachedText, cachedText } from './cached-text.ts';
import { checkOptions } from './check-options.ts';
import { checkAdaptive, checkRule } from './check-rule.ts';
import type { Limits } from './commit.ts';
import { type DeviceRounds, deviceRounds } from './device-round.ts';
import type { GenerateOptions } from './options.ts';
import { NO_STATS, type Stats } from './stats.ts';
import { type StopMatcher, stopMatcher } from './stop.ts';

/** Tokens a round drafts unless told otherwise. */
const DEFAULT_DRAFT_LENGTH = 8;

/** A generation's options, checked and completed. */
export interface Plan {
  readonly cache: CachedText;
  readonly draft: DraftSource | undefined;
  readonly rule: Rule;
  readonly guards: Guards;
  readonly draftLength: DraftLength;
  readonly sampling: SamplingOptions;
  /** What every target pass returns. */
  readonly request: OutputRequest;
  /** Where the target's device decides rounds itself; `request` is then what it returns beside. */
  readonly device: DeviceRounds | undefined;
  readonly stopped: StopMatcher;
  readonly stats: Stats;
  readonly now: () => number;
  /** Tokens the next round may draft. */
  readonly roomFor: (text: readonly TokenId[]) => number;
  readonly ask: (text: readonly TokenId[], count: number, uniform: Uniform) => DraftRequest;
  readonly limits: (text: readonly TokenId[]) => Limits;
  /** Tokens in the target's cache at the longest text: its last token is not read. */
  readonly longest: number;
  /** Final notes of the statistics. */
  readonly close: (stats: Stats) => Stats;
}

/** Everything that can be refused is refused here, before anything runs. */
export function plan(options: GenerateOptions): Plan {
  checkOptions(options);
  const { model, prompt, draft, stop = {}, guards: guardOptions, bonus = true } = options;
  checkSampling(options.sampling ?? GREEDY, model.vocabSize);
  const sampling = withPrompt(options);
  const rule = forModel(options.rule ?? strict(sampling), model);
  checkRule(rule, sampling, draft);
  const { length: most, whenUsedUp } = checkLengths(options);
  checkDraft(draft, model.fingerprint.tokenizer);
  const draftLength = lengthOf(options, rule, sampling);
  const stopped = stopMatcher(stop);
  const guards = guardOptions === 'off' ? UNGUARDED : guardsFor(model, stop, stopped, guardOptions);
  const notices = (rule.admission?.heads ?? []).flatMap((head) => checkHead(head, model, options));
  const endTokens = new Set(model.endTokens);
  const stopTokens = new Set(stop.tokens ?? []);
  const distributions =
    rule.base.needs.draft !== 'nothing' || (rule.admission?.needs.draft ?? 'nothing') !== 'nothing';
  const remaining = (text: readonly TokenId[]) => most - (text.length - prompt.length);
  let outgrown = false;

  const cache = 'session' in options.target ? options.target : cachedText(options.target);
  const device = deviceRounds(rule, beliefsOf(rule, guards), sampling, cache.session);

  return {
    cache,
    device,
    draft,
    rule,
    guards,
    draftLength,
    sampling,
    request: within(model.vocabSize, device?.outputs ?? requestOf(rule, guards, sampling)),
    stopped,
    stats: { ...NO_STATS, generations: 1, placements: { [placement(model, draft)]: 1 }, notices },
    now: options.now ?? (() => 0),
    roomFor(text) {
      if (draft === undefined) return 0;
      // the draft holds the text and all it proposes but the last token
      const draftRoom = (draft.contextLength ?? Number.POSITIVE_INFINITY) - text.length + 1;
      if (draftRoom < 1) outgrown = true;
      return Math.max(0, Math.min(remaining(text), draftRoom));
    },
    ask: (text, count, uniform) => ({
      text,
      count,
      sampling,
      distributions,
      keep: device !== undefined,
      signal: options.signal,
      endTokens: [...endTokens, ...stopTokens],
      uniforms: Float64Array.from({ length: count }, (_, i) => uniform(text.length + i, 'draft')),
    }),
    longest: prompt.length + most - 1,
    limits: (text) => ({
      endTokens,
      stopTokens,
      remaining: remaining(text),
      whenUsedUp,
      withholdBonus: !bonus,
    }),
    close(stats) {
      const reason =
        draftLength.off ??
        (outgrown ? `the text outgrew the draft’s context of ${draft?.contextLength} tokens` : undefined);
      return reason === undefined ? stats : { ...stats, speculationOff: { [reason]: 1 } };
    },
  };
}

const placement = ({ device }: ModelInfo, draft: DraftSource | undefined): string =>
  draft?.device === undefined ? device : `${device}, draft ${draft.device}`;

/** What penalties have to know of the prompt; the same for target and draft. */
function withPrompt({ sampling = GREEDY, prompt, model, stop }: GenerateOptions): SamplingOptions {
  if (!penalises(sampling)) return sampling;
  const uncountedInPrompt = [...model.specialTokens, ...model.endTokens, ...(stop?.tokens ?? [])];
  // a round that is asked again stands behind what was written before it
  return { promptLength: prompt.length, uncountedInPrompt, ...sampling };
}

/** What the admission and its guards look at, beside the target's most likely token. */
function beliefsOf({ admission }: Rule, guards: Guards): OutputRequest {
  const { argmax: _, ...guardBelief } = admission ? guards.needs : {};
  return unite(admission?.needs.target ?? {}, guardBelief);
}

/**
 * The union of what base, admission and guards need. Under sampling all beliefs are processed on
 * the host from raw logits; under greedy decoding with logit processors only the base's are.
 */
function requestOf(rule: Rule, guards: Guards, sampling: SamplingOptions): OutputRequest {
  const { base, admission } = rule;
  const sampled = sampling.temperature > 0;
  const { argmax } = admission ? guards.needs : {};
  const forTarget = unite(base.needs.target, argmax ? { argmax } : {});
  const forBelief = beliefsOf(rule, guards);
  const logits: OutputRequest = { logits: true };
  const judge: OutputRequest = forBelief.judge ? { judge: forBelief.judge } : {};
  return unite(sampled || adjustsLogits(sampling) ? logits : forTarget, sampled ? judge : forBelief);
}

/** The hundred likeliest of fifty tokens are those fifty. */
function within(vocabSize: number, request: OutputRequest): OutputRequest {
  return request.top === undefined ? request : { ...request, top: Math.min(request.top, vocabSize) };
}

function checkLengths({ model, prompt, maxTokens }: GenerateOptions): {
  length: number;
  whenUsedUp: 'length' | 'context';
} {
  if (prompt.length === 0) {
    throw new JudgeDecodingError(
      'invalid-input',
      'Expected a prompt of at least one token, got none. Begin with the model’s begin-of-text token, or with some text.',
    );
  }
  if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && maxTokens >= 1)) {
    throw invalidOption('maxTokens', 'a whole number of at least 1', maxTokens);
  }
  const room = model.contextLength - prompt.length;
  if (room < 1) {
    throw new JudgeDecodingError(
      'context-full',
      `The prompt has ${prompt.length} tokens, ${model.name} holds ${model.contextLength}. Shorten the prompt, or open the model with a longer context.`,
    );
  }
  return maxTokens !== undefined && maxTokens <= room
    ? { length: maxTokens, whenUsedUp: 'length' }
    : { length: room, whenUsedUp: 'context' };
}

function checkDraft(draft: DraftSource | undefined, tokenizer: string): void {
  if (draft?.tokenizer === undefined || draft.tokenizer === tokenizer) return;
  throw new JudgeDecodingError(
    'mismatch',
    `The draft ${draft.name} has the tokenizer ${draft.tokenizer.slice(0, 12)}, the target ${tokenizer.slice(0, 12)}. Use two models of one family.`,
  );
}

function lengthOf(
  { draftLength = DEFAULT_DRAFT_LENGTH, allowAdaptive = false, model, guards }: GenerateOptions,
  rule: Rule,
  sampling: SamplingOptions,
): DraftLength {
  const control = typeof draftLength === 'number' ? fixedLength(draftLength) : draftLength;
  if (control.adaptive && !allowAdaptive) checkAdaptive(rule, { sampling, model, guards });
  return control;
}
