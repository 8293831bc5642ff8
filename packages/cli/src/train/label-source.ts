import { JudgeDecodingError, type Model, type TokenId } from '@judge-decoding/core';
import type { TaskProblem } from '@judge-decoding/tasks';
import { equivalenceLabels, exactLabels, type LabelSource, likelihoodLabels } from '@judge-decoding/train';
import { badFlag } from '../options/flag-value.ts';
import { LABEL_WAYS, type LabelWay, type TrainFlags } from '../options/train-flags.ts';
import type { OpenedModel } from '../pair/open-pair.ts';
import type { TrainProblems } from './train-problems.ts';

export function labelWay({ label, questions, data }: TrainFlags): LabelWay {
  const way = label ?? (data !== undefined ? 'people' : questions === undefined ? 'exact' : 'equivalence');
  if (!(LABEL_WAYS as readonly string[]).includes(way))
    throw badFlag('--label', `one of ${LABEL_WAYS.join(', ')}`, way);
  if (way === 'people' && data === undefined)
    throw badFlag(
      '--data',
      'a file of marked answers where --label is people',
      '',
      'Mark some with `judge annotate`.',
    );
  if (way === 'exact' && questions !== undefined)
    throw badFlag(
      '--label',
      'equivalence, likelihood or people for questions of your own',
      way,
      'Only the pocket world’s truth is known down to the token.',
    );
  return way as LabelWay;
}

/** The way of labelling that the flags ask for; `people` has none: its labels are in a file. */
export function labelSource(
  flags: TrainFlags,
  way: Exclude<LabelWay, 'people'>,
  { target, draft }: { readonly target: OpenedModel; readonly draft: Model },
  { exact, questions }: TrainProblems,
): LabelSource<TaskProblem> {
  const {
    maxTokens = 420,
    seed = 0,
    abreast = 1,
    samples = 0,
    compare = way === 'likelihood' ? 'text' : 'grade',
    walk = 'semi-greedy',
  } = flags;
  const models = { target: target.model, draft, maxTokens };
  if (way === 'exact') {
    if (exact === undefined) throw badFlag('--label', 'another way than exact for these questions', way);
    return exactLabels({ ...models, seed }) as LabelSource<never> as LabelSource<TaskProblem>;
  }
  if (way === 'likelihood') {
    return likelihoodLabels({
      ...models,
      abreast,
      compares: compare as 'text' | 'choices',
      ...(flags.window === undefined ? {} : { window: flags.window }),
      ...(flags.mostLoss === undefined ? {} : { threshold: flags.mostLoss }),
    });
  }
  const [first] = questions.values();
  if (compare === 'answer' && first === undefined)
    throw badFlag('--compare', 'grade for the pocket world', compare);
  const textOf = (tokens: readonly TokenId[]) => target.tokenizer.decode(tokens);
  return equivalenceLabels({
    ...models,
    walk: walk as 'semi-greedy' | 'independent',
    mismatches: flags.mismatches,
    samples,
    seed,
    abreast,
    // all questions of a file have one shape: the first knows what an answer comes to
    ...(compare === 'answer' ? { answerOf: (tokens) => first!.answerOf(textOf(tokens)) } : {}),
    ...(first?.isOut === undefined ? {} : { isOut: (tokens) => first.isOut!(textOf(tokens)) }),
  });
}

/** Labels that say nothing are found before hours of work, not after them. */
export function requireGradable({ questions }: TrainProblems, way: LabelWay): void {
  if (way !== 'equivalence') return;
  // programs are graded by running them: they are not asked here
  const free = [...questions.values()].find(({ graded }) => !graded);
  if (free === undefined) return;
  throw new JudgeDecodingError(
    'invalid-input',
    `Expected questions whose answers can be compared, but nobody can grade those of \`${free.id}\` (free text). Use --label likelihood, or --label people.`,
  );
}
