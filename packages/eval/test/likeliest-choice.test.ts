import { toyPair } from '@judge-decoding/backend-contract';
import { JudgeDecodingError, softmax } from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { likeliestChoice, parseArms, rowList, runArms } from '../src/index.ts';
import { steadyClock } from './toy-problems.ts';

const { target } = toyPair({ agreement: 0.6, seed: 4, sharpness: 0.5, context: 128 });
const prompt = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const continuations = [[5], [6, 7], [8], [9, 10, 11]];

/** ln p of each token, one pass a token and a softmax by hand. */
async function byHand(continuation: readonly number[]): Promise<number> {
  const session = await target.openSession();
  let sum = 0;
  let { logits } = await session.forward(prompt, { logits: true });
  for (const token of continuation) {
    const last = logits.slice(-target.info.vocabSize);
    sum += Math.log(softmax(last)[token]!);
    ({ logits } = await session.forward([token], { logits: true }));
  }
  await session.dispose();
  return sum;
}

test('each choice has the log-probability that its tokens have one by one', async () => {
  const session = await target.openSession();
  const found = await likeliestChoice({
    model: target,
    session,
    problem: { id: 'q', prompt, choices: { continuations, right: 0 } },
  });
  await session.dispose();
  const expected = await Promise.all(continuations.map(byHand));
  for (const [index, logProb] of expected.entries()) expect(found.logProbs[index]).toBeCloseTo(logProb, 4);
  expect(found.index).toBe(expected.indexOf(Math.max(...expected)));
  expect(found.tokens).toEqual(continuations[found.index]);
});

test('as an arm it is graded like any other answer, and refused where there are no choices', async () => {
  const problem = (right: number) => ({
    id: `q${right}`,
    domain: 'd',
    prompt,
    choices: { continuations, right },
    grade: (solution: readonly number[]) => solution.join() === continuations[right]!.join(),
  });
  const sink = rowList();
  const options = {
    target,
    draft: 'none',
    arms: parseArms('likelihood', { draftLength: 4 }),
    now: steadyClock(),
  } as const;
  await runArms({ ...options, sink, problems: continuations.map((_, right) => problem(right)) });
  expect(sink.rows.filter(({ correct }) => correct)).toHaveLength(1);
  const { choices: _, ...without } = problem(0);
  await expect(runArms({ ...options, sink: rowList(), problems: [without] })).rejects.toSatisfy((error) =>
    JudgeDecodingError.is(error, 'unsupported'),
  );
});
