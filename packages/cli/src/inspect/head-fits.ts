import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Checkpoint } from '@judge-decoding/checkpoint';
import { checkHead, JudgeDecodingError, type JudgeHead, type ModelInfo } from '@judge-decoding/core';
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
      const says = [
        ...(basename(file) === SHUFFLED ? [SHUFFLED_SAID] : []),
        `Reads ${readsOf(head)}, scored by ${on.join(', ') || 'no backend here'}.`,
        ...notices,
      ];
      found.push({ file, fits: true, says: says.join(' ') });
    } catch (error) {
      if (!JudgeDecodingError.is(error, 'mismatch')) throw error;
      found.push({ file, fits: false, says: error.message });
    }
  }
  return found;
}

/** What the fit calls the head that it fits to compare with. */
const SHUFFLED = 'shuffled.safetensors';
const SHUFFLED_SAID = 'A control, fitted on shuffled labels: not to be used.';

/** "pre-norm and pre-norm of the row before" */
function readsOf({ terms }: JudgeHead): string {
  const of = (wanted: JudgeHead['terms'][number]['row']) =>
    [...new Set(terms.filter(({ row }) => row === wanted).map(({ state }) => state))].join(' and ');
  const [own, before] = [of('own'), of('previous')];
  return [own, before === '' ? '' : `${before} of the row before`].filter((one) => one !== '').join(' and ');
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
