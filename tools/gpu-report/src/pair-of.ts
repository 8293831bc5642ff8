import { join } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import type { Run } from './run.ts';

/**
 * The pocket pair by the weights of target and draft. It stands before the names of items: what one pair did is not
 * another's, and pairs change while the engine stays.
 */
export async function pairOf({ pair }: Pick<Run, 'pair'>): Promise<string> {
  const [target, draft] = [await weightsOf(join(pair, 'target')), await weightsOf(join(pair, 'draft'))];
  return `${shortWeights(target)}+${shortWeights(draft)}`;
}

async function weightsOf(folder: string): Promise<string> {
  const checkpoint = await openCheckpoint(folder);
  try {
    return (await checkpoint.fingerprint()).weights;
  } finally {
    await checkpoint.dispose();
  }
}

export const shortWeights = (weights: string): string => weights.slice(0, 12);

/** Of results from before pairs were told apart: docs/gpu says which it was. */
export const NOT_RECORDED = 'an earlier one';
