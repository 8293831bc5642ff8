import {
  type AdmissionTree,
  buildRule,
  type CommittedToken,
  commit,
  JudgeDecodingError,
  type Limits,
  partsOf,
  RULES,
  type RuleRow,
  type RuleSpec,
  type TokenId,
  verify,
} from '@judge-decoding/core';
import { notInTraces, rebuiltRound, savedHead } from './rebuilt-round.ts';
import type { Trace } from './trace.ts';

/** What a round would have committed under another rule, its draft being what it was. */
export interface Replanned {
  readonly tokens: readonly CommittedToken[];
  /** Drafted tokens kept. */
  readonly accepted: number;
  /** Whether anything is other than in the trace. */
  readonly differs: boolean;
}

/** The same rule with another threshold for every judge in it. */
export function atThreshold(spec: RuleSpec, threshold: number): RuleSpec {
  const set = (tree: AdmissionTree): AdmissionTree => {
    if ('anyOf' in tree) return { anyOf: tree.anyOf.map(set) };
    if ('allOf' in tree) return { allOf: tree.allOf.map(set) };
    return tree.name === 'judge' ? { ...tree, parameters: [threshold] } : tree;
  };
  return spec.admit === undefined ? spec : { ...spec, admit: set(spec.admit) };
}

/** The threshold that decided: the rule's own, else the head's; undefined where no judge was asked. */
export function thresholdOf({ verify: { admit }, head }: Pick<Trace, 'verify' | 'head'>): number | undefined {
  const judge = admit === undefined ? undefined : partsOf(admit).find(({ name }) => name === 'judge');
  return judge === undefined ? undefined : (judge.parameters[0] ?? head?.threshold);
}

/** Why other rules cannot be asked about a trace, as a sentence; undefined where they can. */
export function whyNotReplanned(
  { sampling, verify: { base } }: Trace,
  spec: RuleSpec,
  rules: readonly RuleRow[] = RULES,
): string | undefined {
  if (sampling.temperature !== 0)
    return 'This text was sampled. A trace keeps no random numbers, so it cannot say what another rule would have drawn.';
  if (base.name !== 'strict')
    return `This trace was verified by ${base.name}, which reads whole distributions, and a trace keeps none.`;
  try {
    const { base: built, admission } = buildRule(spec, { sampling, head: savedHead(1) }, rules);
    const missing =
      notInTraces(built.needs) ?? (admission === undefined ? undefined : notInTraces(admission.needs));
    return missing === undefined ? undefined : `It needs ${missing}, which a trace does not keep.`;
  } catch (error) {
    if (JudgeDecodingError.is(error)) return error.message;
    throw error;
  }
}

/**
 * Decides every round again under `spec`, each on its own draft and its own text: what a round would have
 * accepted, not the text that would have followed. Errors: `unsupported` where `whyNotReplanned` says why.
 */
export function replan(
  trace: Trace,
  spec: RuleSpec,
  rules: readonly RuleRow[] = RULES,
): readonly Replanned[] {
  const why = whyNotReplanned(trace, spec, rules);
  if (why !== undefined) throw new JudgeDecodingError('unsupported', why);
  const head = savedHead(trace.head?.threshold ?? 1);
  const rule = buildRule(spec, { sampling: trace.sampling, head }, rules);
  const endTokens = new Set(trace.target.endTokens);
  return trace.rounds.map((traced, index) => {
    const { round, guards, stopped } = rebuiltRound(trace, index);
    const verdict = verify(round, rule, guards);
    const written = round.text.length - trace.prompt.length;
    const limits: Limits = {
      endTokens,
      // a special token that stands among the stop texts stops by its name, which no trace tells apart
      stopTokens: NONE,
      remaining: (trace.maxTokens ?? Number.POSITIVE_INFINITY) - written,
      whenUsedUp: 'length',
      withholdBonus: false,
    };
    const { tokens: ids, sources } = commit(traced.draft, verdict, limits, stopped);
    const tokens = ids.map((id, at): CommittedToken => {
      const source = sources[at]!;
      const score = source === 'recovered' || source === 'bonus' ? undefined : traced.scores[at];
      return { id, source, ...(typeof score === 'number' ? { score } : {}) };
    });
    const accepted = sources.filter((source) => source !== 'recovered' && source !== 'bonus').length;
    return { tokens, accepted, differs: !alike(tokens, traced.tokens) };
  });
}

const NONE: ReadonlySet<TokenId> = new Set();

/** The same tokens, let in by the same. */
const alike = (now: readonly CommittedToken[], then: readonly CommittedToken[]): boolean =>
  now.length === then.length &&
  then.every(({ id, source }, index) => now[index]?.id === id && now[index]?.source === source);
