import {
  type AbortSignalLike,
  invalidOption,
  type Model,
  type TokenId,
  throwIfAborted,
} from '@judge-decoding/core';
import { sha256 } from '@judge-decoding/long-work';
import { seededRandom, type TaskProblem } from '@judge-decoding/tasks';
import { continueGreedily, fillTo, mostTokens } from './continuation.ts';
import { draftChoices } from './draft-choices.ts';
import type { LabelledSolution, Swap } from './labelled-solution.ts';
import type { LabelSource } from './labeller.ts';
import { type LanePair, lanePairs } from './lane-pairs.ts';
import { sampleContinuation } from './sample-continuation.ts';

export interface EquivalenceOptions {
  readonly target: Model;
  readonly draft: Model;
  readonly maxTokens?: number;
  /**
   * `semi-greedy`, AutoJudge's walk: a draft token that changes nothing stays, and the walk goes on in
   * the text that followed it. `independent`: every mismatch of the target's own answer by itself.
   */
  readonly walk?: 'semi-greedy' | 'independent';
  /** Mismatches of a problem that are tried, picked by `seed`; all when absent. A walk ends after so many. */
  readonly mismatches?: number | undefined;
  /** Sampled continuations of each mismatch besides the greedy one; they vote. 0 when absent. */
  readonly samples?: number;
  readonly temperature?: number;
  readonly seed?: number;
  /**
   * What an answer comes to, to compare answers by: for problems that the target does not solve, which
   * are left out where this is absent (their labels are mostly noise), and those that nobody can grade.
   */
  readonly answerOf?: ((answer: readonly TokenId[]) => string | undefined) | undefined;
  /** Whether nothing that follows can change what an answer comes to. */
  readonly isOut?: ((answer: readonly TokenId[]) => boolean) | undefined;
  /** Problems side by side. 1 when absent: backends that cannot batch gain nothing. */
  readonly abreast?: number;
}

/**
 * AutoJudge's labels (arXiv 2504.20039): where draft and target differ in the target's answer, the
 * draft's token is put in, the target goes on from there, and the token is correct where the answer
 * still comes to the same. What both would write has no label.
 */
export function equivalenceLabels(options: EquivalenceOptions): LabelSource {
  const { target, draft, maxTokens = 420, walk = 'semi-greedy', mismatches, samples = 0 } = options;
  const { temperature = 0.7, seed = 0, answerOf, isOut, abreast = 1 } = options;
  if (walk !== 'semi-greedy' && walk !== 'independent')
    throw invalidOption('walk', 'semi-greedy or independent', walk);
  for (const [name, value, least] of [
    ['maxTokens', maxTokens, 1],
    ['mismatches', mismatches ?? 1, 1],
    ['samples', samples, 0],
    ['abreast', abreast, 1],
  ] as const)
    if (!Number.isInteger(value) || value < least)
      throw invalidOption(name, `a whole number of at least ${least}`, value);
  const rules = { walk, mismatches: mismatches ?? null, samples, temperature, seed, maxTokens };
  return {
    name: 'equivalence',
    settings: {
      ...rules,
      compared: answerOf === undefined ? 'grade' : 'answer',
      stopsEarly: isOut !== undefined,
      target: target.info.fingerprint,
      draft: draft.info.fingerprint,
    },
    abreast,
    async open() {
      const pairs = lanePairs({ target, draft });
      return {
        async label(problem, signal) {
          const found = await pairs.use((lanes) =>
            walkAnswer(problem, lanes, { ...options, ...rules, mismatches, signal }),
          );
          return found === undefined ? [] : [found];
        },
        dispose: () => pairs.dispose(),
      };
    },
  };
}

type Settled = 'walk' | 'samples' | 'temperature' | 'seed' | 'maxTokens';

interface Walking extends Omit<EquivalenceOptions, Settled>, Required<Pick<EquivalenceOptions, Settled>> {
  readonly signal: AbortSignalLike | undefined;
}

/** Nothing where the target's answer is no ground to compare with. */
async function walkAnswer(
  problem: TaskProblem,
  lanes: LanePair,
  how: Walking,
): Promise<LabelledSolution | undefined> {
  const { target, draft, walk, signal, isOut, maxTokens } = how;
  const { info } = target;
  const { prompt } = problem;
  const never = new Set([...info.specialTokens, ...info.endTokens]);
  const most = mostTokens(problem, maxTokens, how);
  await fillTo(lanes.target, prompt, prompt.length - 1, 0, info);
  let answer = await continueGreedily(lanes.target, prompt.at(-1)!, {
    info,
    maxTokens: most,
    isOut: isOut && ((tokens) => isOut(tokens.slice(1))),
    signal,
  });
  const compare = await comparing(problem, answer, how, never);
  if (compare === undefined) return undefined;

  /** Votes of the tokens that stayed, by their place. */
  const letters = new Map<number, readonly [correct: number, of: number]>();
  const swaps: Swap[] = [];
  /** Tokens of prompt and answer that each lane has rightly in it. */
  let common = prompt.length;
  let choices = await draftChoices(lanes.draft, prompt, answer, 0, 0, draft.info);
  let choicesFrom = 0;
  const differs = (at: number) => {
    const choice = choices[at - choicesFrom]!;
    return choice !== answer[at] && !never.has(choice) && !never.has(answer[at]!);
  };
  const chosen =
    how.mismatches === undefined ? undefined : pick(problem.id, how.mismatches, answer.length, differs, how);
  let tried = 0;
  for (let at = 0; at < answer.length; at++) {
    if (!differs(at) || (chosen !== undefined && walk === 'independent' && !chosen.has(at))) continue;
    if (how.mismatches !== undefined && tried === how.mismatches) break;
    throwIfAborted(signal);
    tried++;
    const token = choices[at - choicesFrom]!;
    const text = [...prompt, ...answer];
    const length = prompt.length + at;
    await fillTo(lanes.target, text, length, common, info);
    const continuation = await continueGreedily(lanes.target, token, {
      info,
      maxTokens: most - at - 1,
      like: answer.slice(at),
      isOut: isOut && ((tokens) => isOut([...answer.slice(0, at), ...tokens])),
      signal,
    });
    const changed = [...answer.slice(0, at), token, ...continuation];
    let right = Number(await compare(changed));
    for (let sample = 0; sample < how.samples; sample++) {
      const drawn = await sampleContinuation(lanes.target.session, token, {
        history: text.slice(0, length),
        info,
        maxTokens: most - at - 1,
        temperature: how.temperature,
        seed: Number.parseInt(sha256(`${how.seed}/${problem.id}/${at}/${token}/${sample}`).slice(0, 12), 16),
      });
      right += Number(await compare([...answer.slice(0, at), token, ...drawn]));
    }
    const votes = [right, how.samples + 1] as const;
    const correct = 2 * right > how.samples + 1;
    const said = { correct, ...(how.samples === 0 ? {} : { votes }) };
    common = length;
    if (correct && walk === 'semi-greedy') {
      answer = changed;
      letters.set(at, votes);
      // the greedy continuation is in the lane, unless samples were drawn over it
      common = how.samples === 0 ? lanes.target.length : length;
      choices = await draftChoices(lanes.draft, prompt, answer, at + 1, length, draft.info);
      choicesFrom = at + 1;
    } else swaps.push({ position: at, token, ...said });
  }
  return {
    problem: problem.id,
    domain: problem.domain,
    source: `equivalence-${walk}`,
    prompt,
    solution: answer,
    labels: answer.map((_, at) => (letters.has(at) ? 'o' : '-')).join(''),
    ...(how.samples === 0 ? {} : { votes: [...letters].map(([at, votes]) => [at, ...votes] as const) }),
    ...(swaps.length === 0 ? {} : { swaps }),
  };
}

/** Whether another answer comes to the same as the target's; nothing where that has no meaning. */
async function comparing(
  problem: TaskProblem,
  answer: readonly TokenId[],
  { answerOf }: Pick<EquivalenceOptions, 'answerOf'>,
  never: ReadonlySet<TokenId>,
): Promise<((changed: readonly TokenId[]) => Promise<boolean>) | undefined> {
  const bare = (tokens: readonly TokenId[]) => tokens.filter((token) => !never.has(token));
  if (answerOf !== undefined) {
    const ours = answerOf(bare(answer));
    return ours === undefined ? undefined : async (changed) => answerOf(bare(changed)) === ours;
  }
  if ((await problem.grade(answer)) !== true) return undefined;
  return async (changed) => (await problem.grade(changed)) === true;
}

/** So many of the places where draft and target differ. */
function pick(
  id: string,
  count: number,
  length: number,
  differs: (at: number) => boolean,
  { seed }: Pick<Walking, 'seed'>,
): ReadonlySet<number> {
  const random = seededRandom('mismatches', seed, id);
  const places = Array.from({ length }, (_, at) => at).filter(differs);
  for (let i = places.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [places[i], places[j]] = [places[j]!, places[i]!];
  }
  return new Set(places.slice(0, count));
}
