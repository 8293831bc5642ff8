import { rm, stat } from 'node:fs/promises';
import { invalidOption, type Model, type Session } from '@judge-decoding/core';
import { claimFolder, isOurs, type ShardShare } from '@judge-decoding/long-work';
import { seededRandom } from '@judge-decoding/tasks';
import { type AfterError, type LabelledSolution, targetsOf } from '../labels/labelled-solution.ts';
import type { LabelledData } from '../labels/read-solutions.ts';
import type { Watch } from '../progress.ts';
import { type BlockOptions, readBlocks } from './block-rows.ts';
import { type FeatureName, writeShard } from './feature-shard.ts';
import { type RowCollector, rowCollector } from './row-collector.ts';

export interface FeatureOptions extends Watch {
  readonly data: LabelledData;
  /** The model whose states the head will read. */
  readonly target: Model;
  /** Read beside it where states of the draft are asked for, or `divergence`. */
  readonly draft?: Model | undefined;
  /** Where the shards lie; one that was begun before is continued. */
  readonly folder: string;
  readonly states?: readonly FeatureName[];
  /** The width of verification at inference, less one. */
  readonly draftLength?: number;
  readonly afterError?: AfterError;
  /**
   * Share of the correct tokens kept where the target agrees anyway, 0 to 1. They are most of all
   * tokens, and no judge is ever asked about them. Every other labelled token is kept.
   */
  readonly keepAgreed?: number;
  readonly seed?: number;
  readonly solutionsPerShard?: number;
  /** Several processes may share a folder; each is given its share. */
  readonly share?: ShardShare;
}

/**
 * The target's hidden states, and what it thinks, at every labelled token: from passes of the
 * same width as at inference. End and special tokens are left out, for no judge ever admits one.
 * Killed and started again, it continues after the last whole shard and ends with the same data; of labels that
 * have grown it reads the states that are new.
 */
export async function extractFeatures(options: FeatureOptions): Promise<void> {
  const {
    data,
    target,
    draft,
    folder,
    states = ['pre-norm', 'post-norm'],
    draftLength = 16,
    afterError = 'mask',
    keepAgreed = 1,
    seed = 0,
    solutionsPerShard = 64,
    signal,
    onProgress,
  } = options;
  if (!Number.isInteger(draftLength) || draftLength < 1)
    throw invalidOption('draftLength', 'a whole number of at least 1', draftLength);
  if (!(keepAgreed >= 0 && keepAgreed <= 1))
    throw invalidOption('keepAgreed', 'a number from 0 to 1', keepAgreed);
  if (draft === undefined && states.some((name) => name.startsWith('draft-')))
    throw invalidOption('draft', 'a model where its states are asked for', draft);
  const { info } = target;
  const settings = {
    kind: 'features',
    version: 3,
    data: data.fingerprint,
    solutions: data.solutions.length,
    solutionsPerShard,
    states,
    draftLength,
    afterError,
    keepAgreed,
    seed,
    target: {
      fingerprint: info.fingerprint,
      dtype: info.dtype,
      device: info.device,
      hiddenSize: info.hiddenSize,
    },
    draft: draft?.info.fingerprint ?? null,
  };
  await claimFolder(folder, settings, {
    // labels may have grown since
    of: ['data', 'solutions'],
    async bringUp({ data: before, solutions }) {
      const count = solutions as number;
      if (!(count < data.solutions.length) || data.fingerprintOfFirst?.(count) !== before) return false;
      // the last shard was not full
      if (count % solutionsPerShard > 0)
        await rm(featurePath(folder, Math.floor(count / solutionsPerShard)), { force: true });
      return true;
    },
  });
  const never = new Set([...info.specialTokens, ...info.endTokens]);
  const sessions: Session[] = [];
  const open = async (model: Model) => {
    const session = await model.openSession();
    sessions.push(session);
    return { session, ...model.info };
  };
  let reading: BlockOptions | undefined;
  try {
    for (let start = 0, shard = 0; start < data.solutions.length; start += solutionsPerShard, shard++) {
      const path = featurePath(folder, shard);
      const part = data.solutions.slice(start, start + solutionsPerShard);
      if (isOurs(shard, options.share) && !(await isThere(path))) {
        reading ??= {
          states,
          draftLength,
          signal,
          target: await open(target),
          draft: draft === undefined ? undefined : await open(draft),
        };
        const rows = rowCollector(info.hiddenSize, states);
        for (const [index, solution] of part.entries()) {
          await collect(solution, { rows, index, reading, never, afterError, keepAgreed, seed });
          onProgress?.({ phase: 'features', done: start + index + 1, total: data.solutions.length });
        }
        await writeShard(
          path,
          rows.finish(part.map(({ problem, domain, source }) => ({ problem, domain, source }))),
        );
      }
      onProgress?.({ phase: 'features', done: start + part.length, total: data.solutions.length });
    }
  } finally {
    for (const session of sessions) await session.dispose();
  }
}

interface Collecting extends Required<Pick<FeatureOptions, 'afterError' | 'keepAgreed' | 'seed'>> {
  readonly rows: RowCollector;
  /** Of the solution in its shard. */
  readonly index: number;
  readonly reading: BlockOptions;
  /** Tokens that no judge is ever asked about. */
  readonly never: ReadonlySet<number>;
}

/** The rows of one solution, and of what might have stood in it. */
async function collect(solution: LabelledSolution, how: Collecting): Promise<void> {
  const { rows, index, reading, never, keepAgreed } = how;
  const labels = targetsOf(solution.labels, how.afterError).map((label, i) =>
    never.has(solution.solution[i]!) ? -1 : label,
  );
  const end = lastLabelled(labels) + 1;
  const swaps = (solution.swaps ?? []).filter(({ token }) => !never.has(token));
  if (end === 0 && swaps.length === 0) return;
  const keep = seededRandom('keep', how.seed, solution.problem, solution.source);
  // as far as the last block in which something is swapped in, so that the cache has what goes before it
  const { draftLength } = reading;
  const last = Math.max(end, ...swaps.map(({ position }) => position - (position % draftLength)));
  // one number a token, so that what is kept does not depend on what was kept before
  const chances = Array.from({ length: last }, keep);
  const blocks = await readBlocks(solution.prompt, solution.solution, reading);
  for await (const row of blocks.own(last, (position) => labels[position]! >= 0)) {
    const correct = labels[row.position]!;
    if (correct === 1 && row.argmax === row.token && chances[row.position]! >= keepAgreed) continue;
    rows.add(index, row, correct);
  }
  // from the end on: what goes before a block stays as it is
  for (const swap of [...swaps].sort((a, b) => b.position - a.position))
    rows.add(index, await blocks.swapped(swap), Number(swap.correct), true);
}

export const featurePath = (folder: string, shard: number): string =>
  `${folder}/features-${String(shard).padStart(5, '0')}.safetensors`;

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

function lastLabelled(labels: Int8Array): number {
  for (let i = labels.length - 1; i >= 0; i--) if (labels[i]! >= 0) return i;
  return -1;
}
