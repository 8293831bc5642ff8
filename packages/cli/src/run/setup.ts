import {
  adaptiveLength,
  cachedText,
  type DraftLength,
  type DraftSource,
  draftSession,
  type GenerateOptions,
  JudgeDecodingError,
  type JudgeHead,
  ngramLookup,
  type Rule,
  type SamplingOptions,
} from '@judge-decoding/core';
import { type SamplingFlags, samplingOf } from '../options/sampling-flags.ts';
import type { TextFlags } from '../options/text-flags.ts';
import type { Verification } from '../options/verify-flags.ts';
import { asksJudge, buildRule, sayVerify } from '../options/verify-spec.ts';
import { measuredCosts } from '../pair/measured-costs.ts';
import type { Pair } from '../pair/open-pair.ts';
import { readHeadFile } from '../pair/read-head-file.ts';

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
  /** As a person would write the rule. */
  readonly verifySaid: string;
  /** False where the text can differ from the target’s own. */
  readonly lossless: boolean;
}

export async function setUp(
  pair: Pair,
  verification: Verification,
  flags: SamplingFlags & TextFlags,
): Promise<Setup> {
  const sampling = samplingOf(flags);
  const head = await headOf(pair, verification);
  const rule = buildRule(verification.spec, { sampling, head });
  return {
    pair,
    verification,
    rule,
    head,
    sampling,
    seed: flags.seed ?? 0,
    stop: flags.stop ?? [],
    maxTokens: flags.maxTokens,
    verifySaid: sayVerify(verification.spec),
    lossless: rule.base.lossless && rule.admission === undefined,
  };
}

async function headOf(pair: Pair, { spec, head }: Verification): Promise<JudgeHead | undefined> {
  if (!asksJudge(spec)) return undefined;
  const file = head ?? pair.embedded?.head;
  if (file !== undefined) return readHeadFile(file);
  throw new JudgeDecodingError(
    'invalid-option',
    `Expected a head for --verify ${sayVerify(spec)}, got none. Name one with --head FILE, fit one with \`judge train fit\`, or use --verify strict.`,
  );
}

/** Sessions that live as long as the command: their caches serve the next turn. */
export interface Sessions {
  readonly target: ReturnType<typeof cachedText>;
  readonly draft: DraftSource | undefined;
  dispose(): Promise<void>;
}

export async function openSessions(
  { target, draft }: Pair,
  { lookup = {} }: { readonly lookup?: Parameters<typeof ngramLookup>[0] } = {},
): Promise<Sessions> {
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
    stop: stop.length === 0 ? {} : { strings: stop, bytesOf: (id) => tokenizer.bytesOf(id) },
    guards: verification.guards,
    allowOtherWeights: verification.allowOtherWeights,
  };
}

/** A fixed length, or a controller fed with costs that were measured once and kept. */
export async function draftLengthOf(
  { pair, verification }: Setup,
  expected: { readonly promptTokens: number; readonly expectedTokens: number },
  now: () => number,
  onMeasure: () => void,
): Promise<number | DraftLength> {
  if (verification.draftLength !== 'auto') return verification.draftLength;
  if (pair.draft === 'none') return 0;
  const costs = await measuredCosts(pair, now, onMeasure);
  return adaptiveLength({ costs, ...expected });
}
