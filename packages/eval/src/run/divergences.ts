import { type AbortSignalLike, type Model, type TokenId, throwIfAborted } from '@judge-decoding/core';
import type { TaskProblem } from '@judge-decoding/tasks';
import { nearTieGap } from '@judge-decoding/trace';
import type { Row } from './row.ts';

/** Where a text that should be a model's own leaves it. */
export interface Divergence {
  readonly arm: string;
  readonly draftLength: number;
  readonly problem: string;
  /** Index of the first generated token that differs. */
  readonly position: number;
  readonly expected: TokenId;
  readonly got: TokenId;
  /** Between the plain row's two largest logits, in standard deviations of that row's logits. */
  readonly gap: number;
  /** The gap under which it is a near tie. */
  readonly allowed: number;
  /** A near tie, and the token that came is one of the two. */
  readonly excused: boolean;
}

/**
 * Compares the texts of an arm that promises a model's own with plain decoding's, and measures at
 * every first difference how near the tie was. Problems without a plain row are left out.
 */
export async function findDivergences(options: {
  readonly rows: readonly Row[];
  readonly problems: readonly TaskProblem[];
  /** The model whose own text was promised. */
  readonly model: Model;
  readonly plainArm: string;
  /** The arm that promises the plain text. */
  readonly arm: string;
  readonly signal?: AbortSignalLike | undefined;
}): Promise<{ readonly compared: number; readonly divergences: readonly Divergence[] }> {
  const { rows, problems, model, plainArm, arm: promising, signal } = options;
  const plain = new Map(rows.filter(({ arm }) => arm === plainArm).map((row) => [row.problem, row]));
  const prompts = new Map(problems.map(({ id, prompt }) => [id, prompt]));
  const compared = rows.filter(
    ({ arm, problem }) => arm === promising && plain.has(problem) && prompts.has(problem),
  );
  const divergences: Divergence[] = [];
  const different = compared.filter((row) => row.hash !== plain.get(row.problem)!.hash);
  if (different.length === 0) return { compared: compared.length, divergences };
  const session = await model.openSession();
  const allowed = nearTieGap(model.info.dtype);
  try {
    for (const row of different) {
      throwIfAborted(signal);
      const expected = plain.get(row.problem)!.tokens;
      let position = 0;
      while (position < expected.length && expected[position] === row.tokens[position]) position++;
      const prompt = prompts.get(row.problem)!;
      session.truncate(0);
      for (let start = 0; start < prompt.length - 1; start += model.info.prefillChunk)
        await session.forward(
          prompt.slice(start, Math.min(start + model.info.prefillChunk, prompt.length - 1)),
          {},
        );
      // one by one, as plain decoding did: where activations are rounded to 8 bits, the same tokens
      // read together give a row that differs by as much as a near tie
      const fed = [...prompt.slice(-1), ...expected.slice(0, position)];
      for (const token of fed.slice(0, -1)) await session.forward([token], {});
      const { logits } = await session.forward(fed.slice(-1), { logits: true });
      const { gap, best } = topTwo(logits);
      const got = row.tokens[position] ?? -1;
      divergences.push({
        arm: row.arm,
        draftLength: row.draftLength,
        problem: row.problem,
        position,
        expected: expected[position] ?? -1,
        got,
        gap,
        allowed,
        excused: gap < allowed && best.includes(got),
      });
    }
  } finally {
    await session.dispose();
  }
  return { compared: compared.length, divergences };
}

function topTwo(logits: Float32Array): { readonly gap: number; readonly best: readonly TokenId[] } {
  let [first, second] = [-1, -1];
  let [sum, squares] = [0, 0];
  for (const [id, logit] of logits.entries()) {
    sum += logit;
    squares += logit * logit;
    if (first < 0 || logit > logits[first]!) [first, second] = [id, first];
    else if (second < 0 || logit > logits[second]!) second = id;
  }
  const mean = sum / logits.length;
  const deviation = Math.sqrt(Math.max(0, squares / logits.length - mean * mean));
  return { gap: (logits[first]! - logits[second]!) / deviation, best: [first, second] };
}
