import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { type Fingerprint, JudgeDecodingError } from '@judge-decoding/core';
import { defaultCacheFolder } from '@judge-decoding/onnx/cache';
import type { TracedModel } from '@judge-decoding/trace';
import { embeddedPair } from '../pocket/embedded-pair.ts';
import type { Terminal } from '../terminal.ts';

/**
 * Where a trace's model is on this machine: where it was, else wherever the same model is at hand: in
 * $JUDGE_MODELS under its name, or in the embedded pair. What lies elsewhere is known by its fingerprint.
 */
export async function findTraced(
  { folder, fingerprint }: TracedModel,
  which: 'target' | 'draft',
  env: Terminal['env'],
): Promise<string> {
  if (existsSync(folder)) return folder;
  const embedded = await embeddedPair(env);
  const { JUDGE_MODELS } = env;
  // the trace may be from a system with other separators
  const name = basename(folder.replaceAll('\\', '/'));
  const elsewhere = [embedded[which], ...(JUDGE_MODELS ? [join(JUDGE_MODELS, name)] : [])];
  for (const place of elsewhere) {
    if (existsSync(place) && (await isSame(place, fingerprint, env))) return place;
  }
  throw new JudgeDecodingError(
    'not-found',
    `Expected the trace’s ${which} ${folder} with the weights ${fingerprint.weights.slice(0, 12)}: it is not there, and not in the embedded pair or $JUDGE_MODELS. Name it with --${which} MODEL.`,
  );
}

async function isSame(place: string, wanted: Fingerprint, env: Terminal['env']): Promise<boolean> {
  try {
    const checkpoint = await openCheckpoint(place, { cacheFolder: defaultCacheFolder(env) });
    try {
      const { architecture, tokenizer, weights } = await checkpoint.fingerprint();
      return (
        architecture === wanted.architecture && tokenizer === wanted.tokenizer && weights === wanted.weights
      );
    } finally {
      await checkpoint.dispose();
    }
  } catch {
    return false;
  }
}
