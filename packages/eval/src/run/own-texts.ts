import { join } from 'node:path';
import { type AbortSignalLike, JudgeDecodingError, type Model } from '@judge-decoding/core';
import { readIfThere, writeAtomically } from '@judge-decoding/long-work';
import type { TaskProblem } from '@judge-decoding/tasks';
import { type Divergence, findDivergences } from './divergences.ts';
import { readResults } from './result-folder.ts';

/** Arms that promise a model's own text when decoding is greedy, and whose: the arm that writes it plainly. */
export const OWN_TEXTS = [
  { arm: 'strict', plain: 'plain' },
  { arm: 'everything-unguarded', plain: 'draft' },
] as const;

const FILE = 'divergences.json';

/** What was measured where such a text left the model's own. */
export async function readDivergences(folder: string): Promise<readonly Divergence[]> {
  const path = join(folder, FILE);
  const text = await readIfThere(path);
  if (text === undefined) return [];
  try {
    return JSON.parse(text) as readonly Divergence[];
  } catch (cause) {
    throw new JudgeDecodingError('invalid-file', `Expected JSON in \`${path}\`. Remove it to do without.`, {
      cause,
    });
  }
}

/** Measures every place where an arm that promises a model's own text leaves it, of these problems. */
export async function measureDivergences(
  folder: string,
  {
    problems,
    target,
    draft,
    signal,
  }: {
    readonly problems: readonly TaskProblem[];
    readonly target: Model;
    readonly draft: Model | undefined;
    readonly signal?: AbortSignalLike | undefined;
  },
): Promise<void> {
  const { rows } = await readResults(folder);
  const ours = new Set(problems.map(({ id }) => id));
  const found: Divergence[] = (await readDivergences(folder)).filter(({ problem }) => !ours.has(problem));
  const before = found.length;
  for (const { arm, plain } of OWN_TEXTS) {
    const model = plain === 'draft' ? draft : target;
    if (model === undefined) continue;
    const { divergences } = await findDivergences({ rows, problems, model, plainArm: plain, arm, signal });
    found.push(...divergences);
  }
  if (found.length > before || (await readIfThere(join(folder, FILE))) !== undefined)
    await writeAtomically(join(folder, FILE), `${JSON.stringify(found, null, 1)}\n`);
}
