import { JudgeDecodingError } from '@judge-decoding/core';
import { readIfThere, sha256 } from '@judge-decoding/long-work';
import { type LabelledSolution, parseSolution } from './labelled-solution.ts';
import { shardPath } from './labeller.ts';

/** Labelled solutions, checked, and the digest that travels into heads as their data fingerprint. */
export interface LabelledData {
  readonly solutions: readonly LabelledSolution[];
  /** sha256 of the shards' bytes, in order. Hex. */
  readonly fingerprint: string;
}

/** Reads what `labelSolutions` wrote. A folder that is not finished is an error of code `invalid-file`. */
export async function readSolutions(folder: string): Promise<LabelledData> {
  const manifest = await readIfThere(`${folder}/manifest.json`);
  if (manifest === undefined)
    throw new JudgeDecodingError(
      'not-found',
      `No labelled solutions in \`${folder}\`: it has no manifest.json.`,
    );
  const { problems, problemsPerShard, solutionsPerProblem } = JSON.parse(manifest) as {
    readonly problems: { readonly count: number };
    readonly problemsPerShard: number;
    readonly solutionsPerProblem: number | null;
  };
  const shards: string[] = [];
  for (let shard = 0; shard * problemsPerShard < problems.count; shard++) {
    const text = await readIfThere(shardPath(folder, shard));
    if (text === undefined) {
      throw new JudgeDecodingError(
        'invalid-file',
        `\`${folder}\` is not finished: ${shardPath(folder, shard)} is missing. Start the labelling again, it continues there.`,
      );
    }
    shards.push(text);
  }
  const solutions = shards.flatMap((text, shard) => parseSolutions(text, shardPath(folder, shard)));
  const expected = solutionsPerProblem === null ? solutions.length : problems.count * solutionsPerProblem;
  if (solutions.length !== expected) {
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected ${expected} solutions in \`${folder}\`, got ${solutions.length}. Remove the folder and label again.`,
    );
  }
  return { solutions, fingerprint: sha256(...shards) };
}

/** Solutions from JSONL; `name` is for error messages. */
export const parseSolutions = (text: string, name: string): LabelledSolution[] =>
  text
    .split('\n')
    .map((line, i) => [line, i] as const)
    .filter(([line]) => line !== '')
    .map(([line, i]) => parseSolution(line, `${name}:${i + 1}`));
