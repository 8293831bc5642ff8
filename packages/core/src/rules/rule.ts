import type { HeadTerm, ModelInfo, OutputRequest, TokenId, VerifyLaw } from '../backend.ts';
import { invalidOption, JudgeDecodingError } from '../errors.ts';
import type { JudgeHead } from '../judge/judge-head.ts';
import type { Uniform } from '../sampling/random.ts';
import type { Rows } from '../sampling/rows.ts';
import type { Reach, ReachWithin } from './reach.ts';

/**
 * Everything a rule may look at. draft[i] (c_(i+1) in the paper) is predicted by row i and read
 * into row i + 1: standard verification looks at row i, the judge at row i + 1.
 */
export interface Round {
  /** The committed text; its last token is what the draft continues. */
  readonly text: readonly TokenId[];
  readonly draft: readonly TokenId[];
  /** What the target decides by: processed when sampling or under logit processors. draft.length + 1 rows. */
  readonly target: Rows;
  /** What admissions read: the raw softmax at temperature 1 under greedy decoding, otherwise as `target`. */
  readonly belief: Rows;
  /** The draft's distributions, likewise; draft.length rows. One-hot for sources that have none. */
  readonly draftTarget: Rows;
  readonly draftBelief: Rows;
  /** Dot product of a head's term with the target's hidden state in that row. */
  readonly dot: (term: HeadTerm, row: number) => number;
  readonly uniform: Uniform;
}

/** What a rule must be given. `draft` is 'full' where a one-hot distribution would be meaningless. */
export interface Needs {
  readonly target: OutputRequest;
  readonly draft: 'nothing' | 'distribution' | 'full';
}

/** Where a committed token comes from; an accepted one may also carry the name of the admission. */
export type TokenSource = 'standard' | 'recovered' | 'bonus' | (string & {});

interface BaseFacts {
  readonly name: string;
  readonly needs: Needs;
  /** Which decoding it is defined for. */
  readonly decoding: 'greedy' | 'sampling' | 'either';
  /** True only where the output keeps the target's distribution. */
  readonly lossless: boolean;
  /** What a device that decides rounds itself is told; absent where only the host can decide. */
  readonly law?: VerifyLaw;
}

/** Decides position by position, so that an admission may overrule a rejection. */
export interface TokenwiseBase extends BaseFacts {
  readonly kind: 'token-wise';
  accepts(round: Round, index: number): boolean;
  /** The token at the first rejection. */
  recovered(round: Round, index: number): TokenId;
  /** The token after a full acceptance, or without a draft: the target's own, by the row after the last drafted token. */
  bonus(round: Round): TokenId;
}

/** Decides the whole draft together. */
export interface JointBase extends BaseFacts {
  readonly kind: 'joint';
  /** How many drafted tokens are kept, and what follows them (recovered or, when all are kept, the bonus). */
  decide(round: Round): { readonly accepted: number; readonly next: () => TokenId };
}

export type Base = TokenwiseBase | JointBase;

/** May let in a token that the base rejects. */
export interface Admission {
  /** Also the source of the tokens it lets in: 'judge', 'kl' … */
  readonly name: string;
  readonly needs: Needs;
  readonly decoding: 'greedy' | 'either';
  /** `soFar` holds the sources of draft[0 .. index - 1], all accepted. */
  admits(round: Round, index: number, soFar: readonly TokenSource[]): boolean;
  /** The judge's score of draft[index] as a logit, where there is a judge. */
  readonly logit?: (round: Round, index: number) => number;
  /** Every judge head inside, so that callers can check them against the target. */
  readonly heads?: readonly JudgeHead[];
  /** The same for the target that it is used on, where something depends on that (the type of its weights, say). */
  readonly forModel?: (model: ModelInfo) => Admission;
  /** What it can let in at all, by its numbers; any token where absent. A rule is called lossless by it. */
  readonly reach?: (within: ReachWithin) => Reach;
}

/** A base and at most one admission (compose several with `anyOf` and `allOf`). */
export interface Rule {
  readonly name: string;
  readonly base: Base;
  readonly admission?: Admission;
}

/**
 * Puts a rule together and refuses what has no meaning.
 *
 * @throws JudgeDecodingError `invalid-option` for parts that do not go together, or are no parts of a rule
 */
export function rule(base: Base, admission?: Admission): Rule {
  if (base?.kind !== 'token-wise' && base?.kind !== 'joint')
    throw invalidOption('base', 'a base, such as `exactMatch()` or `lossless()`', base);
  if (admission !== undefined && typeof admission?.admits !== 'function')
    throw invalidOption('admission', 'an admission, such as `judged(head)` or `topK(2)`', admission);
  if (admission === undefined) return { name: base.name, base };
  if (base.kind === 'joint') {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected no admission beside \`${base.name}\`, got \`${admission.name}\`. It decides the whole draft jointly: after an admission its residual distribution means nothing. Use \`lossless\` as the base.`,
    );
  }
  if (base.decoding === 'sampling' && admission.decoding === 'greedy') {
    throw new JudgeDecodingError(
      'invalid-option',
      `\`${admission.name}\` is defined for greedy decoding only, \`${base.name}\` for sampling only. Use \`exactMatch()\` as the base.`,
    );
  }
  return { name: `${base.name}+${admission.name}`, base, admission };
}

/** The rule with the numbers that its admission takes for this target. */
export function forModel(rule: Rule, model: ModelInfo): Rule {
  const admission = rule.admission?.forModel?.(model);
  return admission === undefined ? rule : { ...rule, admission };
}

/** The outputs that serve both. */
export function unite(a: OutputRequest, b: OutputRequest): OutputRequest {
  const top = Math.max(a.top ?? 0, b.top ?? 0);
  const judge = [...new Set([...(a.judge ?? []), ...(b.judge ?? [])])];
  const hidden = [...new Set([...(a.hidden ?? []), ...(b.hidden ?? [])])];
  return {
    ...(a.argmax || b.argmax ? { argmax: true } : {}),
    ...(a.chosen || b.chosen ? { chosen: true } : {}),
    ...(a.logits || b.logits ? { logits: true } : {}),
    ...(top > 0 ? { top } : {}),
    ...(judge.length > 0 ? { judge } : {}),
    ...(hidden.length > 0 ? { hidden } : {}),
  };
}

const DRAFT_NEEDS = ['nothing', 'distribution', 'full'] as const;

export function uniteNeeds(a: Needs, b: Needs): Needs {
  const draft = DRAFT_NEEDS[Math.max(DRAFT_NEEDS.indexOf(a.draft), DRAFT_NEEDS.indexOf(b.draft))]!;
  return { target: unite(a.target, b.target), draft };
}
