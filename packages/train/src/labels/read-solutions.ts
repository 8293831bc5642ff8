import { JudgeDecodingError } from '@judge-decoding/core';
import { readIfThere, sha256 } from '@judge-decoding/long-work';
import { type LabelledSolution, parseSolution } from './labelled-solution.ts';
import { shardPath } from './labeller.ts';

/** Labelled solutions, checked, and the digest that travels into heads as their data fingerprint. */
export interface LabelledData {
  readonly solutions: readonly LabelledSolution[];
  /** sha256 of the shards' bytes, in order. Hex. */
  readonly fingerprint: string;
  /** What it was when there were only so many solutions, the first ones; not known of labels of other origin. */
  readonly fingerprintOfFirst?: (solutions: number) => string;
}

/** What a folder holds of the problems that are to be labelled. */
export interface LabelledSoFar extends LabelledData {
  /** Problems whose shards are there, and all that were asked for. */
  readonly labelled: number;
  readonly asked: number;
}

/**
 * Reads what `labelWith` wrote. A folder that is not finished is an error of code `invalid-file`, unless
 * `unfinished` is `taken`: then it is what it holds so far.
 */
export async function readSolutions(
  folder: string,
  { unfinished = 'refused' }: { readonly unfinished?: 'refused' | 'taken' } = {},
): Promise<LabelledSoFar> {
  const manifest = await readIfThere(`${folder}/manifest.json`);
  if (manifest === undefined)
    throw new JudgeDecodingError(
      'not-found',
      `No labelled solutions in \`${folder}\`: it has no manifest.json.`,
    );
  const { problems, problemsPerShard, solutionsPerProblem } = manifestOf(manifest, `${folder}/manifest.json`);
  const shards: string[] = [];
  const paths: string[] = [];
  let labelled = 0;
  for (let shard = 0; shard * problemsPerShard < problems.count; shard++) {
    const path = shardPath(folder, shard);
    const text = await readIfThere(path);
    if (text === undefined) {
      if (unfinished === 'taken') continue;
      throw new JudgeDecodingError(
        'invalid-file',
        `\`${folder}\` is not finished: ${path} is missing. Start the labelling again, it continues there.`,
      );
    }
    shards.push(text);
    paths.push(path);
    labelled += Math.min(problemsPerShard, problems.count - shard * problemsPerShard);
  }
  const solutions = shards.flatMap((text, shard) => parseSolutions(text, paths[shard]!));
  const expected = solutionsPerProblem === null ? solutions.length : labelled * solutionsPerProblem;
  if (solutions.length !== expected) {
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected ${expected} solutions in \`${folder}\`, got ${solutions.length}. Remove the folder and label again.`,
    );
  }
  const fingerprintOfFirst = (count: number) =>
    sha256(
      ...linesOf(shards.join(''))
        .slice(0, count)
        .map((line) => `${line}\n`),
    );
  return { solutions, labelled, asked: problems.count, fingerprint: sha256(...shards), fingerprintOfFirst };
}

interface Manifest {
  readonly problems: { readonly count: number };
  readonly problemsPerShard: number;
  readonly solutionsPerProblem: number | null;
}

function manifestOf(text: string, path: string): Manifest {
  try {
    const manifest = JSON.parse(text) as Manifest & { readonly kind: string };
    const { kind, problems, problemsPerShard } = manifest;
    if (kind === 'labelled-solutions' && problems.count >= 1 && problemsPerShard >= 1) return manifest;
  } catch {
    // said below
  }
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected \`${path}\` to describe labelled solutions. Name the folder that a labelling wrote, or label again into another one.`,
  );
}

/** Solutions from JSONL; `name` is for error messages. */
export const parseSolutions = (text: string, name: string): LabelledSolution[] =>
  text
    .split('\n')
    .map((line, i) => [line, i] as const)
    .filter(([line]) => line !== '')
    .map(([line, i]) => parseSolution(line, `${name}:${i + 1}`));

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');
