import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { Terminal } from '../terminal.ts';

/** Where the pair that comes with judge-decoding lies. */
export interface EmbeddedPair {
  readonly target: string;
  readonly draft: string;
  /** The pair's usual head. */
  readonly head: string;
}

/** `JUDGE_POCKET` points to another folder with `target`, `draft` and `heads` in it, for those who train one. */
export async function embeddedPair(env: Terminal['env']): Promise<EmbeddedPair> {
  const { JUDGE_POCKET } = env;
  const { targetFolder, draftFolder, headFile, USUAL_HEAD } = await import('@judge-decoding/pocket-pair');
  if (JUDGE_POCKET) {
    return {
      target: join(JUDGE_POCKET, 'target'),
      draft: join(JUDGE_POCKET, 'draft'),
      head: join(JUDGE_POCKET, 'heads', `${USUAL_HEAD}.safetensors`),
    };
  }
  return { target: targetFolder, draft: draftFolder, head: headFile(USUAL_HEAD) };
}

export const isThere = ({ target, draft }: EmbeddedPair): boolean => existsSync(target) && existsSync(draft);

/** The pair, or an error that says what to do without it. */
export async function requireEmbeddedPair(env: Terminal['env']): Promise<EmbeddedPair> {
  const pair = await embeddedPair(env);
  if (isThere(pair)) return pair;
  throw new JudgeDecodingError(
    'not-found',
    `Expected the embedded pocket pair at ${pair.target}, found nothing. Name your own models with --target and --draft.`,
  );
}
