import { stopConditions } from '@judge-decoding/checkpoint';
import {
  adaptiveLength,
  asksHead,
  buildRule,
  cachedText,
  type DraftLength,
  type DraftSource,
  draftSession,
  type GenerateOptions,
  isLossless,
  JudgeDecodingError,
  type JudgeHead,
  ngramLookup,
  type Rule,
  type RuleRow,
  type SamplingOptions,
  sayRule,
} from '@judge-decoding/core';
import { checkAuto, checkVerify } from '../options/check-verify.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import { checkBias, type SamplingFlags, samplingOf } from '../options/sampling-flags.ts';
import type { TextFlags } from '../options/text-flags.ts';
import type { Verification } from '../options/verify-flags.ts';
import { MAKES_HEADS } from '../pair/makes-heads.ts';
import { type MeasureOptions, measuredCosts } from '../pair/measured-costs.ts';
import type { Pair } from '../pair/open-pair.ts';
import { FAST_PREFILL_SAID } from '../pair/prefill.ts';
import { readHeadFile } from '../pair/read-head-file.ts';
import { requireEmbeddedPair } from '../pocket/embedded-pair.ts';
import type { Terminal } from '../terminal.ts';

/** Everything about a generation but its prompt, checked against the pair. */
export interface Setup {
  readonly pair: Pair;
  readonly verification: Verification;
  readonly rule: Rule;
  readonly head: JudgeHead | undefined;
  readonly sampling: SamplingOptions;
  readonly seed: number;
  readonly stop: readonly string[];
  readonly maxTokens: number | undefined;
  readonly draftLength: number | 'auto';
  /** As a person would write the rule. */
  readonly verifySaid: string;
  /** False where the text can differ from the target’s own. */
  readonly lossless: boolean;
  /** Why the text may part from the one that other passes write; absent where it does not. */
  readonly mayPart: string | undefined;
}

/** What is known, and checked, before any model is opened. */
export type Plan = Pick<Setup, 'verification' | 'rule' | 'head' | 'sampling'>;

export async function planOf(
  verification: Verification,
  flags: SamplingFlags & Pick<ModelFlags, 'target' | 'draft'>,
  env: Terminal['env'],
  rules: readonly RuleRow[],
): Promise<Plan> {
  const sampling = samplingOf(flags);
  const beside = {
    temperature: sampling.temperature,
    isLookup: (flags.draft ?? verification.draft) === 'ngram',
  };
  checkVerify(verification.spec, beside, rules);
  // without models of their own there is nothing that a head could fit
  const embedded = flags.target === undefined ? await requireEmbeddedPair(env) : undefined;
  const head = await headOf(verification, embedded?.head, rules);
  const rule = buildRule(verification.spec, { sampling, head }, rules);
  checkAuto(rule, verification, sampling);
  return { verification, sampling, head, rule };
}

export function setUp(
  pair: Pair,
  plan: Plan,
  flags: SamplingFlags & TextFlags & Pick<ModelFlags, 'prefill'>,
): Setup {
  const { verification, rule, sampling } = plan;
  checkBias(sampling, pair.target.model.info.vocabSize);
  const draftLength = verification.draftLength ?? defaultDraftLength(rule, sampling);
  return {
    ...plan,
    pair,
    seed: flags.seed ?? 0,
    stop: flags.stop ?? [],
    maxTokens: flags.maxTokens,
    draftLength,
    verifySaid: sayRule(verification.spec),
    lossless: isLossless(rule, {
      sampling,
      model: pair.target.model.info,
      draftLength: pair.draft === 'none' ? 0 : draftLength === 'auto' ? undefined : draftLength,
      guards: verification.guards,
    }),
    mayPart: flags.prefill === 'fast' ? FAST_PREFILL_SAID : mayPart(pair),
  };
}

/** float32 sums differ in last bits, too, but then no rounding makes more of them. */
function mayPart({ target, draft }: Pair): string | undefined {
  const { exact, dtype } = target.model.info;
  if (exact === true || dtype === 'fp32') return undefined;
  return draft === 'none'
    ? 'Weights of few bits, and passes that are not exact: with a draft or --compare, which make them so, the text can take another turn at a near tie. --exact writes that text without them.'
    : 'Weights of few bits, and passes that are not exact: where the two likeliest tokens nearly tie, the text can part from plain decoding’s. --exact, the default with a draft, keeps it to the letter.';
}

async function headOf(
  { spec, head }: Verification,
  embedded: string | undefined,
  rules: readonly RuleRow[],
): Promise<JudgeHead | undefined> {
  if (!asksHead(spec, rules)) return undefined;
  const file = head ?? embedded;
  if (file !== undefined) return readHeadFile(file);
  throw new JudgeDecodingError(
    'invalid-option',
    `Expected a head for --verify ${sayRule(spec)}, got none. Name one with --head FILE, fit one with ${MAKES_HEADS}, or use --verify strict.`,
  );
}

/** Sessions that live as long as the command: their caches serve the next turn. */
export interface Sessions {
  readonly target: ReturnType<typeof cachedText>;
  readonly draft: DraftSource | undefined;
  dispose(): Promise<void>;
}

export async function openSessions({
  pair: { target, draft },
  verification: { lookup },
}: Pick<Setup, 'pair' | 'verification'>): Promise<Sessions> {
  const targetSession = await target.model.openSession();
  if (draft === 'none' || draft === 'ngram') {
    return {
      target: cachedText(targetSession),
      draft: draft === 'none' ? undefined : ngramLookup(lookup),
      dispose: () => targetSession.dispose(),
    };
  }
  const session = await draft.model.openSession();
  return {
    target: cachedText(targetSession),
    draft: draftSession(draft.model, session),
    async dispose() {
      await Promise.all([targetSession.dispose(), session.dispose()]);
    },
  };
}

/** What core is asked to do, but for prompt, signal and clock. */
export function generateOptionsOf(
  setup: Setup,
  sessions: Sessions,
  draftLength: number | DraftLength,
): Omit<GenerateOptions, 'prompt'> {
  const { pair, rule, sampling, seed, stop, maxTokens, verification } = setup;
  const { tokenizer } = pair.target;
  return {
    model: pair.target.model.info,
    target: sessions.target,
    draft: sessions.draft,
    rule,
    sampling,
    seed,
    draftLength,
    ...(maxTokens === undefined ? {} : { maxTokens }),
    stop: stopConditions(tokenizer, stop),
    guards: verification.guards,
    allowOtherWeights: verification.allowOtherWeights,
  };
}

/** What is said meanwhile. */
export const MEASURING = 'measuring what passes cost here (first use of this pair)';

/** A fixed length, or a controller fed with costs that were measured once and kept. */
export async function draftLengthOf(
  { pair, draftLength }: Setup,
  expected: { readonly promptTokens: number; readonly expectedTokens: number },
  options: MeasureOptions,
): Promise<number | DraftLength> {
  if (pair.draft === 'none') return 0;
  if (draftLength !== 'auto') return draftLength;
  const costs = await measuredCosts(pair, options);
  return adaptiveLength({ costs, ...expected });
}

/** Rules that let more in earn long drafts. */
const LENIENT_DRAFT_LENGTH = 16;
const STRICT_DRAFT_LENGTH = 8;

/** Adapts where the text does not depend on it; elsewhere the same seed must give the same rounds. */
function defaultDraftLength(rule: Rule, sampling: SamplingOptions): number | 'auto' {
  if (rule.admission !== undefined) return LENIENT_DRAFT_LENGTH;
  return sampling.temperature === 0 && rule.base.lossless ? 'auto' : STRICT_DRAFT_LENGTH;
}
