import { stat } from 'node:fs/promises';
import { type HiddenState, invalidOption, type Model, type Session } from '@judge-decoding/core';
import { claimFolder, isOurs, type ShardShare } from '@judge-decoding/long-work';
import { seededRandom } from '@judge-decoding/tasks';
import { type AfterError, type LabelledSolution, targetsOf } from '../labels/labelled-solution.ts';
import type { LabelledData } from '../labels/read-solutions.ts';
import type { Watch } from '../progress.ts';
import { blockRows } from './block-rows.ts';
import { writeShard } from './feature-shard.ts';
import { rowCollector } from './row-collector.ts';

export interface FeatureOptions extends Watch {
  readonly data: LabelledData;
  /** The model whose states the head will read. */
  readonly target: Model;
  /** Where the shards lie; one that was begun before is continued. */
  readonly folder: string;
  readonly states?: readonly HiddenState[];
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
 * Killed and started again, it continues after the last whole shard and ends with the same data.
 */
export async function extractFeatures(options: FeatureOptions): Promise<void> {
  const {
    data,
    target,
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
  const { info } = target;
  await claimFolder(folder, {
    kind: 'features',
    version: 1,
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
  });
  const judged = judgedBy(new Set([...info.specialTokens, ...info.endTokens]), afterError);
  let session: Session | undefined;
  try {
    for (let start = 0, shard = 0; start < data.solutions.length; start += solutionsPerShard, shard++) {
      const path = featurePath(folder, shard);
      const part = data.solutions.slice(start, start + solutionsPerShard);
      if (isOurs(shard, options.share) && !(await isThere(path))) {
        session ??= await target.openSession();
        const rows = rowCollector(info.hiddenSize, states);
        for (const [index, solution] of part.entries()) {
          const keep = seededRandom('keep', seed, solution.problem, solution.source);
          const labels = judged(solution);
          // whole blocks, as wide as at inference, as far as the text goes
          const end = Math.ceil((lastLabelled(labels) + 1) / draftLength) * draftLength;
          if (end === 0) continue;
          const block = {
            states,
            draftLength,
            prefillChunk: info.prefillChunk,
            hiddenSize: info.hiddenSize,
            signal,
          };
          for await (const row of blockRows(
            session,
            solution.prompt,
            solution.solution.slice(0, end),
            block,
          )) {
            const correct = labels[row.position]!;
            // one number a token, so that what is kept does not depend on what was kept before
            const chance = keep();
            if (correct < 0 || (correct === 1 && row.argmax === row.token && chance >= keepAgreed)) continue;
            rows.add(index, row, correct);
          }
        }
        await writeShard(
          path,
          rows.finish(part.map(({ problem, domain, source }) => ({ problem, domain, source }))),
        );
      }
      onProgress?.({ phase: 'features', done: start + part.length, total: data.solutions.length });
    }
  } finally {
    await session?.dispose();
  }
}

export const featurePath = (folder: string, shard: number): string =>
  `${folder}/features-${String(shard).padStart(5, '0')}.safetensors`;

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Labels of a solution, without those of tokens that no judge is ever asked about. */
const judgedBy = (never: ReadonlySet<number>, afterError: AfterError) => (solution: LabelledSolution) =>
  targetsOf(solution.labels, afterError).map((label, i) => (never.has(solution.solution[i]!) ? -1 : label));

function lastLabelled(labels: Int8Array): number {
  for (let i = labels.length - 1; i >= 0; i--) if (labels[i]! >= 0) return i;
  return -1;
}
