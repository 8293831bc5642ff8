import { JudgeDecodingError, type Model, type Session, type TokenId } from '@judge-decoding/core';
import type { TaskProblem } from '@judge-decoding/tasks';

/** The choice that the model would most likely write, and ln p of each. */
export interface LikeliestChoice {
  readonly index: number;
  readonly tokens: readonly TokenId[];
  readonly logProbs: readonly number[];
}

/**
 * Grades multiple choice by log-likelihood, as MMLU's authors do: ln p(choice | prompt), the tokens of a
 * choice added up. It is always the target's: no rule of acceptance has a say in it. The session is
 * left at the prompt.
 *
 * @throws JudgeDecodingError `unsupported` for a problem without choices.
 */
export async function likeliestChoice({
  model,
  session,
  problem,
}: {
  readonly model: Model;
  readonly session: Session;
  readonly problem: Pick<TaskProblem, 'id' | 'prompt' | 'choices'>;
}): Promise<LikeliestChoice> {
  const { id, prompt, choices } = problem;
  if (choices === undefined || choices.continuations.some((one) => one.length === 0))
    throw new JudgeDecodingError(
      'unsupported',
      `The arm \`likelihood\` compares choices, and ${id} has none. Leave it out.`,
    );
  const before = prompt.length - 1;
  session.truncate(0);
  for (let start = 0; start < before; start += model.info.prefillChunk)
    await session.forward(prompt.slice(start, Math.min(start + model.info.prefillChunk, before)), {});
  const logProbs: number[] = [];
  for (const continuation of choices.continuations) {
    const { chosen } = await session.forward([prompt[before]!, ...continuation], { chosen: true });
    session.truncate(before);
    logProbs.push(chosen.reduce((sum, one) => sum + one, 0));
  }
  const index = logProbs.indexOf(Math.max(...logProbs));
  return { index, tokens: choices.continuations[index]!, logProbs };
}
