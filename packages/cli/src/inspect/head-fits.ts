import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Checkpoint } from '@judge-decoding/checkpoint';
import { checkHead, JudgeDecodingError, type ModelInfo } from '@judge-decoding/core';
import type { Backends } from '../pair/backends.ts';
import { readHeadFile } from '../pair/read-head-file.ts';

export interface HeadFit {
  readonly file: string;
  readonly fits: boolean;
  readonly says: string;
}

/** Other weights (another dtype, say) are said, not refused: nothing runs here. */
export async function headFits(
  checkpoint: Checkpoint,
  files: readonly string[],
  backends: Backends,
): Promise<readonly HeadFit[]> {
  if (files.length === 0) return [];
  const { name, config } = checkpoint;
  const fingerprint = await checkpoint.fingerprint();
  const model = {
    name,
    hiddenSize: config.hiddenSize,
    dtype: 'fp32',
    fingerprint,
  } satisfies Partial<ModelInfo>;
  const found: HeadFit[] = [];
  for (const file of files) {
    const head = await readHeadFile(file);
    try {
      const notices = checkHead(head, model as ModelInfo, { allowOtherWeights: true });
      const on = Object.entries(backends).flatMap(([backend, { states }]) =>
        head.terms.every(({ state }) => states.includes(state)) ? [backend] : [],
      );
      const reads = [...new Set(head.terms.map(({ state }) => state))].join(' and ');
      const says = [`Reads ${reads}, scored by ${on.join(', ') || 'no backend here'}.`, ...notices];
      found.push({ file, fits: true, says: says.join(' ') });
    } catch (error) {
      if (!JudgeDecodingError.is(error, 'mismatch')) throw error;
      found.push({ file, fits: false, says: error.message });
    }
  }
  return found;
}

/** Heads that lie where a pair keeps them: in a folder `heads` within the model's or beside it. */
export async function headsBeside(location: string): Promise<readonly string[]> {
  const folders = [join(location, 'heads'), join(dirname(resolve(location)), 'heads')];
  const found = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(folder).catch(() => []))
        .filter((name) => name.endsWith('.safetensors'))
        .sort()
        .map((name) => join(folder, name)),
    ),
  );
  return found.flat();
}
