import {
  buildRule,
  type CachedText,
  cachedText,
  forModel,
  GREEDY,
  guardsFor,
  JudgeDecodingError,
  type Needs,
  type Rule,
  stopMatcher,
  strict,
  unite,
} from '@judge-decoding/core';
import { askAgain, opinionsOf, scriptedDraft, watched } from '@judge-decoding/trace';
import type { Models } from './models.ts';
import type { OpinionRequest, RuleOpinions } from './protocol.ts';

/** What rules are asked with: the session of the target, and one of the draft for its distributions. */
export interface OpinionCaches {
  readonly target: CachedText;
  readonly draft?: CachedText;
}

export const openCaches = async ({ target, draft }: Models): Promise<OpinionCaches> => ({
  target: cachedText(await target.openSession()),
  ...(draft && { draft: cachedText(await draft.openSession()) }),
});

/**
 * Asks several rules about one draft: the target reads it once, with everything any of them needs, and each
 * gives its opinion of every token.
 */
export async function askRules(
  models: Models,
  caches: OpinionCaches,
  { prompt, text, draft, specs }: OpinionRequest,
): Promise<readonly RuleOpinions[]> {
  const { target, head } = models;
  const built = specs.map((spec): { spec: typeof spec; rule?: Rule; refused?: string } => {
    try {
      const rule = buildRule(spec, { sampling: GREEDY, head });
      const asksDraft = needsOf(rule).some((needs) => needs.draft !== 'nothing');
      return asksDraft && models.draft === undefined
        ? { spec, refused: 'It compares the target with a draft model, and there is none.' }
        : { spec, rule };
    } catch (error) {
      if (JudgeDecodingError.is(error)) return { spec, refused: error.message };
      throw error;
    }
  });
  const rules = built.flatMap(({ rule }) => (rule === undefined ? [] : [rule]));
  const everything = watched(strict(GREEDY), rules.flatMap(needsOf).reduce(together, NOTHING));
  const { round } = await askAgain(
    {
      trace: { prompt, sampling: GREEDY, seed: 0, guards: {} },
      target,
      stop: {},
      rule: everything,
      allowOtherWeights: true,
      signal: { aborted: false },
    },
    text,
    caches.target,
    scriptedDraft(draft, models.draft, caches.draft),
  );
  const guards = guardsFor(target.info, {}, stopMatcher({}));
  return built.map(({ spec, rule, refused }) =>
    rule === undefined
      ? { spec, opinions: [], refused: refused! }
      : { spec, opinions: opinionsOf(round, rule.base, forModel(rule, target.info).admission, guards) },
  );
}

const NOTHING: Needs = { target: {}, draft: 'nothing' };
const ORDER = ['nothing', 'distribution', 'full'] as const;

const needsOf = ({ base, admission }: Rule): readonly Needs[] =>
  admission === undefined ? [base.needs] : [base.needs, admission.needs];

const together = (a: Needs, b: Needs): Needs => ({
  target: unite(a.target, b.target),
  draft: ORDER[Math.max(ORDER.indexOf(a.draft), ORDER.indexOf(b.draft))]!,
});
